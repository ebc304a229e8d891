/**
 * What will be otherwise on the wire once the policy takes the place of the old configuration.
 *
 * @module
 */

import { show } from "./dangers.ts";
import { type Difference, type Facts, type Rule, listed, when } from "./difference.ts";
import { compareGrantedOrigins, matches } from "./granted-origins.ts";
import { LIST_RULES } from "./list-differences.ts";
import { LIBRARY_NAMES, type OldCors } from "./old-cors.ts";
import type { Plan } from "./plan-policy.ts";

/** Empty if nothing was granted before, as nothing is granted without a policy either. */
export function findDifferences(old: OldCors, plan: Plan): Difference[] {
  const { config } = plan;
  if (config === null) return [];
  if (old.isDelegated) {
    const text = "The options are computed for each request, so everything may differ from what the policy says.";
    return [{ id: "options/delegated", text, old: "a function decides", new: "the policy decides" }];
  }
  const isAnyHeader = config.requestHeaders === "*" || config.requestHeaders?.includes("*") === true;
  const facts: Facts = {
    old,
    plan,
    config,
    isStatic: config.origins === "*",
    namesHeaders: isAnyHeader && config.credentials === true,
    namesMethod: config.methods === "*" && config.credentials === true,
    sendsToRefused: old.library === "hono" || old.origin.kind !== "function",
  };
  return RULES.flatMap((rule) => rule(facts));
}

const originRules: Rule = ({ old, plan, config, isStatic }) => {
  const { origin } = old;
  const name = LIBRARY_NAMES[old.library];
  const { lost, gained } = compareGrantedOrigins(old, plan);
  const fixed = origin.kind === "fixed" ? listed(origin.values) : "";
  const policyOrigins = config.origins === "*" ? "*" : listed(config.origins);
  const isJoinedMatched =
    origin.kind === "list" &&
    origin.items.some(
      (item) => item.kind === "regexp" && lost.concat(policyOrigins).some((one) => matches(item, `${one}, ${one}`)),
    );
  const isStateful =
    old.library === "express" &&
    origin.kind === "list" &&
    origin.items.some((item) => item.kind === "regexp" && (item.regexp.global || item.regexp.sticky));
  return [
    ...when(
      origin.kind === "fixed",
      "origin/fixed-sent-to-everyone",
      `${name} sends its one origin to whoever asks and to requests without Origin; the policy answers only that origin.`,
      `Access-Control-Allow-Origin: ${fixed} on every response`,
      "only on responses to an origin of the policy",
    ),
    ...when(
      origin.kind === "any" && isStatic,
      "origin/star-instead-of-echo",
      "Without credentials every origin is granted by the wildcard, which caches can keep for all.",
      "Access-Control-Allow-Origin: the origin that asks",
      "Access-Control-Allow-Origin: *",
    ),
    ...when(
      origin.kind === "function",
      "origin/function-not-carried",
      "A function decides who is granted, and a policy lists them.",
      "whom the function grants",
      policyOrigins,
    ),
    ...when(
      lost.length > 0,
      "origin/no-longer-granted",
      "Some origins lose their grant.",
      `granted, for example ${listed(lost.slice(0, 3))}`,
      "not granted",
    ),
    ...when(
      plan.unreadableRegExps.length > 0,
      "origin/regexp-not-carried",
      "No pattern says the same as a regular expression.",
      `what ${plan.unreadableRegExps.map((regexp) => show(String(regexp))).join(", ")} matches`,
      policyOrigins,
    ),
    ...when(
      gained.length > 0,
      "origin/newly-granted",
      "Some origins are granted that were not.",
      `not granted: ${listed(gained.slice(0, 3))}`,
      "granted",
    ),
    ...when(
      (origin.kind === "any" && !isStatic) || isJoinedMatched,
      "origin/two-lines-echoed",
      "Two Origin lines in a request are joined and echoed by the library; the policy grants them nothing.",
      "Access-Control-Allow-Origin: both, joined",
      "none",
    ),
    ...when(
      old.library === "koa" && origin.kind === "any",
      "origin/empty-line-dropped",
      "Requests without Origin get no empty line.",
      "Access-Control-Allow-Origin without a value",
      "none",
    ),
    ...when(
      isStateful,
      "origin/regexp-stateful",
      "A regular expression with the flag g or y matches only now and then.",
      "an origin that matches is refused at its next request",
      "it is always granted",
    ),
  ];
};

