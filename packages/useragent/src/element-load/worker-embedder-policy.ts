/**
 * What a worker's own answer says about what it embeds: a page that embeds with care starts only workers that do, too.
 *
 * @see https://html.spec.whatwg.org/multipage/browsers.html#check-a-global-object's-embedder-policy
 * @module
 */

import { type Environment, embedderPolicyOf } from "crossorigin/fetching";
import { type HeaderList, type Profile, getHeader } from "crossorigin/protocol";

/** The values that a careful page asks for, with what parameters there are. */
const CAREFUL = /^(require-corp|credentialless)[\t\x20]*(?:;.*)?$/;

/** May the page start a worker of http or https whose answer has these headers? */
export function mayStartWorker(environment: Environment, headers: HeaderList, profile: Profile): boolean {
  if (embedderPolicyOf(environment, profile) === "unsafe-none") return true;
  const [, value] = CAREFUL.exec(getHeader(headers, "Cross-Origin-Embedder-Policy") ?? "") ?? [];
  return value === "require-corp" || (value === "credentialless" && profile.credentiallessKnown);
}
