/**
 * HTTP-network fetch: one request, one response, cookies stored.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-fetch
 * @module
 */

import { containsHeader, getHeaderValues } from "../protocol/index.ts";
import { cookieContext } from "./cookie-context.ts";
import { networkPartitionKey } from "./environment.ts";
import { LocalNetworkAccessCheck } from "./local-network-access-check.ts";
import {
  type Connection,
  type FetchParams,
  type TransportResult,
  appropriateNetworkError,
  fail,
} from "./fetch-params.ts";
import { type Request, currentUrl } from "./request.ts";
import type { InternalResponse, NetworkError } from "./response.ts";

/** Sends `httpRequest` as it is. The caller must read or cancel the response's body. */
export async function httpNetworkFetch(
  params: FetchParams,
  httpRequest: Request,
  includeCredentials: boolean,
  isNewConnection: boolean,
): Promise<InternalResponse | NetworkError> {
  const { effects, controller, trace } = params;
  const url = currentUrl(httpRequest);
  const exchange = params.exchangeCount++;
  trace?.({
    type: "request",
    exchange,
    hop: httpRequest.urlList.length - 1,
    isPreflight: params.isPreflight,
    method: httpRequest.method,
    url: url.href,
    headers: httpRequest.headers,
    includeCredentials,
    bodyBytes: httpRequest.body?.kind === "bytes" ? httpRequest.body.bytes.byteLength : null,
  });
  const { method, headers, body, client } = httpRequest;
  const localNetworkAccess = new LocalNetworkAccessCheck(params, exchange);
  let connection: Connection | null = null;
  const allowsConnection = (offered: Connection): boolean => {
    connection = offered;
    return localNetworkAccess.allows(offered);
  };
  const send = (): Promise<TransportResult> =>
    effects.transport.send({
      method,
      url,
      headers,
      body,
      networkPartitionKey: networkPartitionKey(client),
      includeCredentials,
      isNewConnection,
      allowsConnection,
      controller,
    });
  let result = await send(); // Steps 7 and 8
  for (let { hindrance } = localNetworkAccess; hindrance !== null; { hindrance } = localNetworkAccess) {
    const refusal = await localNetworkAccess.settle(hindrance);
    if (refusal !== "send-again") return refusal;
    result = await send();
  }
  if (controller.isCanceled) {
    if (result.ok) result.body?.cancel();
    return appropriateNetworkError(params); // Step 9
  }
  if (!result.ok) return fail(params, { code: result.code, subject: result.detail });
  const { status, statusMessage } = result;
  trace?.({ type: "response", exchange, status, statusMessage, headers: result.headers });
  const isRefusedHandshake = httpRequest.mode === "websocket" && status !== 101;
  const storesCookies = !isRefusedHandshake || params.effects.profile.cookiesOfRefusedHandshakesStored;
  storeCookies(params, httpRequest, result.headers, includeCredentials && storesCookies, exchange); // Step 17
  return {
    type: "default",
    urlList: [...httpRequest.urlList],
    status,
    statusMessage,
    headers: result.headers,
    body: result.body,
    corsExposedHeaderNameList: [],
    rangeRequested: containsHeader(headers, "Range"),
    requestIncludesCredentials: includeCredentials,
    timingAllowPassed: false,
    redirectTaint: "same-origin",
    connection,
  };
}

/** Cookies are stored before anybody asks whether the response may be shared, and only if credentials were included. */
function storeCookies(
  params: FetchParams,
  httpRequest: Request,
  headers: InternalResponse["headers"],
  includeCredentials: boolean,
  exchange: number,
): void {
  const values = getHeaderValues(headers, "Set-Cookie");
  if (values.length === 0) return;
  const stored: string[] = [];
  const refused: string[] = [];
  if (includeCredentials) {
    const context = cookieContext(httpRequest, params.effects.profile, "stored");
    const url = currentUrl(httpRequest);
    for (const value of values) (params.effects.cookieStore.store(url, value, context) ? stored : refused).push(value);
  }
  params.trace?.({ type: "cookies", exchange, stored, refused, ignored: includeCredentials ? [] : values });
}
