/**
 * What cannot be carried over, and what to write instead.
 *
 * @module
 */

import { show } from "./dangers.ts";
import { compareGrantedOrigins } from "./granted-origins.ts";
import { LIBRARY_NAMES, type OldCors } from "./old-cors.ts";
import type { Change, Plan } from "./plan-policy.ts";

export interface ByHand {
  /** The old option. */
  readonly option: string;
  readonly why: string;
  readonly write: string;
}

export function findByHand(old: OldCors, plan: Plan): ByHand[] {
  if (plan.config === null) return [];
  return [
    ...originsByHand(old, plan),
    ...regExpsByHand(old, plan),
    ...plan.changes.flatMap((change) => changeByHand(change) ?? []),
    ...optionsByHand(old),
  ];
}

function originsByHand(old: OldCors, { hasPlaceholder, unreadableRegExps }: Plan): ByHand[] {
  const found: ByHand[] = unreadableRegExps.map((regexp) => ({
    option: "origin",
    why: `No pattern says the same as ${show(String(regexp))}.`,
    write: "the origins that it is meant for, or a pattern such as https://*.app.example",
  }));
  if (!hasPlaceholder) return found;
  found.push(placeholderByHand(old));
  return found;
}

/** What patterns cover more, or less, than the expressions that they stand for. */
function regExpsByHand(old: OldCors, plan: Plan): ByHand[] {
  const { origin } = old;
  if (origin.kind !== "list" || !origin.items.some(({ kind }) => kind === "regexp")) return [];
  const { lost, gained } = compareGrantedOrigins(old, plan);
  // Corrected spellings are told as dangers.
  const more = gained.filter((one) => !plan.changes.some(({ replacedBy }) => replacedBy === one));
  const found: ByHand[] = [];
  if (more.length > 0)
    found.push({
      option: "origin",
      why: `The patterns cover more than the regular expressions, such as ${more.slice(0, 3).join(", ")}.`,
      write: "nothing if all those names are yours; else the origins one by one",
    });
  if (lost.length > 0 && plan.unreadableRegExps.length === 0)
    found.push({
      option: "origin",
      why: `The patterns cover less than the regular expressions, not ${lost.slice(0, 3).join(", ")} for example.`,
      write: "those that are yours and have pages",
    });
  return found;
}

function placeholderByHand({ isDelegated, origin }: OldCors): ByHand {
  const list = "your pages' origins in place of the placeholder, which grants nobody";
  if (isDelegated)
    return {
      option: "options",
      why: "A function computes the options for each request.",
      write: `${list}; if the parts of the server differ, a policy for each, and hand the adapter a function that chooses by route`,
    };
  if (origin.kind === "function")
    return {
      option: "origin",
      why: "A function decides who is granted.",
      write: `${list}; if only a function can know them, createDynamicPolicy from crossorigin/dynamic, whose origins is a function that answers true or false`,
    };
  if (origin.kind === "any")
    return {
      option: "origin",
      why: "Every origin with credentials is not safe.",
      write: `${list}; only if every page on the web may act for your visitors, origins: "*" with dangerouslyReflectAnyOrigin: true`,
    };
  return { option: "origin", why: "No origin is left that a policy can grant.", write: list };
}

function changeByHand({ field, received, replacedBy, code }: Change): ByHand | null {
  if (replacedBy !== null) return null;
  const option = field === "origins" ? "origin" : field;
  const value = show(received);
  if (code === "policy/origin-null")
    return {
      option,
      why: "The origin null is not safe to grant.",
      write: "nothing; dangerouslyAllowNullOrigin: true if anybody may be granted",
    };
  if (code === "policy/origin-insecure-with-credentials")
    return {
      option,
      why: `${value} with credentials is not safe.`,
      write: `its https origin; or ${value} with dangerouslyAllowInsecureOrigins: true`,
    };
  if (code === "policy/origin-public-suffix-wildcard")
    return {
      option,
      why: `${value} covers names that anybody can register.`,
      write: `the names that are yours; or ${value} with dangerouslyAllowPublicSuffixWildcards: true`,
    };
  if (code === "policy/wildcard-in-list" && field === "origins")
    return {
      option,
      why: "The wildcard in a list of origins never matched.",
      write: 'nothing; or origins: "*" if every page may read the responses',
    };
  if (field === "origins")
    return { option, why: `${value} is no origin.`, write: "the origin that is meant, such as https://app.example" };
  if (code === "policy/exposed-wildcard-with-credentials")
    return {
      option,
      why: "The wildcard exposes nothing with credentials.",
      write: "the names of the response headers that pages read",
    };
  return null;
}

function optionsByHand(old: OldCors): ByHand[] {
  const found: ByHand[] = [];
  const add = (isThere: boolean, option: string, why: string, write: string): void => {
    if (isThere) found.push({ option, why, write });
  };
  const { library } = old;
  add(
    old.credentials === "function",
    "credentials",
    "A function decides on credentials.",
    "credentials: true if every listed origin may have them, else two policies",
  );
  add(
    old.methods.kind === "function",
    "allowMethods",
    "A function decides on methods.",
    "methods, with all that it may list",
  );
  add(
    old.passesPreflightsOn,
    "preflightContinue",
    "Preflights do not reach the application.",
    "nothing; passPreflights: true among the options of the adapter if a route answers preflights in its own way",
  );
  add(
    old.ignoresPreflights,
    "preflight",
    "Preflights are answered by the policy.",
    "nothing; take out the routes that answered them",
  );
  add(
    old.successStatus !== 204,
    "optionsSuccessStatus",
    "Granted preflights are answered with 204, which every browser takes.",
    "nothing",
  );
  add(
    old.cacheControl !== null,
    "cacheControl",
    "Answers to preflights have no Cache-Control.",
    "maxAgeSeconds, which is what browsers go by",
  );
  add(
    old.hook !== null,
    "hook",
    `${LIBRARY_NAMES[library]} is hooked in later than the policy.`,
    "nothing, unless a hook has to see requests before their grant",
  );
  add(
    old.secureContext,
    "secureContext",
    "A policy sets no other headers.",
    "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp in the application",
  );
  add(
    old.privateNetworkAccess,
    "privateNetworkAccess",
    "Private network access was withdrawn, and asking the visitor took its place.",
    "nothing; dangerouslyAllowPrivateNetwork: true for old versions of Chromium",
  );
  return found;
}
