/**
 * Putting a decision on a response of Node's servers.
 *
 * @see https://nodejs.org/api/http.html#class-httpserverresponse
 * @module
 */

import type { Decision } from "../policy/index.ts";
import { conflictMessage, grantNameOf, grantNames, grantedValue, isDecided } from "./grant-headers.ts";
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

type WriteHead = (this: Granted, statusCode: unknown, reasonOrHeaders?: unknown, headers?: unknown) => unknown;

/** What goes onto a response whose head is not written yet. */
interface Grant {
  readonly decision: Decision;
  readonly decider: Decider;
  readonly request: ServerRequest;
  /** What the response had before. */
  readonly writeHead: WriteHead;
}

const GRANT: unique symbol = Symbol("crossorigin.grant");

interface Granted extends NodeResponse {
  [GRANT]?: Grant;
  writeHead: WriteHead;
}

/**
 * Puts the decision on at the last moment before the head goes out: whatever the application has set by then, there is one grant and it is the policy's.
 * Of several decisions the last one counts, and that there are several is reported.
 */
export function grantWhenHeadIsWritten(
  response: NodeResponse,
  decision: Decision,
  decider: Decider,
  request: ServerRequest,
): void {
  const granted = response as Granted;
  const earlier = granted[GRANT];
  if (earlier !== undefined) decider.report("server/mounted-twice", MOUNTED_TWICE, request);
  // One property on the response and one function for all of them: a closure each, or a WeakMap, costs more than everything else here.
  granted[GRANT] = { decision, decider, request, writeHead: earlier?.writeHead ?? granted.writeHead };
  if (earlier === undefined) granted.writeHead = writeHeadWithGrant;
}

function writeHeadWithGrant(this: Granted, statusCode: unknown, second?: unknown, third?: unknown): unknown {
  const grant = this[GRANT];
  if (grant === undefined) throw new TypeError("writeHead was called on another response than it belongs to.");
  const { writeHead } = grant;
  const isSecond = typeof second === "object" && second !== null;
  const own = isSecond ? second : third;
  if (typeof own !== "object" || own === null) {
    applyDecision(this, grant);
    return writeHead.call(this, statusCode, second, third);
  }
  const headers = Array.isArray(own)
    ? withoutGrantLines(this, grant, own)
    : withDecision(this, grant, own as Readonly<Record<string, unknown>>);
  return isSecond ? writeHead.call(this, statusCode, headers) : writeHead.call(this, statusCode, second, headers);
}

/** Replaces every line of a grant by those of the decision, and adds to `Vary`. May be done twice. */
function applyDecision(response: NodeResponse, grant: Grant): void {
  const { decision, decider } = grant;
  removeGrantLines(response, grant, decider.looksForConflicts());
  for (const { name, value } of decision.headers) response.setHeader(name, value);
  if (decision.vary !== null) response.setHeader("Vary", mergedVary(lines(response.getHeader("vary")), decision.vary));
}

/** Those that the decision does not set; unless `all`, the others are left to be replaced, unread: reading a header costs as much as setting one. */
function removeGrantLines(response: NodeResponse, grant: Grant, all: boolean): void {
  const { decision } = grant;
  for (const { name, key } of grantNames(decision)) {
    const granted = grantedValue(decision, name);
    if (granted !== null && !all) continue;
    const found = response.getHeader(key);
    if (found === undefined) continue;
    if (found !== granted) reportConflict(grant, name, found);
    response.removeHeader(key);
  }
}

/** Headers as an object: a copy with the decision on it. */
function withDecision(
  response: NodeResponse,
  grant: Grant,
  headers: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { decision } = grant;
  const merged = { ...headers };
  let vary = lines(response.getHeader("vary"));
  for (const name of Object.keys(headers)) {
    const grantName = grantNameOf(decision, name);
    const isVary = isVaryName(name);
    if (grantName === undefined && !isVary && !isDecided(decision, name)) continue;
    const value = merged[name];
    delete merged[name];
    if (isVary) vary = lines(value);
    else if (grantName !== undefined && value !== grantedValue(decision, grantName.name))
      reportConflict(grant, name, value);
  }
  removeGrantLines(response, grant, true);
  for (const { name, value } of decision.headers) merged[name] = value;
  const added = decision.vary === null ? vary : mergedVary(vary, decision.vary);
  if (added !== "") merged["Vary"] = added;
  return merged;
}

function isVaryName(name: string): boolean {
  return name.length === 4 && name.toLowerCase() === "vary";
}

/**
 * Headers as a flat list or as pairs: a flat list, the only form Node.js reads where headers are set already, without lines of a grant and `Vary`, which
 * go onto the response itself.
 */
function withoutGrantLines(response: NodeResponse, grant: Grant, headers: readonly unknown[]): unknown[] {
  const { decision } = grant;
  const isPairs = headers.every((item) => Array.isArray(item));
  const kept: unknown[] = [];
  const vary: unknown[] = [];
  const keep = (name: unknown, value: unknown): void => {
    const grantName = grantNameOf(decision, String(name));
    if (isVaryName(String(name))) vary.push(value);
    else if (grantName === undefined) {
      if (!isDecided(decision, String(name))) kept.push(name, value);
    } else if (value !== grantedValue(decision, grantName.name)) reportConflict(grant, grantName.name, value);
  };
  if (isPairs) for (const pair of headers as readonly unknown[][]) keep(pair[0], pair[1]);
  // A list of odd length is for Node.js to refuse.
  else if (headers.length % 2 !== 0) return [...headers];
  else for (let index = 0; index < headers.length; index += 2) keep(headers[index], headers[index + 1]);
  if (vary.length > 0) response.setHeader("Vary", vary.map(lines).join(", "));
  applyDecision(response, grant);
  return kept;
}

function reportConflict({ decision, decider, request }: Grant, name: string, found: unknown): void {
  decider.report("server/grant-already-set", conflictMessage(decision, name, found), request);
}

/** Joined with commas; empty for none. */
function lines(value: unknown): string {
  // On nearly every response: not worth a list.
  if (value === undefined) return "";
  return typeof value === "string" ? value : ([value] as unknown[]).flat().join(", ");
}
