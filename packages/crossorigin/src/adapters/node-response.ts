/**
 * Putting a decision on a response of Node's servers.
 *
 * @see https://nodejs.org/api/http.html#class-httpserverresponse
 * @module
 */

import type { Decision } from "../policy/index.ts";
import { conflictMessage, grantNames, grantedValue, isGrantName } from "./grant-headers.ts";
import type { Decider } from "./decider.ts";
import { mergedVary } from "./merged-vary.ts";
import { MOUNTED_TWICE } from "./observation.ts";
import type { ServerRequest } from "./policy-source.ts";

/** What is used of a server response, of http or http2. */
export interface NodeResponse {
  statusCode: number;
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string): unknown;
  removeHeader(name: string): unknown;
  end(): unknown;
}

type WriteHead = (this: NodeResponse, ...args: unknown[]) => unknown;
interface Hooked extends NodeResponse {
  writeHead: WriteHead;
}
type OnConflict = (message: string) => void;

/** The decision on each response whose head is not written yet. */
const decisions = new WeakMap<NodeResponse, Decision>();

/** Puts the decision on the head whenever it is written, and reports what is wrong about it. */
export function grantWhenHeadIsWritten(
  response: NodeResponse,
  decision: Decision,
  decider: Decider,
  request: ServerRequest,
): void {
  const onConflict = (message: string): void => decider.report("server/grant-already-set", message, request);
  if (hook(response, decision, onConflict)) decider.report("server/mounted-twice", MOUNTED_TWICE, request);
}

/**
 * Puts the decision on at the last moment before the head goes out: whatever the application has set by then, there is one grant and it is the policy's.
 * Of several decisions the last one counts. Answers whether there was one already.
 */
function hook(response: NodeResponse, decision: Decision, onConflict: OnConflict): boolean {
  const isSecond = decisions.has(response);
  decisions.set(response, decision);
  if (isSecond) return true;
  const hooked = response as Hooked;
  const writeHead = hooked.writeHead;
  hooked.writeHead = function writeHeadWithCors(...args) {
    const current = decisions.get(this) ?? decision;
    const index = args.findIndex((arg) => typeof arg === "object" && arg !== null);
    const own = args[index];
    if (own === undefined) applyDecision(this, current, onConflict);
    else if (Array.isArray(own)) args[index] = withoutGrantLines(this, current, own, onConflict);
    else args[index] = withDecision(this, current, own as Readonly<Record<string, unknown>>, onConflict);
    return writeHead.apply(this, args);
  };
  return false;
}

/** Replaces every line of a grant by those of the decision, and adds to `Vary`. May be done twice. */
function applyDecision(response: NodeResponse, decision: Decision, onConflict: OnConflict): void {
  for (const name of grantNames(decision)) {
    const found = response.getHeader(name);
    if (found === undefined) continue;
    if (found !== grantedValue(decision, name)) onConflict(conflictMessage(decision, name, found));
    response.removeHeader(name);
  }
  for (const { name, value } of decision.headers) response.setHeader(name, value);
  if (decision.vary !== null) response.setHeader("Vary", mergedVary(lines(response.getHeader("Vary")), decision.vary));
}

/** Headers as an object: a copy with the decision on it. */
function withDecision(
  response: NodeResponse,
  decision: Decision,
  headers: Readonly<Record<string, unknown>>,
  onConflict: OnConflict,
): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  let vary = lines(response.getHeader("Vary"));
  for (const name of Object.keys(headers)) {
    const lowercased = name.toLowerCase();
    const value = headers[name];
    if (lowercased === "vary") vary = lines(value);
    else if (!isGrantName(decision, lowercased)) merged[name] = value;
    else if (value !== grantedValue(decision, name)) onConflict(conflictMessage(decision, name, value));
  }
  for (const name of grantNames(decision)) {
    const found = response.getHeader(name);
    if (found === undefined) continue;
    if (found !== grantedValue(decision, name)) onConflict(conflictMessage(decision, name, found));
    response.removeHeader(name);
  }
  for (const { name, value } of decision.headers) merged[name] = value;
  const added = decision.vary === null ? vary : mergedVary(vary, decision.vary);
  if (added !== "") merged["Vary"] = added;
  return merged;
}

/** Headers as a flat list or as pairs: the same without lines of a grant and `Vary`, which go onto the response itself. */
function withoutGrantLines(
  response: NodeResponse,
  decision: Decision,
  headers: readonly unknown[],
  onConflict: OnConflict,
): unknown[] {
  const isPairs = headers.every((item) => Array.isArray(item));
  const kept: unknown[] = [];
  const vary: unknown[] = [];
  const keep = (name: unknown, value: unknown, items: readonly unknown[]): void => {
    const lowercased = String(name).toLowerCase();
    if (lowercased === "vary") vary.push(value);
    else if (isGrantName(decision, lowercased)) onConflict(conflictMessage(decision, String(name), value));
    else kept.push(...items);
  };
  if (isPairs) for (const pair of headers as readonly unknown[][]) keep(pair[0], pair[1], [pair]);
  // A list of odd length is for Node.js to refuse.
  else if (headers.length % 2 !== 0) return [...headers];
  else
    for (let index = 0; index < headers.length; index += 2)
      keep(headers[index], headers[index + 1], [headers[index], headers[index + 1]]);
  if (vary.length > 0) response.setHeader("Vary", vary.map(lines).join(", "));
  applyDecision(response, decision, onConflict);
  return kept;
}

/** Joined with commas; empty for none. */
function lines(value: unknown): string {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join(", ") : String(value as number | string);
}
