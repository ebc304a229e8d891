/**
 * What will be otherwise about methods, headers and the maximum age.
 *
 * @module
 */

import { show } from "./dangers.ts";
import { type Difference, NONE, type Rule, listed, when } from "./difference.ts";
import type { OldNames } from "./old-cors.ts";
import type { Change } from "./plan-policy.ts";

const methodRules: Rule = ({ old, plan, namesMethod }) => {
  const { methods, ignoresPreflights } = old;
  if (ignoresPreflights) return NONE;
  const names = methods.kind === "names" ? methods.names : [];
  const isAny = names.includes("*");
  const line = `Access-Control-Allow-Methods: ${names.join(", ")}`;
  return [
    ...when(
      !isAny && names.some((name) => ["GET", "HEAD", "POST"].includes(name)),
      "methods/safelisted-left-out",
      "GET, HEAD and POST are always allowed and not listed.",
      line,
      "the list without them",
    ),
    ...when(
      isAny && namesMethod,
      "methods/star-named",
      "With credentials the wildcard is a plain name to browsers, so the method is answered by name.",
      line,
      "Access-Control-Allow-Methods: the method that is asked for",
    ),
    ...coveredByStar("methods", isAny && !namesMethod, names, line),
    ...changed("methods", plan.changes),
    ...emptyLine("methods", methods),
    ...when(
      methods.kind === "function",
      "methods/function-not-carried",
      "A function decides on methods, and a policy lists them.",
      "what the function lists",
      "none beyond GET, HEAD and POST",
    ),
  ];
};

const headerRules: Rule = ({ old, plan, config, namesHeaders }) => {
  const { requestHeaders, ignoresPreflights } = old;
  if (ignoresPreflights) return NONE;
  const names = requestHeaders.kind === "names" ? requestHeaders.names : [];
  const isAny = names.includes("*");
  const line = `Access-Control-Allow-Headers: ${names.join(", ")}`;
  return [
    ...when(
      requestHeaders.kind === "reflected" && config.credentials !== true,
      "headers/reflected",
      "Whatever a preflight asks for is allowed, by the wildcard and Authorization by name instead of an echo.",
      "Access-Control-Allow-Headers: what was asked for",
      "Access-Control-Allow-Headers: *, authorization",
    ),
    ...when(
      isAny && namesHeaders,
      "headers/star-named",
      "With credentials the wildcard is a plain name to browsers, so the headers are answered by name.",
      line,
      "Access-Control-Allow-Headers: what was asked for",
    ),
    ...coveredByStar(
      "headers",
      isAny && !namesHeaders,
      names.filter((name) => name.toLowerCase() !== "authorization"),
      line,
    ),
    ...changed("headers", plan.changes),
    ...emptyLine("headers", requestHeaders),
  ];
};

const exposedRules: Rule = ({ old, plan, isStatic, sendsToRefused }) => {
  const { exposedHeaders, library } = old;
  const names = exposedHeaders.kind === "names" ? exposedHeaders.names : [];
  const line = `Access-Control-Expose-Headers: ${names.join(", ")}`;
  const isSent = names.length > 0 || (exposedHeaders.kind === "none" && exposedHeaders.sendsEmptyLine);
  const isStarDropped = plan.changes.some(({ code }) => code === "policy/exposed-wildcard-with-credentials");
  return [
    ...when(isStarDropped, "exposed/star-dropped", "With credentials the wildcard exposes nothing.", line, "none"),
    ...coveredByStar("exposed", names.includes("*") && !isStarDropped, names, line),
    ...when(
      names.length > 0 && !isStatic && sendsToRefused,
      "exposed/sent-to-refused",
      "Access-Control-Expose-Headers goes out with a grant only.",
      `${line} for everyone`,
      "only with a grant",
    ),
    ...when(
      isSent && library !== "koa",
      "preflight/exposed-headers-dropped",
      "Browsers do not read it in the answer to a preflight.",
      "Access-Control-Expose-Headers on preflights",
      "none",
    ),
    ...changed(
      "exposed",
      plan.changes.filter(({ code }) => code !== "policy/exposed-wildcard-with-credentials"),
    ),
    ...emptyLine("exposed", exposedHeaders),
  ];
};

const maxAgeRules: Rule = ({ old, plan }) => {
  const change = plan.changes.find(({ field }) => field === "maxAgeSeconds");
  const line = `Access-Control-Max-Age: ${old.maxAge ?? ""}`;
  return [
    ...when(
      old.dropsZeroMaxAge,
      "max-age/zero-sent",
      "@koa/cors never sends a maximum age of 0, so browsers keep preflights for 5 seconds.",
      "none",
      "Access-Control-Max-Age: 0",
    ),
    ...when(
      change !== undefined && change.replacedBy === null && !old.ignoresPreflights,
      "max-age/left-out",
      "Browsers cannot read this maximum age and keep preflights for 5 seconds, as they do without one.",
      line,
      "none",
    ),
    ...when(
      change !== undefined && change.replacedBy !== null && !old.ignoresPreflights,
      "max-age/shortened",
      "No browser keeps a preflight for longer than a day.",
      line,
      `Access-Control-Max-Age: ${String(change?.replacedBy)}`,
    ),
  ];
};

export const LIST_RULES: readonly Rule[] = [methodRules, headerRules, exposedRules, maxAgeRules];

type Area = "methods" | "headers" | "exposed";

const FIELDS: Readonly<Record<Area, string>> = {
  methods: "methods",
  headers: "requestHeaders",
  exposed: "exposedHeaders",
};

function changed(area: Area, changes: readonly Change[]): readonly Difference[] {
  const own = changes.filter(({ field, code }) => field === FIELDS[area] && code !== "policy/duplicate");
  const corrected = own.filter(({ replacedBy }) => replacedBy !== null);
  const dropped = own.filter(({ replacedBy }) => replacedBy === null);
  return [
    ...when(
      corrected.length > 0,
      `${area}/corrected`,
      "Names that never matched are spelled right.",
      values(corrected),
      listed(corrected.map(({ replacedBy }) => String(replacedBy))),
    ),
    ...when(
      dropped.length > 0,
      `${area}/left-out`,
      "Names that browsers never ask for, or cannot read, are left out.",
      values(dropped),
      "none",
    ),
  ];
}

function values(changes: readonly Change[]): string {
  return changes.map(({ received }) => show(received)).join(", ");
}

function coveredByStar(area: Area, isAny: boolean, names: readonly string[], line: string): readonly Difference[] {
  return when(
    isAny && names.length > 1,
    `${area}/covered-by-star`,
    "Names beside the wildcard are covered by it and left out.",
    line,
    "*",
  );
}

function emptyLine(area: Area, names: OldNames): readonly Difference[] {
  return when(
    names.kind === "none" && names.sendsEmptyLine,
    `${area}/empty-line-dropped`,
    "A line without a value says nothing and is left out.",
    "an empty line",
    "none",
  );
}
