/**
 * The origin guard: may a request that changes something, or the handshake of a WebSocket, go on to the application?
 *
 * CORS decides who may read. A form's `POST` and a WebSocket reach the application without asking it, with cookies. What is decided here is by the
 * browser's own word on where a request comes from, as in Go's `CrossOriginProtection`, and for other origins by the policy.
 *
 * @see https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
 * @module
 */

import { MAX_SERIALIZED_ORIGIN_LENGTH } from "../protocol/index.ts";
import { decide, joinLines } from "./decide.ts";
import type { Decision, DecisionHeaderName } from "./decision.ts";
import { type DynamicPolicy, isPromiseLike } from "./dynamic-policy.ts";
import { type OriginPattern, parseOriginPattern, serializeOriginPattern } from "./origin-pattern.ts";
import { PolicyError, type PolicyIssue } from "./policy-issue.ts";
import { Policy } from "./policy.ts";

export type GuardPassCode =
  | "guard/safe-method"
  | "guard/same-origin"
  | "guard/user-initiated"
  | "guard/own-origin"
  | "guard/no-origin"
  | "guard/origin-granted";

export type GuardRefusalCode =
  | "guard/origin-missing"
  | "guard/origin-multiple"
  | "guard/origin-null"
  | "guard/origin-not-granted"
  | "guard/any-origin-not-trusted"
  | "guard/lookup-failed";

export type GuardCode = GuardPassCode | GuardRefusalCode;

/** Frozen. `status` is what a refused request is answered with. */
export type GuardDecision =
  | { readonly passes: true; readonly code: GuardPassCode; readonly status: null }
  | { readonly passes: false; readonly code: GuardRefusalCode; readonly status: 403 | 503 };

/** What the guard reads of a request, such as Node's `IncomingMessage`; of HTTP/2, `:authority` stands for `host`. */
export interface GuardRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<
    Partial<
      Record<
        DecisionHeaderName | "sec-fetch-site" | "host" | ":authority" | "upgrade",
        string | readonly string[] | null | undefined
      >
    >
  >;
}

export interface GuardOptions {
  /**
   * The origins of this server's own pages, such as `https://app.example`. Where the browser does not send `Sec-Fetch-Site`, the whole origin is
   * compared with these. Without them, only its host is, with `Host`: then a page of the same host over plain http counts as an own one, and so does
   * a page whose name was made to point to this server (DNS rebinding).
   */
  readonly ownOrigins?: readonly string[];
  /** Refuses requests with neither `Sec-Fetch-Site` nor `Origin`, as programs send them. Default: false. */
  readonly requireOrigin?: boolean;
}

type MaybePromise<Value> = Value | Promise<Value>;

const SAFE_METHODS: ReadonlySet<string | undefined> = new Set(["GET", "HEAD", "OPTIONS"]);

const SAFE_METHOD = passed("guard/safe-method");
const SAME_ORIGIN = passed("guard/same-origin");
const USER_INITIATED = passed("guard/user-initiated");
const OWN_ORIGIN = passed("guard/own-origin");
const NO_ORIGIN = passed("guard/no-origin");
const ORIGIN_GRANTED = passed("guard/origin-granted");
const ORIGIN_MISSING = refused("guard/origin-missing");
const ORIGIN_MULTIPLE = refused("guard/origin-multiple");
const ORIGIN_NULL = refused("guard/origin-null");
const ORIGIN_NOT_GRANTED = refused("guard/origin-not-granted");
const ANY_ORIGIN_NOT_TRUSTED = refused("guard/any-origin-not-trusted");
/** The decision when nobody could say whether the origin is granted. */
export const GUARD_LOOKUP_FAILED: GuardDecision = refused("guard/lookup-failed", 503);

/** Frozen. Decides in time that depends on the length of the few headers it reads only. Never throws, unless it is built. */
export class OriginGuard {
  readonly #own: ReadonlySet<string> | null;
  readonly #requireOrigin: boolean;
  readonly #exemptsSafeMethods: boolean;

  /**
   * `exemptsSafeMethods`: false where every request is a handshake, whatever its method and `Upgrade` say.
   *
   * @throws PolicyError with every issue
   */
  constructor(options: GuardOptions = {}, exemptsSafeMethods: boolean = true) {
    const { ownOrigins, requireOrigin = false } = options;
    const issues: PolicyIssue[] = [];
    this.#own = ownOrigins === undefined ? null : readOwnOrigins(ownOrigins, issues);
    if (typeof requireOrigin !== "boolean") issues.push(wrongType(["requireOrigin"], requireOrigin));
    if (issues.length > 0) throw new PolicyError(issues);
    this.#requireOrigin = requireOrigin;
    this.#exemptsSafeMethods = exemptsSafeMethods;
    Object.freeze(this);
  }

  /** As {@link decideAlone}, then {@link decideByPolicy}. A promise only if the policy's function answers with one, and never a rejected one. */
  decide(
    policy: Policy | DynamicPolicy | null,
    request: GuardRequest,
    onFailure?: (error: unknown) => void,
  ): MaybePromise<GuardDecision> {
    return this.decideAlone(request) ?? decideByPolicy(policy, request, onFailure);
  }

