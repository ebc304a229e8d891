/**
 * The questions as plain assertions, for `node:test` and every runner without `expect.extend`. Secrets are hidden.
 *
 * @module
 */

import { AssertionError } from "node:assert";
import type { Code } from "crossorigin/diagnose";
import type { Client } from "./client.ts";
import { type Answer, checkAllowed, checkExposed, checkPreflight, checkRefused } from "./matchers-checks.ts";
import { PLAIN } from "./matchers-message.ts";
import type { RequestInfo } from "./request.ts";
import type { RequestInit } from "./request-init.ts";

type Init = RequestInit | null | undefined;

/** Rejects with an `AssertionError` unless the page may read the response. */
export async function assertAllowed(page: Client, url: RequestInfo, init?: Init): Promise<void> {
  demand(true, await checkAllowed(page, url, init, false), "the page to be allowed to read the response");
}

/** Rejects with an `AssertionError` unless the server's answer keeps the response from the page; if `code` is given, for that reason. */
export async function assertRefused(page: Client, url: RequestInfo, init?: Init, code?: Code): Promise<void> {
  const reason = code === undefined ? "" : ` with ${code}`;
  demand(true, await checkRefused(page, url, init, code, false), `the page to be refused the response${reason}`);
}

/** Rejects with an `AssertionError` unless a browser would ask with a preflight. Nothing is sent. */
export async function assertPreflight(page: Client, url: RequestInfo, init?: Init): Promise<void> {
  demand(true, await checkPreflight(page, url, init, false), "the request to need a preflight");
}

/** Rejects with an `AssertionError` if a browser would ask with a preflight. Nothing is sent. */
export async function assertNoPreflight(page: Client, url: RequestInfo, init?: Init): Promise<void> {
  demand(false, await checkPreflight(page, url, init, false), "the request to need no preflight");
}

/** Rejects with an `AssertionError` unless the page can read the header `name` of the response. */
export async function assertExposed(page: Client, url: RequestInfo, name: string, init?: Init): Promise<void> {
  demand(true, await checkExposed(page, url, name, init, false), `the header ${name} to be exposed`);
}

/** Rejects with an `AssertionError` unless the page reads the response, and cannot read its header `name`. */
export async function assertHidden(page: Client, url: RequestInfo, name: string, init?: Init): Promise<void> {
  demand(false, await checkExposed(page, url, name, init, false), `the header ${name} not to be exposed`);
}

function demand(wanted: boolean, answer: Answer, what: string): void {
  if (answer.holds === wanted) return;
  throw new AssertionError({ message: `Expected ${what}.\n\n${answer.message(PLAIN)}`, operator: "cors" });
}
