/**
 * The Local Network Access check: a page that came from afar may reach what is nearer only from a secure context, and
 * with the user's permission.
 *
 * Choice: only of pages that say where they came from; nothing is held against others.
 * Choice: as in Chromium, a document for the window is free to come from anywhere.
 *
 * @see https://wicg.github.io/local-network-access/#local-network-access-check
 * @module
 */

import {
  type IpAddressSpace,
  type Profile,
  determineIpAddressSpace,
  isLessPublic,
  isPotentiallyTrustworthyOrigin,
  isSameOrigin,
  originOfUrl,
} from "../protocol/index.ts";
import { type LocalNetworkAccess, type LocalNetworkPermissionName, isSecureContext } from "./environment.ts";
import {
  type Connection,
  type Effects,
  type Failure,
  type FetchParams,
  appropriateNetworkError,
  fail,
} from "./fetch-params.ts";
import type { FetchController } from "./fetch-controller.ts";
import { type Request, currentUrl } from "./request.ts";
import type { NetworkError } from "./response.ts";

/** What holds a request back from a connection; `ask`: it depends on the permission. */
type Hindrance =
  | { readonly kind: "refused"; readonly failure: Failure }
  | { readonly kind: "ask"; readonly access: LocalNetworkAccess; readonly name: LocalNetworkPermissionName };

/** The check for one request, on each connection that it is offered. */
export class LocalNetworkAccessCheck {
  readonly #params: FetchParams;
  readonly #exchange: number;
  /** By the user, for this request at least. */
  readonly #granted = new Set<LocalNetworkPermissionName>();
  #hindrance: Hindrance | null = null;
  #told: Pick<Failure, "expected" | "received" | "subject"> = {};

  /** @param exchange - the number that the trace knows the request by */
  constructor(params: FetchParams, exchange: number) {
    this.#params = params;
    this.#exchange = exchange;
  }

  /** May the request be sent over this connection as things stand? */
  readonly allows = (connection: Connection): boolean => {
    this.#hindrance = this.#check(connection);
    return this.#hindrance === null;
  };

  /** What kept the request from the last connection, until it is settled; null if nothing does. */
  get hindrance(): Hindrance | null {
    return this.#hindrance;
  }

  /**
   * What is to be done after a connection was not allowed, asking for the permission if that helps: `send-again` once it
   * is granted, else the network error.
   */
  async settle(hindrance: Hindrance): Promise<NetworkError | "send-again"> {
    this.#hindrance = null;
    const failure = hindrance.kind === "refused" ? hindrance.failure : await this.#ask(hindrance);
    const { controller } = this.#params;
    if (controller.isCanceled) return appropriateNetworkError(this.#params);
    if (failure === null) return "send-again";
    this.#trace(failure);
    return fail(this.#params, { step: "Local Network Access check", ...this.#told, ...failure });
  }

  #check(connection: Connection): Hindrance | null {
    const { request, effects } = this.#params;
    const access = request.client.localNetworkAccess;
    const { profile } = effects;
    const restricted = profile.localNetworkAccess;
    if (access === undefined || restricted === "off" || request.destination === "document") return null;
    const space = ipAddressSpaceOf(connection, effects); // Step 1
    const { ipAddressSpace } = access;
    const shown = `${connection.address} (${space})`;
    if (isSameOriginFromTrustworthyOrigin(request)) return null; // Step 2
    const target = heldAddressSpace(request, profile);
    if (target !== null && space !== target) {
      this.#told = { expected: target, received: shown };
      return { kind: "refused", failure: { code: "local-network-access/target-address-space-mismatch" } }; // Step 4.2
    }
    // Deviation: step 4.3 would let a request through without permission if it foretold where it goes.
    if (!isLessPublic(space, ipAddressSpace) || space === "public") return null; // Step 5
    if (restricted === "from-public" && ipAddressSpace !== "public") return null;
    const name = permissionName(space); // Step 5.4
    this.#told = { expected: ipAddressSpace, received: shown, subject: name };
    const isSecure = !profile.localNetworkAccessNeedsSecureContext || isSecureContext(request.client);
    const isLet = profile.localNetworkAccessOfFramesThemselves || access.allowedToUse.includes(name);
    const refusal = isLet ? null : "local-network-access/permissions-policy"; // Step 5.9
    const code = isSecure ? refusal : "local-network-access/insecure-context"; // Step 5.2
    if (code !== null) return { kind: "refused", failure: { code } };
    const state = this.#granted.has(name) ? "granted" : access.permissionState(name); // Step 5.10
    if (state === "prompt") return { kind: "ask", access, name };
    if (state === "denied") return { kind: "refused", failure: { code: "local-network-access/permission-denied" } }; // Step 5.11
    this.#trace(null);
    return null; // Step 5.12
  }

  /** Step 5.13. Null if the permission is granted, which the check knows from then on. */
  async #ask({ access, name }: Extract<Hindrance, { kind: "ask" }>): Promise<Failure | null> {
    const { controller } = this.#params;
    try {
      const state = await untilCanceled(controller, () => access.requestPermission(name));
      if (state !== "granted") return { code: "local-network-access/permission-denied" };
      this.#granted.add(name);
      return null;
    } catch (error) {
      const subject = `${name}; asking for it failed: ${String(error)}`;
      return { code: "local-network-access/permission-denied", subject };
    }
  }

