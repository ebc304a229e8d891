/** Asking servers under contract, and the sentences the contract is made of. */

import { afterAll, expect } from "vitest";
import type { ContractServer, Running } from "./server.ts";
import { APP, type SetupName } from "./setups.ts";
import { type Answered, type Asked, type Line, type Target, ask } from "./wire.ts";

export type On = (setup: SetupName) => Promise<Running>;

/** Starts a setup of the server when it is first asked for, forgets what happened before, and closes everything in the end. */
export function starting(server: ContractServer): On {
  const started = new Map<SetupName, Promise<Running>>();
  afterAll(async () => {
    await Promise.all([...started.values()].map(async (running) => (await running).close()));
  });
  return async (setup) => {
    const before = started.get(setup);
    if (before !== undefined) {
      const running = await before;
      await running.take();
      return running;
    }
    // What is said while it starts belongs to the first test.
    const starting = server.start(setup);
    started.set(setup, starting);
    return starting;
  };
}

export function asked(method: string, path: string, lines: readonly Line[] = [], body?: string): Asked {
  return { method, path, lines, ...(body !== undefined && { body }) };
}

export const from = (origin: string): Line => ["Origin", origin];

export function preflight(path: string, origin: string, method: string, names?: string): Asked {
  const lines: Line[] = [from(origin), ["Access-Control-Request-Method", method]];
  if (names !== undefined) lines.push(["Access-Control-Request-Headers", names]);
  return asked("OPTIONS", path, lines);
}

export async function askOne(target: Target, request: Asked): Promise<Answered> {
  const [answer] = await ask(target, [request]);
  if (answer === undefined) throw new Error("No answer.");
  return answer;
}

export const get = (target: Target, path: string, ...lines: Line[]): Promise<Answered> =>
  askOne(target, asked("GET", path, lines));

export function values({ lines }: Answered, wanted: string): string[] {
  return lines.filter(([name]) => name === wanted).map(([, value]) => value);
}

/** Every CORS line, as `name: value`, in alphabetical order. */
export function corsLines({ lines }: Answered): string[] {
  return lines
    .filter(([name]) => name.startsWith("access-control-"))
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted();
}

/** The names in `Vary`, over all lines, in lower case and alphabetical order. */
export function varyNames(answer: Answered): string[] {
  return values(answer, "vary")
    .flatMap((value) => value.split(","))
    .map((name) => name.trim().toLowerCase())
    .toSorted();
}

export const grantLines = (origin: string): string[] => [
  "access-control-allow-credentials: true",
  `access-control-allow-origin: ${origin}`,
  "access-control-expose-headers: x-exposed",
];

/** The grant of the listed policy, once, and a `Vary` that says so, once. */
export function expectGrant(answer: Answered, origin: string = APP, ...alsoVary: string[]): void {
  expect([corsLines(answer), varyNames(answer)]).toEqual([grantLines(origin), [...alsoVary, "origin"].toSorted()]);
}

/** No line of a grant, and a `Vary` that says what that depends on. */
export function expectNoGrant(answer: Answered, ...alsoVary: string[]): void {
  expect([corsLines(answer), varyNames(answer)]).toEqual([[], [...alsoVary, "origin"].toSorted()]);
}