const varyRules: Rule = ({ old, isStatic, namesHeaders, namesMethod }) => {
  const { library, origin, requestHeaders } = old;
  const variesBefore =
    library === "koa" ||
    origin.kind === "any" ||
    origin.kind === "list" ||
    origin.kind === "function" ||
    (library !== "fastify" && origin.kind === "fixed");
  const missesSome = (origin.kind === "function" && (library === "express" || library === "koa")) || !variesBefore;
  const reflects = requestHeaders.kind === "reflected";
  const variesOnHeaders = library === "hono" || (reflects && library !== "koa");
  return [
    ...when(
      variesBefore && isStatic,
      "vary/origin-dropped",
      "The answer no longer depends on the origin, so it does not say so.",
      "Vary: Origin",
      "none",
    ),
    ...when(
      missesSome && !isStatic,
      "vary/origin-added",
      "Every response whose grant depends on the origin says so, that of a refusal included.",
      "no Vary: Origin on some responses",
      "Vary: Origin",
    ),
    ...when(
      variesOnHeaders && !namesHeaders && !old.ignoresPreflights,
      "vary/request-headers-dropped",
      "The answer to a preflight no longer depends on the names that it asks for.",
      "Vary: Access-Control-Request-Headers",
      "none",
    ),
    ...when(
      namesHeaders && (!variesOnHeaders || (reflects && library === "hono")),
      "vary/request-headers-added",
      "The answer to a preflight names what it asked for, and says so even if that was nothing.",
      "no Vary: Access-Control-Request-Headers",
      "Vary: Access-Control-Request-Headers",
    ),
    ...when(
      namesMethod,
      "vary/request-method-added",
      "The answer to a preflight names the method that it asked for.",
      "no Vary: Access-Control-Request-Method",
      "Vary: Access-Control-Request-Method",
    ),
  ];
};

const credentialsRules: Rule = ({ old, config, isStatic, sendsToRefused }) => [
  ...when(
    old.credentials === "yes" && isStatic,
    "credentials/dropped-with-star",
    "Browsers do not count the wildcard with credentials, so the promise is left out.",
    "Access-Control-Allow-Credentials: true beside *",
    "none",
  ),
  ...when(
    old.credentials === "yes" && !isStatic && sendsToRefused,
    "credentials/sent-to-refused",
    "Access-Control-Allow-Credentials goes out with a grant only.",
    "Access-Control-Allow-Credentials: true for everyone",
    "only with a grant",
  ),
  ...when(
    old.credentials === "function" && config.credentials !== true,
    "credentials/function-not-carried",
    "A function decides on credentials, and a policy says yes or no.",
    "Access-Control-Allow-Credentials: true where the function says so",
    "none",
  ),
];

