/**
 * `sendBeacon`: a POST whose answer nobody waits for.
 *
 * @see https://w3c.github.io/beacon/#sec-processing-model
 * @module
 */

import { FetchController, type Request, createRequest, fetch as runFetch } from "crossorigin/fetching";
import { isCorsSafelistedRequestHeader, isHttpScheme } from "crossorigin/protocol";
import { show, toUsvString } from "../byte-string.ts";
import type { FetchContext } from "../fetch-method.ts";
import { type SendableBody, type XMLHttpRequestBodyInit, readParts, toSendableBody } from "../sendable-body.ts";

/** Bytes that all requests of a page with keepalive may have in flight together. */
const QUOTA_BYTES = 65_536;

/** False if there is no room for the data, or the page is closed. Throws a `TypeError` for what is no http or https URL, and in a worker. */
export function sendBeacon(context: FetchContext, url: string | URL, data?: XMLHttpRequestBodyInit | null): boolean {
  const { environment } = context;
  if (environment.isWorker === true) throw new TypeError("Only a page has sendBeacon: a worker's navigator has none.");
  const given = toUsvString(url, "The URL");
  const parsed = URL.canParse(given, environment.url.href) ? new URL(given, environment.url) : null; // Step 3
  if (parsed === null || !isHttpScheme(parsed))
    throw new TypeError(`The URL ${show(given)} is not one of http or https, to which alone beacons are sent.`);
  if (data instanceof ReadableStream) throw new TypeError("A stream cannot be sent as a beacon."); // Step 6.1
  const body = data === null || data === undefined ? null : toSendableBody(data);
  const type = body?.type ?? null;
  const group = environment.fetchGroup?.keepaliveRequests ?? new Set<Request>();
  const inFlight = [...group].reduce((sum, { body }) => sum + (body?.kind === "bytes" ? body.bytes.byteLength : 0), 0);
  if (context.isClosed() || inFlight + (body?.byteLength ?? 0) > QUOTA_BYTES) return false; // Step 6.2
  const request = createRequest({
    url: parsed,
    client: environment,
    method: "POST",
    headers: type === null ? [] : [["Content-Type", type]], // Step 6.4
    // The bytes of a blob come later; its room is taken now.
    body: body === null ? null : { kind: "bytes", bytes: new Uint8Array(body.byteLength) },
    mode: type === null || isCorsSafelistedRequestHeader("Content-Type", type) ? "no-cors" : "cors", // Steps 5 and 6.3
    credentialsMode: "include",
    cacheMode: context.effects.profile.beaconCacheMode,
    keepalive: true,
    // Deviation: the standard's text does not set it, so that the preflight it describes could not happen.
    unsafeRequest: true,
  });
  group.add(request);
  void run(context, request, body).finally(() => group.delete(request));
  return true; // Step 7
}

/** Never rejects: nobody hears of it but the trace. */
async function run(context: FetchContext, request: Request, body: SendableBody | null): Promise<void> {
  const controller = new FetchController();
  context.inFlight.add(controller);
  try {
    if (body !== null) request.body = { kind: "bytes", bytes: await readParts(body) };
    const response = await runFetch(request, context.effects, { controller, trace: context.startTrace() });
    if (response.type !== "error") response.internalResponse.body?.cancel();
  } catch {
    // A blob that cannot be read: there is nothing to send.
  } finally {
    context.inFlight.delete(controller);
  }
}
