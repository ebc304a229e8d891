/**
 * Storage access headers: whether a request to another site, or by a frame of another site, has the cookies of the whole
 * site; and the server's wish to have them.
 *
 * @see https://privacycg.github.io/storage-access-headers/
 * @module
 */

import {
  type Profile,
  byteSerializeRequestOrigin,
  getHeader,
  isPotentiallyTrustworthyUrl,
  originOfUrl,
  redirectTaint,
  setHeader,
} from "../protocol/index.ts";
import { isSameSiteForCookies } from "./cookie-context.ts";
import { type Request, currentUrl } from "./request.ts";
import type { InternalResponse } from "./response.ts";

/** `inactive`: the user has agreed, and nobody has asked for it yet. @see https://privacycg.github.io/storage-access-headers/#storage-access-status */
type StorageAccessStatus = "none" | "inactive" | "active";

/**
 * The status for `url`, which is the request's current one; null where cookies with `SameSite=Strict` go, without credentials, and in
 * profiles that have no such thing.
 *
 * Choice: the user has agreed to what the top-level page's own site may have, and to nothing else.
 */
function storageAccessStatus(
  request: Request,
  profile: Profile,
  url: URL = currentUrl(request),
): StorageAccessStatus | null {
  if (profile.storageAccess === null || request.credentialsMode !== "include") return null;
  if (!profile.storageAccess.ofTaintedRequests && redirectTaint(request) !== "same-origin") return null;
  const { client } = request;
  const target = originOfUrl(url);
  const isOfTopLevelSite = isSameSiteForCookies(client.topLevelOrigin, target, profile);
  if (isOfTopLevelSite && isSameSiteForCookies(client.origin, target, profile)) return null; // Step 1
  if (profile.thirdPartyCookies === "allow") return "active"; // Step 3
  if (!isOfTopLevelSite) return "none"; // Step 8
  return request.storageAccessActivated ? "active" : "inactive"; // Steps 3 and 7
}

/** Sets `Sec-Fetch-Storage-Access` in `request` for what `subject`, the same or the one that it is a preflight of, may have. */
export function appendStorageAccessHeader(request: Request, subject: Request, profile: Profile): void {
  const status = storageAccessStatus(subject, profile);
  if (status === null || !isPotentiallyTrustworthyUrl(currentUrl(request))) return;
  setHeader(request.headers, "Sec-Fetch-Storage-Access", status);
}

/**
 * Does the server learn the origin for its answer's sake? Then also with GET and HEAD. What is decided by the first URL holds
 * until a redirect rewrites the method.
 *
 * @param firstMethod - the method that the request had before it was redirected
 */
export function isOriginSentForStorageAccess(request: Request, firstMethod: string, profile: Profile): boolean {
  const { storageAccess } = profile;
  if (storageAccess === null) return false;
  const [first] = request.urlList;
  if (storageAccess.originByFirstUrl)
    return request.method === firstMethod && isWithinReach(storageAccessStatus(request, profile, first), profile);
  return (
    isPotentiallyTrustworthyUrl(currentUrl(request)) && isWithinReach(storageAccessStatus(request, profile), profile)
  );
}

/** With all cookies allowed there is nothing to ask for. */
function isWithinReach(status: StorageAccessStatus | null, { thirdPartyCookies }: Profile): boolean {
  return status === "inactive" || (status === "active" && thirdPartyCookies !== "allow");
}

const KEY = "[a-z*][a-z0-9_.*-]*";
const STRING = '"(?:[^"\\\\]|\\\\["\\\\])*"';
const ITEM = `(?:${STRING}|[A-Za-z*][A-Za-z0-9!#$%&'*+.^_\`|~:/-]*|-?[0-9]+(?:\\.[0-9]+)?|\\?[01])`;
/** A token with parameters, as a structured field writes it. Without ambiguity, so linear. */
const RETRY = new RegExp(`^ *retry((?:; *${KEY}(?:=${ITEM})?)*) *$`);
const ALLOWED_ORIGIN = new RegExp(`; *allowed-origin=(${ITEM})`, "g");

/**
 * The storage access retry check: does the response want the request once more, with cookies?
 *
 * @see https://privacycg.github.io/storage-access-headers/#perform-a-storage-access-retry-check
 */
export function isRetriedForStorageAccess(
  request: Request,
  { headers }: Pick<InternalResponse, "headers">,
  profile: Profile,
): boolean {
  if (storageAccessStatus(request, profile) !== "inactive") return false; // Steps 1 to 4
  const [, parameters = null] = RETRY.exec(getHeader(headers, "Activate-Storage-Access") ?? "") ?? []; // Steps 5 to 9
  const [, allowed = null] = [...(parameters ?? "").matchAll(ALLOWED_ORIGIN)].at(-1) ?? []; // Steps 10 and 11
  if (allowed === "*") return true; // Step 12
  const serializedOrigin = byteSerializeRequestOrigin(request);
  if (serializedOrigin === "null" && profile.storageAccess?.opaqueOriginsRetried !== true) return false;
  return allowed === `"${serializedOrigin}"`; // Steps 13 to 15
}