const preflightRules: Rule = ({ old, config, isStatic }) => {
  const { library, ignoresPreflights, isStrict } = old;
  const name = LIBRARY_NAMES[library];
  const isPassedOn = ignoresPreflights || old.passesPreflightsOn;
  const areAnyHeaders = config.requestHeaders === "*" || config.requestHeaders?.includes("*") === true;
  const coversAuthorization = Array.isArray(config.requestHeaders) && config.requestHeaders.includes("authorization");
  const status = ignoresPreflights ? "the application's answer" : String(old.successStatus);
  return [
    ...when(
      isPassedOn,
      "preflight/passed-on",
      "Preflights are answered here and no longer reach the application.",
      "the application's answer",
      "204 or 403",
    ),
    ...when(
      !isStatic,
      "preflight/refused-origin",
      "A preflight of an origin that is not granted is refused, and says nothing about methods and headers.",
      `${status} with what would be allowed`,
      "403",
    ),
    ...when(
      config.methods !== "*",
      "preflight/refused-method",
      "A preflight for a method that is not listed is refused here, not only by the browser.",
      `${status} with the list`,
      "403",
    ),
    ...when(
      !areAnyHeaders,
      "preflight/refused-header",
      "A preflight for a header that is not listed is refused here, not only by the browser.",
      `${status} with the list`,
      "403",
    ),
    ...when(
      areAnyHeaders && !coversAuthorization,
      "headers/authorization-not-covered",
      "The wildcard does not cover Authorization, and a preflight that asks for it is refused here, not only by the browser.",
      `${status} with the wildcard`,
      "403",
    ),
    ...when(
      areAnyHeaders,
      "headers/bounded",
      "Lists of request headers that are malformed or endless are refused.",
      "sent back as they came, or granted",
      "403",
    ),
    ...when(
      old.successStatus !== 204 && !ignoresPreflights,
      "preflight/success-status",
      "A granted preflight is answered with 204, which every browser takes.",
      String(old.successStatus),
      "204",
    ),
    ...when(
      old.cacheControl !== null && !ignoresPreflights,
      "preflight/cache-control",
      "Answers to OPTIONS are not kept by caches anyway; browsers go by the maximum age.",
      `Cache-Control: ${old.cacheControl}`,
      "none",
    ),
    ...plainOptions(name, old),
    ...when(
      library === "fastify" && isStrict && !ignoresPreflights,
      "preflight/strict-400",
      "OPTIONS requests that are no preflights reach the application with their grant.",
      "400 Invalid Preflight Request",
      "the application's answer",
    ),
  ];
};

function plainOptions(name: string, { library, isStrict, ignoresPreflights }: OldCors): readonly Difference[] {
  if (library === "koa") {
    return when(
      true,
      "preflight/plain-options",
      "OPTIONS requests that are no preflights reach the application, with their grant.",
      "without Access-Control-Request-Method no grant; without Origin answered as a preflight",
      "the application's answer, with the grant",
    );
  }
  const isAnswered = library !== "fastify" || (!isStrict && !ignoresPreflights);
  return when(
    isAnswered,
    "preflight/plain-options",
    `${name} takes every OPTIONS request for a preflight; those that are none reach the application.`,
    "answered as a preflight",
    "the application's answer, with the grant",
  );
}

const otherRules: Rule = ({ old }) => [
  ...when(
    old.losesGrantOnError,
    "errors/grant-kept",
    "Responses to errors keep their grant, so that pages can read the status.",
    "no grant on thrown errors",
    "the grant",
  ),
  ...when(
    old.secureContext,
    "other/secure-context",
    "A policy is about CORS only, and does not isolate the server's own pages.",
    "Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy on every response",
    "none",
  ),
  ...when(
    old.privateNetworkAccess,
    "other/private-network-access",
    "Private network access was withdrawn; browsers ask the visitor instead.",
    "Access-Control-Allow-Private-Network: true",
    "none",
  ),
  ...when(
    old.hook !== null,
    "other/hook",
    "The grant no longer waits for a hook of fastify, so earlier refusals have it, too.",
    `hook ${old.hook ?? ""}`,
    "before everything else",
  ),
  ...when(
    old.hidesOptionsRoute !== null || old.logLevel !== null,
    "other/options-route",
    "There is no route for OPTIONS any more, to hide or to log.",
    "a route OPTIONS *",
    "none",
  ),
  ...when(
    true,
    "application/own-grant-replaced",
    "A grant that the application sets itself is replaced by the policy's.",
    "the application's own Access-Control-Allow-Origin wins",
    "the policy's wins",
  ),
];

const RULES: readonly Rule[] = [originRules, varyRules, credentialsRules, preflightRules, ...LIST_RULES, otherRules];
