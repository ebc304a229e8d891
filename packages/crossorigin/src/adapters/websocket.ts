/**
 * The origin guard for WebSockets: browsers let any page open one to any server, with cookies, and show it everything that comes back. Whoever may is for
 * the server to decide, by the `Origin` of the handshake.
 *
 * @see https://websockets.spec.whatwg.org/#opening-handshake
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-10.2
 * @module
 */

/// <reference types="node" preserve="true" />

// Types only, so that listeners need no annotations.
// eslint-disable-next-line no-restricted-imports
import type { IncomingMessage } from "node:http";
// eslint-disable-next-line no-restricted-imports
import type { Duplex } from "node:stream";
import { type GuardDecision, isPromiseLike } from "../policy/index.ts";
import { warn } from "./observation.ts";
import { GUARD_VARY, GuardDecider, refusalText } from "./origin-guard-decider.ts";
import type { GuardedRequest, OriginGuardOptions } from "./origin-guard-options.ts";
import type { PolicySource } from "./policy-source.ts";

export type * from "./origin-guard-options.ts";

/** What `ws` tells of a client; only the request is read. */
export interface ClientInfo {
  readonly req: GuardedRequest;
}

export type VerifyClientCallback = (
  isVerified: boolean,
  status?: number,
  message?: string,
  headers?: Record<string, string>,
) => void;

export interface VerifyClient {
  /** For a `verifyClient` of one's own. A policy that answers late refuses here: pass the callback, too. */
  (info: ClientInfo): boolean;
  /** What `ws` calls. */
  (info: ClientInfo, callback: VerifyClientCallback): void;
}

/**
 * For `ws`: `new WebSocketServer({ server, verifyClient: verifyClient(policy) })`.
 *
 * @throws PolicyError at once for a config or options that are refused
 */
export function verifyClient(policy: PolicySource, options?: OriginGuardOptions): VerifyClient {
  const decider = new GuardDecider(policy, options, false);
  // Two parameters: `ws` counts them to learn that there is a callback.
  function verify(info: ClientInfo): boolean;
  function verify(info: ClientInfo, callback: VerifyClientCallback): void;
  function verify({ req }: ClientInfo, callback?: VerifyClientCallback): boolean | void {
    const decision = decider.decide(req);
    if (callback === undefined) return passesNow(decision);
    const answer = (made: GuardDecision): void => {
      if (made.passes) callback(true);
      else callback(false, made.status, refusalText(made.status), HEADERS);
    };
    if (isPromiseLike(decision)) void decision.then(answer);
    else answer(decision);
    return undefined;
  }
  return verify;
}

const HEADERS = { "Content-Type": "text/plain; charset=utf-8", Vary: GUARD_VARY };

function passesNow(decision: GuardDecision | Promise<GuardDecision>): boolean {
  if (!isPromiseLike(decision)) return decision.passes;
  warn({
    message: "verifyClient: the policy answers late, so the handshake was refused. Pass the callback on, too.",
    code: "guard/lookup-failed",
  });
  return false;
}

/**
 * Wraps a listener for `upgrade` of an http or https server: `server.on("upgrade", guardUpgrade(policy, handler))`. A refused handshake is answered with
 * 403, or with 503 if the policy's function fails, and its connection closed. A client that leaves while the policy is asked never reaches `handler`.
 *
 * @throws PolicyError at once for a config or options that are refused
 */
export function guardUpgrade<
  Request extends GuardedRequest = IncomingMessage,
  Socket extends Duplex = Duplex,
  Head = Buffer,
>(
  policy: PolicySource,
  handler: (request: Request, socket: Socket, head: Head) => unknown,
  options?: OriginGuardOptions,
): (request: Request, socket: Socket, head: Head) => void {
  if (typeof handler !== "function")
    throw new TypeError("guardUpgrade: the second argument has to be the listener for upgrade.");
  const decider = new GuardDecider(policy, options, false);
  return (request, socket, head) => {
    const handle = (decision: GuardDecision): void => {
      if (decision.passes) handler(request, socket, head);
      else refuse(socket, decision.status);
    };
    const decision = decider.decide(request);
    if (!isPromiseLike(decision)) return handle(decision);
    // Attack: until the handler has it, a reset connection would end the process.
    socket.on("error", ignore);
    void decision.then((made) => {
      if (socket.destroyed) return;
      socket.removeListener("error", ignore);
      handle(made);
    });
  };
}

function ignore(): void {}

/** As `http` would have answered; there is no response object for an upgrade. */
function refuse(socket: Duplex, status: 403 | 503): void {
  const text = refusalText(status);
  const lines = [
    `HTTP/1.1 ${status} ${status === 403 ? "Forbidden" : "Service Unavailable"}`,
    "Connection: close",
    ...Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}`),
    // The text is ASCII.
    `Content-Length: ${text.length}`,
  ];
  // Attack: a client that has gone would end the process.
  socket.on("error", ignore);
  // Attack: the connection must not stay open for as long as the client likes.
  socket.once("finish", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${text}`);
}
