/**
 * Matchers for `expect.extend` of Jest, Vitest and their kin, and plain assertions for `node:test`.
 *
 * @module
 */

import type { Code } from "crossorigin/diagnose";
import { type Answer, checkAllowed, checkExposed, checkPreflight, checkRefused } from "./matchers-checks.ts";
import { PLAIN, type Paint } from "./matchers-message.ts";
import type { RequestInfo } from "./request.ts";
import type { RequestInit } from "./request-init.ts";

export {
  assertAllowed,
  assertExposed,
  assertHidden,
  assertNoPreflight,
  assertPreflight,
  assertRefused,
} from "./matchers-assertions.ts";

type Init = RequestInit | null | undefined;

/** What a runner gives a matcher as `this`; Jest and Vitest give all of it. */
export interface MatcherContext {
  readonly isNot?: boolean | undefined;
  readonly utils?: unknown;
}

export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

/** What `expect(page)` gains, for the augmentation of a runner's types. All of them must be awaited. */
export interface CorsAssertions {
  /** The page may read the response. */
  toBeAllowed(url: RequestInfo, init?: Init): Promise<void>;
  /** The server's answer keeps the response from the page; if `code` is given, for that reason. */
  toBeRefused(url: RequestInfo, init?: Init, code?: Code): Promise<void>;
  /** A browser would ask with a preflight first. Nothing is sent. */
  toNeedPreflight(url: RequestInfo, init?: Init): Promise<void>;
  /** The page can read the header `name` of the response. */
  toExposeHeader(url: RequestInfo, name: string, init?: Init): Promise<void>;
}

/** What `expect.extend` takes. */
export interface CorsMatchers {
  toBeAllowed(this: MatcherContext, page: unknown, url: RequestInfo, init?: Init): Promise<MatcherResult>;
  toBeRefused(this: MatcherContext, page: unknown, url: RequestInfo, init?: Init, code?: Code): Promise<MatcherResult>;
  toNeedPreflight(this: MatcherContext, page: unknown, url: RequestInfo, init?: Init): Promise<MatcherResult>;
  toExposeHeader(
    this: MatcherContext,
    page: unknown,
    url: RequestInfo,
    name: string,
    init?: Init,
  ): Promise<MatcherResult>;
}

export interface MatcherOptions {
  /** Print cookies, credentials and queries as they are; false by default, as logs of tests are kept and passed on. */
  readonly showSecrets?: boolean | undefined;
}

/** Matchers with other options than {@link corsMatchers}. */
export function createCorsMatchers({ showSecrets = false }: MatcherOptions = {}): CorsMatchers {
  return {
    async toBeAllowed(page, url, init) {
      return verdict(this, "toBeAllowed", await checkAllowed(page, url, init, showSecrets));
    },
    async toBeRefused(page, url, init, code) {
      return verdict(this, "toBeRefused", await checkRefused(page, url, init, code, showSecrets));
    },
    async toNeedPreflight(page, url, init) {
      return verdict(this, "toNeedPreflight", await checkPreflight(page, url, init, showSecrets));
    },
    async toExposeHeader(page, url, name, init) {
      return verdict(this, "toExposeHeader", await checkExposed(page, url, name, init, showSecrets));
    },
  };
}

/** The matchers; secrets are hidden. */
export const corsMatchers: CorsMatchers = createCorsMatchers();

/** What is undecided fails, negated or not: a runner turns `pass` round where `isNot` is true. */
function verdict({ isNot = false, utils }: MatcherContext, name: string, answer: Answer): MatcherResult {
  const pass = answer.holds === "undecided" ? isNot : answer.holds;
  const call = `expect(page).${isNot ? "not." : ""}${name}()`;
  return { pass, message: () => `${call} failed.\n\n${answer.message(paintOf(utils))}` };
}

/** The runner's own colours, which are plain text where it wants none. */
function paintOf(utils: unknown): Paint {
  if (typeof utils !== "object" || utils === null) return PLAIN;
  if (!("EXPECTED_COLOR" in utils && "RECEIVED_COLOR" in utils)) return PLAIN;
  const { EXPECTED_COLOR: good, RECEIVED_COLOR: bad } = utils;
  return isColour(good) && isColour(bad) ? { good, bad } : PLAIN;
}

function isColour(value: unknown): value is (text: string) => string {
  return typeof value === "function";
}
