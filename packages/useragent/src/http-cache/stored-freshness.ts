/**
 * What HTTP says of one response: may a private cache store it, and is it still fresh?
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111#name-constructing-responses-from
 * @module
 */

import type CachePolicy from "http-cache-semantics";
import type { Freshness, HttpCacheRequest, StoredResponse } from "crossorigin/fetching";
import {
  type Clock,
  type Header,
  type Profile,
  byteLowercase,
  containsHeader,
  getDecodeAndSplit,
  getHeader,
} from "crossorigin/protocol";
import { requireCommonJs } from "../common-js.ts";

/** Of a response: what freshness is computed from. `Vary` is compared here, so the policy need not keep the request. */
const RESPONSE_NAMES = ["Age", "Cache-Control", "Date", "Expires", "Last-Modified", "Pragma"] as const;
const REQUEST_NAMES = ["Cache-Control", "Pragma"] as const;

/** For as long as a year: what engines give responses that never change. */
const IMPLICITLY_FRESH = "max-age=31536000";

export class StoredFreshness {
  readonly #policy: CachePolicy;
  readonly #mustRevalidate: boolean;
  /** False if the response tells nothing of its lifetime, nor anything that one could be guessed from. */
  readonly #canBeFresh: boolean;
  /** What the request had for each name in `Vary`; null if nothing will ever match. */
  readonly #selecting: readonly Header[] | null;

  constructor(
    request: Pick<HttpCacheRequest, "headers">,
    response: Pick<StoredResponse, "status" | "headers">,
    Policy: PolicyClass,
    { implicitlyFreshStatuses }: Profile,
  ) {
    const { status } = response;
    const headers = pick(response.headers, RESPONSE_NAMES);
    const directives = (headers["cache-control"] ?? "").split(",").map((directive) => directive.trim());
    this.#mustRevalidate = directives.includes("must-revalidate");
    // The library takes must-revalidate for no-cache; it only forbids to use what is stale.
    const kept = directives.filter((directive) => directive !== "" && directive !== "must-revalidate");
    const isLifetimeTold = "expires" in headers || kept.some((directive) => directive.startsWith("max-age="));
    if (!isLifetimeTold && implicitlyFreshStatuses.includes(status)) kept.push(IMPLICITLY_FRESH);
    this.#canBeFresh = kept.length > 0 || "expires" in headers || "last-modified" in headers;
    const described = { ...headers, ...(kept.length === 0 ? {} : { "cache-control": kept.join(", ") }) };
    this.#policy = new Policy(
      { method: "GET", headers: pick(request.headers, REQUEST_NAMES) },
      { status, headers: described },
      { shared: false },
    );
    this.#selecting = selectingHeaders(response.headers, request.headers);
  }

  get isStorable(): boolean {
    return this.#selecting !== null && this.#policy.storable();
  }

  /** Null if `Vary` says that the response is for another request. */
  of(request: Pick<HttpCacheRequest, "headers">): Freshness | null {
    const isSelected = this.#selecting?.every(([name, value]) => valueOf(request.headers, name) === value) ?? false;
    if (!isSelected) return null;
    if (!this.#canBeFresh && !containsHeader(request.headers, "Cache-Control")) return "stale";
    const { response, revalidation } = this.#policy.evaluateRequest({
      method: "GET",
      headers: pick(request.headers, REQUEST_NAMES),
    });
    if (response === undefined || (this.#mustRevalidate && this.#policy.stale())) return "stale";
    return revalidation === undefined ? "fresh" : "stale-while-revalidate";
  }
}

export type PolicyClass = typeof CachePolicy;

/** The policy class with this clock, which the library has no other way to be given. */
export function policyClassAt(clock: Clock): PolicyClass {
  const Policy = requireCommonJs("http-cache-semantics") as PolicyClass;
  return class extends Policy {
    now(): number {
      return clock.now();
    }
  };
}

/** In lower case, as directives have no case, and the library compares them with it. */
function pick(headers: readonly Header[], names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = getHeader(headers, name);
    if (value !== null) picked[byteLowercase(name)] = name === "Cache-Control" ? byteLowercase(value) : value;
  }
  return picked;
}

/** @see https://www.rfc-editor.org/rfc/rfc9111#name-calculating-cache-keys-with */
function selectingHeaders(response: readonly Header[], request: readonly Header[]): readonly Header[] | null {
  const names = getDecodeAndSplit(response, "Vary") ?? [];
  return names.includes("*") ? null : names.map((name) => [name, valueOf(request, name)] as const);
}

/** Absent and empty are told apart by what no value can be. */
function valueOf(headers: readonly Header[], name: string): string {
  return getHeader(headers, name) ?? "\n";
}
