/**
 * Observing decisions: callbacks and diagnostics channels, at no cost while nobody listens.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html
 * @module
 */

import type { Decision, ServerProblemCode } from "../policy/index.ts";
import type { ObservedRequest } from "./policy-source.ts";

/** What was decided on one request. Text in it comes from the wire: escape it before a person or a terminal sees it. */
export interface DecisionEvent {
  readonly request: ObservedRequest;
  readonly decision: Decision;
  /** What the shadow policy says; null without one, and where it has none for the route. */
  readonly shadowDecision: Decision | null;
  /** Why the look-up failed; undefined if it did not. */
  readonly error: unknown;
}

/** A mistake in how a server is put together. */
export interface ServerProblem {
  readonly code: ServerProblemCode;
  readonly message: string;
  /** The request that showed it. */
  readonly request: ObservedRequest;
}

/** What to say of it. */
export const MOUNTED_TWICE: string =
  "CORS is mounted twice on this route. The inner policy decides on the actual request, the outer one on its preflight: mount it once, or choose the policy by route with a resolver.";

interface Channel<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

interface Platform {
  getBuiltinModule?(name: string): { channel(name: string): Channel<unknown> } | undefined;
  emitWarning?(message: string, options: { type: string; code: string }): void;
}

/** Node.js, Bun and Deno have one; Workers may not. */
const platform = (globalThis as { readonly process?: Platform }).process;
const SILENT: Channel<unknown> = { hasSubscribers: false, publish: () => {} };

function openChannel(name: string): Channel<unknown> {
  try {
    return platform?.getBuiltinModule?.("node:diagnostics_channel")?.channel(name) ?? SILENT;
  } catch {
    return SILENT;
  }
}

/** Gets each {@link DecisionEvent}. */
export const decisionChannel: Channel<unknown> = openChannel("crossorigin:decision");
/** Gets each {@link ServerProblem}. */
export const problemChannel: Channel<unknown> = openChannel("crossorigin:problem");

/** A warning of the process, as Node.js prints it. */
export function warn({ message, code }: Pick<ServerProblem, "message"> & { readonly code: string }): void {
  platform?.emitWarning?.(message, { type: "CrossOriginWarning", code });
}

/** No observer stops a server: what it throws becomes a warning. */
export function guarded(observe: () => void): void {
  try {
    observe();
  } catch (error) {
    warn({ message: `An observer of decisions threw: ${String(error)}`, code: "server/observer-threw" });
  }
}
