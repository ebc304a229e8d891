/**
 * Opaque Response Blocking: keeps from a page what it could not use anyway, so that its process never has it.
 *
 * Not in the standard; the profile says what an engine does.
 *
 * Not applicable: further parts of media, as none is asked for (step 4); fetch(), whose opaque responses nobody can read: there
 * engines take the body off.
 *
 * @see https://github.com/annevk/orb#orbs-algorithm
 * @module
 */

import {
  OPAQUE_RESPONSE_HEAD_BYTES,
  type OpaqueResponseBlocking,
  extractMimeTypeEssence,
  isFetchOnlyResource,
  isHttpScheme,
  isImageTypePattern,
  isMediaTypePattern,
  isSameOrigin,
  judgeOpaqueResponseHead,
  judgeUnrecognizedHead,
} from "../protocol/index.ts";
import { type FetchParams, brokenBody, fail } from "./fetch-params.ts";
import { peek } from "./peeked-body.ts";
import { currentUrl, originOfCurrentUrl } from "./request.ts";
import { type FilteredResponse, type InternalResponse, type NetworkError, bodyOfBytes, readFully } from "./response.ts";

/** Looks at an opaque response, and at its body as far as need be. Null if the response stays. */
export async function opaqueResponseBlocked(
  params: FetchParams,
  { type, internalResponse }: FilteredResponse,
): Promise<NetworkError | null> {
  const { request, effects } = params;
  const rules = effects.profile.opaqueResponseBlocking;
  if (rules === null || type !== "opaque" || request.destination === "" || !isHttpScheme(currentUrl(request)))
    return null;
  if (!rules.preloadsIncluded && request.initiator === "preload") return null;
  if (!rules.ownOriginIncluded && isSameOrigin(request.origin, originOfCurrentUrl(request))) return null;
  let isBlocked: boolean;
  try {
    isBlocked = await judge(params, internalResponse, rules);
  } catch (error) {
    return brokenBody(params, error);
  }
  if (!isBlocked) return null;
  internalResponse.body?.cancel();
  return fail(params, {
    code: "main-fetch/opaque-response-blocked",
    step: "Opaque Response Blocking",
    expected: request.destination,
    received: extractMimeTypeEssence(internalResponse.headers),
  });
}

/** Rejects if the body fails. */
async function judge(params: FetchParams, response: InternalResponse, rules: OpaqueResponseBlocking): Promise<boolean> {
  const verdict = judgeOpaqueResponseHead(response, rules); // Steps 1 to 5
  if (verdict !== "sniff") return verdict === "blocked";
  const head = await headOf(response); // Step 6
  if (isMediaTypePattern(head) || isImageTypePattern(head)) return false; // Steps 7 and 9
  if (!rules.scriptRequired) return extractMimeTypeEssence(response.headers) !== null && isFetchOnlyResource(head);
  const unrecognized = judgeUnrecognizedHead(response); // Steps 10 to 13
  if (unrecognized !== "sniff") return unrecognized === "blocked";
  return !(await isScript(params, response)); // Steps 14 to 16
}

/** The first bytes as latin-1 text; the body stays whole. */
async function headOf(response: InternalResponse): Promise<string> {
  if (response.body === null) return "";
  const { head, body } = await peek(response.body, OPAQUE_RESPONSE_HEAD_BYTES);
  response.body = body;
  return String.fromCharCode(...head);
}

async function isScript({ effects }: FetchParams, response: InternalResponse): Promise<boolean> {
  if (response.body === null || effects.isScript === undefined) return true;
  const bytes = await readFully(response.body, effects.maxBodyBytes);
  response.body = bodyOfBytes(bytes);
  return effects.isScript(bytes);
}