  #trace(failure: Failure | null): void {
    const { expected = null, received = null, subject = null } = { ...this.#told, ...failure };
    this.#params.trace?.({
      type: "rule",
      exchange: this.#exchange,
      rule: "local-network-access",
      ok: failure === null,
      step: "Local Network Access check",
      code: failure?.code ?? null,
      subject,
      expected,
      received,
    });
  }
}

/** The check of a response that is there already: would the request have been allowed to get it? Null if so. */
export async function storedResponseRefusal(
  params: FetchParams,
  connection: Connection | null,
): Promise<NetworkError | null> {
  if (connection === null || params.request.client.localNetworkAccess === undefined) return null;
  const check = new LocalNetworkAccessCheck(params, params.exchangeCount - 1);
  check.allows(connection);
  for (let { hindrance } = check; hindrance !== null; { hindrance } = check) {
    const refusal = await check.settle(hindrance);
    if (refusal !== "send-again") return refusal;
    check.allows(connection);
  }
  return null;
}

/** What the embedder says of the far end, or what its address tells. */
function ipAddressSpaceOf({ address, port }: Connection, { ipAddressSpaces = {} }: Effects): IpAddressSpace {
  const withPort = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return ipAddressSpaces[withPort] ?? ipAddressSpaces[address] ?? determineIpAddressSpace(address) ?? "public";
}

/** Where the request must go; null if it may go anywhere. */
function heldAddressSpace(
  request: Request,
  { addressSpaceForetold, impliedAddressSpaceHeld }: Profile,
): IpAddressSpace | null {
  if (!addressSpaceForetold) return null;
  const { targetIpAddressSpace: target, impliedIpAddressSpace: implied } = request;
  if (!impliedAddressSpaceHeld) return target;
  return target === null || target === "public" ? implied : target;
}

/** Nobody can pass for an origin that is authenticated. */
function isSameOriginFromTrustworthyOrigin(request: Request): boolean {
  return (
    isPotentiallyTrustworthyOrigin(request.origin) && isSameOrigin(originOfUrl(currentUrl(request)), request.origin)
  );
}

function permissionName(space: Exclude<IpAddressSpace, "public">): LocalNetworkPermissionName {
  return space === "local" ? "local-network" : "loopback-network";
}

/** What `ask` gives, unless the fetch is canceled first: nobody may ever answer. */
function untilCanceled<T>(controller: FetchController, ask: () => T | Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stopListening = controller.onCancel(() => resolve(null));
    void Promise.resolve().then(ask).then(resolve, reject).finally(stopListening);
  });
}