  /** Decides if the request says enough; null if it is for the policy to say. */
  decideAlone({ method, headers }: GuardRequest): GuardDecision | null {
    // Only what cannot open a WebSocket is a mere read.
    if (this.#exemptsSafeMethods && SAFE_METHODS.has(method) && !isHandshake(joinLines(headers.upgrade)))
      return SAFE_METHOD;
    const origin = joinLines(headers.origin);
    // No origin holds a comma: several lines were joined. Attack: which one counts is not for anybody to choose.
    if (origin?.includes(",") === true) return ORIGIN_MULTIPLE;
    const site = joinLines(headers["sec-fetch-site"]);
    // Attack: pages cannot set it. It is compared whole, so that two lines of it say nothing.
    if (site === "same-origin") return SAME_ORIGIN;
    if (site === "none") return USER_INITIATED;
    // Browsers send `Origin` with whatever comes from another site and gets this far.
    if (origin === null) return site !== null || this.#requireOrigin ? ORIGIN_MISSING : NO_ORIGIN;
    // Older browsers, and all of them over plain http, send no `Sec-Fetch-Site`; what one says is not overruled.
    return site === null && this.#isOwn(origin, headers) ? OWN_ORIGIN : null;
  }

  #isOwn(origin: string, headers: GuardRequest["headers"]): boolean {
    // Attack: hashing an over-long value would cost its length.
    if (this.#own !== null) return origin.length <= MAX_SERIALIZED_ORIGIN_LENGTH && this.#own.has(origin);
    // Choice: behind a proxy the server cannot know its own scheme, so http and https are one here, and no other scheme is.
    const host = joinLines(headers.host ?? headers[":authority"]);
    return host !== null && host !== "" && (origin === `https://${host}` || origin === `http://${host}`);
  }
}

/**
 * Does the policy grant the origin of a request for which {@link OriginGuard.decideAlone} answers null? Null for no policy: then no origin is granted.
 *
 * Choice: being let read is not being let write. `origins: "*"` says that everybody may read what anybody can see, and nothing of acting as the visitor,
 * so it grants nothing here, reflected or not, and the origin `null` neither. A list, wildcards in it, or a function name whom the server trusts.
 */
export function decideByPolicy(
  policy: Policy | DynamicPolicy | null,
  request: GuardRequest,
  onFailure?: (error: unknown) => void,
): MaybePromise<GuardDecision> {
  const { origin } = request.headers;
  if (policy === null) return ofDecision(null, origin);
  if (policy instanceof Policy) {
    const { isStatic, reflectAnyOrigin } = Policy.partsOf(policy);
    if (isStatic || reflectAnyOrigin) return ANY_ORIGIN_NOT_TRUSTED;
    // Its own origin alone: what else a preflight asks for is none of the guard's business.
    return ofDecision(decide(policy, { method: "GET", headers: { origin } }), origin);
  }
  const decision = policy.decide(request, undefined, onFailure);
  return isPromiseLike(decision) ? decision.then((made) => ofDecision(made, origin)) : ofDecision(decision, origin);
}

function ofDecision(decision: Decision | null, origin: GuardRequest["headers"]["origin"]): GuardDecision {
  if (decision?.granted === true) return ORIGIN_GRANTED;
  if (decision?.code === "decision/lookup-failed") return GUARD_LOOKUP_FAILED;
  return joinLines(origin) === "null" ? ORIGIN_NULL : ORIGIN_NOT_GRANTED;
}

/** In characters; no browser's `Upgrade` is longer than `websocket`. */
const MAX_UPGRADE_LENGTH = 64;

/** Attack: a long value is not searched, and gets no exemption. */
function isHandshake(upgrade: string | null): boolean {
  return upgrade !== null && (upgrade.length > MAX_UPGRADE_LENGTH || /websocket/i.test(upgrade));
}

function readOwnOrigins(value: unknown, issues: PolicyIssue[]): ReadonlySet<string> {
  if (!Array.isArray(value)) {
    issues.push(wrongType(["ownOrigins"], value));
    return new Set();
  }
  for (const [index, item] of value.entries()) issues.push(...checkOwnOrigin(item, ["ownOrigins", index]));
  return new Set(value);
}

/** Choice: own origins are spelled out. Under a wildcard the pages of two tenants would be each other's own. */
function checkOwnOrigin(item: unknown, path: PolicyIssue["path"]): PolicyIssue[] {
  if (typeof item !== "string") return [wrongType(path, item)];
  const parsed = parseOriginPattern(item);
  const { pattern } = parsed;
  const codes = parsed.ok ? (isOpen(parsed.pattern) ? ["policy/origin-invalid" as const] : []) : parsed.codes;
  const suggestion = pattern === null || isOpen(pattern) ? null : serializeOriginPattern(pattern);
  return codes.map((code) => ({ code, path, received: item, suggestion }));
}

function isOpen({ isWildcard, port }: OriginPattern): boolean {
  return isWildcard || port === "*";
}

function wrongType(path: PolicyIssue["path"], received: unknown): PolicyIssue {
  return { code: "policy/wrong-type", path, received, suggestion: null };
}

function passed(code: GuardPassCode): GuardDecision {
  return Object.freeze({ passes: true, code, status: null });
}

function refused(code: GuardRefusalCode, status: 403 | 503 = 403): GuardDecision {
  return Object.freeze({ passes: false, code, status });
}
