/**
 * Finding out that CORS is mounted behind something that answers preflights first, such as authentication. Preflights carry no credentials, so a
 * guard refuses them, and they never reach the policy.
 *
 * @see https://fetch.spec.whatwg.org/#cors-preflight-fetch
 * @module
 */

import type { Decider } from "./decider.ts";
import type { ServerRequest } from "./policy-source.ts";

/** Words of a name, as in `requireAuth` and `rate_limiter`. */
const GUARD_WORDS =
  /^(?:auth[nz]?|authenticated?|authentication|authoriz(?:e|ed|ation)|authoris(?:e|ed|ation)|passport|jwt|bearer|guard|protect|protected|acl|permissions?|csrf|limiter|throttle)$/;

/** Answers with a status that refuses. */
const GUARD_SOURCE =
  /\.(?:status|sendStatus|writeHead|code|throw)\(\s*(?:401|403|429)\b|\bstatus(?:Code)?\s*[=:]\s*(?:401|403|429)\b/;

/** Reports once, of the handlers that run before CORS, those that look as if they refuse requests. Judges by names and source text: a hint, no proof. */
export function reportGuards(decider: Decider, handlers: readonly unknown[], request: ServerRequest): void {
  const guards = handlers.filter((handler) => typeof handler === "function").filter(looksLikeGuard);
  if (guards.length === 0) return;
  const names = guards.map(({ name }) => (name === "" ? "an unnamed function" : name)).join(", ");
  decider.report(
    "server/mounted-behind-guard",
    `CORS is mounted behind what looks like a guard (${names}). A preflight carries no credentials, so a guard refuses it before the policy sees it: mount CORS first.`,
    request,
  );
}

function looksLikeGuard(handler: { readonly name: string; toString(): string }): boolean {
  const words = handler.name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => GUARD_WORDS.test(word)) || GUARD_SOURCE.test(handler.toString());
}
