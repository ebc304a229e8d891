/**
 * The quota of requests that may outlive their page.
 *
 * @see https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 * @module
 */

import type { FetchController } from "./fetch-controller.ts";
import type { Request } from "./request.ts";
import { type FilteredResponse, type NetworkError, type ResponseBody, leaveUnread } from "./response.ts";

/** Bytes of bodies that the requests of one fetch group may have in flight together. */
const KEEPALIVE_QUOTA_BYTES = 65_536;

/** What a page has in flight, as far as somebody asks for it. @see https://fetch.spec.whatwg.org/#concept-fetch-group */
export interface FetchGroup {
  readonly keepaliveRequests: Set<Request>;
  /** Of fetches that nobody waits for: to renew stale responses, or to read for the HTTP cache only. They end with the page. */
  readonly unattended: Set<FetchController>;
}

/** Step 8.10: is there no room for `contentLength` bytes beside what the page's other requests have in flight? */
export function isOverKeepaliveQuota(request: Request, contentLength: number): boolean {
  const inFlight = [...(request.client.fetchGroup?.keepaliveRequests ?? [])].filter((other) => other !== request);
  const bytes = inFlight.map(({ body }) => (body?.kind === "bytes" ? body.bytes.byteLength : 0));
  return bytes.reduce((sum, length) => sum + length, contentLength) > KEEPALIVE_QUOTA_BYTES;
}

const SUBRESOURCE_DESTINATIONS: ReadonlySet<Request["destination"]> = new Set([
  "",
  "audio",
  "audioworklet",
  "font",
  "image",
  "json",
  "manifest",
  "paintworklet",
  "script",
  "style",
  "text",
  "track",
  "video",
  "xslt",
] as const);

/**
 * Is it for a part of its page, and no document, worker or report of its own?
 *
 * Not applicable: the classes of non-subresource and navigation requests, which service workers ask for only.
 *
 * @see https://fetch.spec.whatwg.org/#subresource-request
 */
function isSubresourceRequest({ destination }: Request): boolean {
  return SUBRESOURCE_DESTINATIONS.has(destination);
}

/** Fetch, step 17. Counts a subresource request with keepalive as in flight until its response's body has ended, or nobody wants it any more. */
export function withFetchRecord(
  request: Request,
  run: () => Promise<FilteredResponse | NetworkError>,
): Promise<FilteredResponse | NetworkError> {
  const group = request.keepalive && isSubresourceRequest(request) ? request.client.fetchGroup : undefined;
  return group === undefined ? run() : countedIn(group, request, run);
}

async function countedIn(
  group: FetchGroup,
  request: Request,
  run: () => Promise<FilteredResponse | NetworkError>,
): Promise<FilteredResponse | NetworkError> {
  group.keepaliveRequests.add(request);
  const end = (): void => void group.keepaliveRequests.delete(request);
  const response = await run();
  const body = response.type === "error" ? null : response.internalResponse.body;
  if (response.type === "error" || body === null) end();
  else response.internalResponse.body = endingWith(body, end);
  return response;
}

/** The same body; `end` is called when it has ended, failed, was canceled, or is left to the HTTP cache. */
function endingWith(body: ResponseBody, end: () => void): ResponseBody {
  return {
    cancel: () => {
      end();
      body.cancel();
    },
    leaveUnread: () => {
      end();
      leaveUnread(body);
    },
    async *[Symbol.asyncIterator]() {
      try {
        yield* body;
      } finally {
        end();
      }
    },
  };
}
