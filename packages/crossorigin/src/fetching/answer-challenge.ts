/**
 * Answering a 401 without asking anybody: with what the URL has, or with what was right before.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
 * @module
 */

import { appendHeader, containsHeader, getHeader } from "../protocol/index.ts";
import { type Challenge, basicAuthorization, basicChallenge, includesCredentials } from "./authentication-entries.ts";
import { networkPartitionKey } from "./environment.ts";
import type { FetchParams } from "./fetch-params.ts";
import { type Request, currentUrl } from "./request.ts";
import type { InternalResponse } from "./response.ts";

/** Step 8.21.2. What a page sets itself stays. */
export function appendAuthorization({ effects }: FetchParams, httpRequest: Request, challenge: Challenge | null): void {
  const { headers, useUrlCredentials, client } = httpRequest;
  if (containsHeader(headers, "Authorization")) return;
  const url = currentUrl(httpRequest);
  const isUrlMeant = includesCredentials(url) && useUrlCredentials;
  const entry = isUrlMeant ? null : (effects.authenticationEntries?.find(networkPartitionKey(client), url) ?? null);
  const isUrlUsed = entry === null && includesCredentials(url) && challenge !== null;
  const authorization = isUrlUsed ? basicAuthorization(url) : entry;
  if (authorization !== null) appendHeader(headers, "Authorization", authorization);
}

/**
 * Step 15, as far as it goes without a prompt: the challenge, if the request can be sent again with something that may
 * answer it. Null: the page gets the 401, as if the user had dismissed the prompt.
 */
export function answerableChallenge(
  { request, effects }: FetchParams,
  response: InternalResponse,
  includeCredentials: boolean,
): Challenge | null {
  const url = currentUrl(request);
  const isUrlMeant = request.useUrlCredentials && includesCredentials(url);
  const isAsked =
    (request.responseTainting !== "cors" && includeCredentials) ||
    (isUrlMeant && effects.profile.urlCredentialsAnswerEveryChallenge);
  const challenge = isAsked ? basicChallenge(response.headers) : null;
  if (challenge === null || containsHeader(request.headers, "Authorization")) return null;
  if (isUrlMeant) return challenge; // Step 15.3 is for prompts only.
  const partition = networkPartitionKey(request.client);
  const known = effects.authenticationEntries?.findByRealm(partition, url, challenge.realm) ?? null;
  // What the path alone made it send was refused just now.
  if (known === null || known === effects.authenticationEntries?.find(partition, url)) return null;
  effects.authenticationEntries?.store(partition, url, challenge.realm, known);
  return challenge;
}

/** Step 18. Choice: only what was not refused is remembered. */
export function storeAuthenticationEntry({ effects }: FetchParams, httpRequest: Request, { realm }: Challenge): void {
  const authorization = getHeader(httpRequest.headers, "Authorization");
  const partition = networkPartitionKey(httpRequest.client);
  if (authorization !== null)
    effects.authenticationEntries?.store(partition, currentUrl(httpRequest), realm, authorization);
}
