/** What a random scenario is made of, and the scenario that it comes to. */

import type {
  FetchStep,
  Scenario,
  ScenarioBody,
  ScriptedResponse,
  ScriptedRoutes,
  Step,
  XhrStep,
} from "../scenario.ts";
import { WAIT_MILLISECONDS } from "./header-lines.ts";

/** One answer of a server about who may read it; each line of a header is an element. */
export interface Answer {
  readonly allowOrigin: readonly string[];
  readonly allowCredentials: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly cookie: boolean;
}

export interface PreflightAnswer extends Answer {
  readonly status: number;
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly maxAge: readonly string[];
}

export interface Hop {
  readonly target: number;
  readonly preflights: readonly PreflightAnswer[];
  readonly answer: Answer;
  readonly status: number;
}

export interface Ask {
  readonly chain: number;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: ScenarioBody | null;
  readonly credentials: string | null;
  readonly mode: string | null;
  readonly redirect: string | null;
  readonly cache: string | null;
  readonly referrerPolicy: string | null;
  readonly isXhr: boolean;
  readonly hasUploadListener: boolean;
}

export interface Shape {
  readonly page: keyof typeof TARGETS;
  readonly context: Exclude<Scenario["context"], undefined> | null;
  readonly chains: readonly (readonly Hop[])[];
  readonly asks: readonly Ask[];
  readonly frame: "S" | "C" | null;
  readonly framed: number;
  readonly wait: number | null;
}

/** From each page, its own origin second. Pages with https ask https alone: mixed content is a matter of its own. */
export const TARGETS = { A: ["B", "A", "A2", "C", "S", "BS"], AS: ["BS", "AS", "AS2", "CS"] } as const;

export function scenarioOf({ page, context, chains, asks, frame, framed, wait }: Shape): Scenario {
  const targets: readonly string[] = TARGETS[page];
  const originOf = (target: number): string => targets[target % targets.length] ?? "B";
  const used = [...new Set(asks.map((one) => one.chain))];
  const steps = asks.map((one) => stepOf(one, originOf(chains[one.chain]?.[0]?.target ?? 0)));
  const isFramed = frame !== null && context === null && page === "A" && steps.length > framed;
  const inPage = isFramed ? steps.slice(0, -framed) : steps;
  const waited =
    wait === null
      ? inPage
      : [...inPage.slice(0, wait + 1), { waitMilliseconds: WAIT_MILLISECONDS }, ...inPage.slice(wait + 1)];
  return {
    id: "random",
    name: "A random scenario",
    ...(page === "A" ? {} : { page }),
    ...(context === null ? {} : { context }),
    steps: isFramed ? [...waited, { frame: `{o:${frame}}`, steps: steps.slice(-framed) }] : waited,
    server: Object.fromEntries(used.flatMap((index) => routesOf(chains[index] ?? [], index, originOf, page))),
    observed: [],
  };
}

function stepOf(one: Ask, origin: string): Step {
  const url = `{${origin}}c${one.chain}h0`;
  const headers = one.headers.map(([name, value]): [string, string] => [name, value]);
  const mayHaveBody = !/^(?:get|head)$/i.test(one.method);
  if (one.isXhr) return xhrStepOf(one, url, headers, mayHaveBody);
  const init: NonNullable<FetchStep["init"]> = {
    ...(one.method === "GET" ? {} : { method: one.method }),
    ...(headers.length === 0 ? {} : { headers }),
    ...(one.body === null || !mayHaveBody ? {} : { body: one.body }),
    ...(one.credentials === null ? {} : { credentials: one.credentials }),
    ...(one.mode === null ? {} : { mode: one.mode }),
    ...(one.redirect === null ? {} : { redirect: one.redirect }),
    ...(one.cache === null ? {} : { cache: one.cache }),
    ...(one.referrerPolicy === null ? {} : { referrerPolicy: one.referrerPolicy }),
  };
  return Object.keys(init).length === 0 ? { fetch: url } : { fetch: url, init };
}

function xhrStepOf(one: Ask, url: string, headers: [string, string][], mayHaveBody: boolean): XhrStep {
  return {
    xhr: url,
    // Without a body no `progress` is certain.
    method: one.method === "HEAD" ? "GET" : one.method,
    ...(headers.length === 0 ? {} : { headers }),
    ...(one.body === null || !mayHaveBody ? {} : { body: one.body }),
    ...(one.credentials === "include" ? { withCredentials: true } : {}),
    ...(one.hasUploadListener && mayHaveBody && one.body !== null ? { upload: "listener" } : {}),
  };
}

function routesOf(
  hops: readonly Hop[],
  chainIndex: number,
  originOf: (target: number) => string,
  page: string,
): [string, ScriptedRoutes[string]][] {
  return hops.map(({ preflights, answer: given, status }, index) => {
    const next = hops[index + 1];
    const location = next === undefined ? [] : [`Location: {${originOf(next.target)}}c${chainIndex}h${index + 1}`];
    const lines = [...linesOf(given, page), ...location];
    const shown = location.length === 0 ? ["X-One: 1", "X-Two: 2"] : [];
    // Neither redirects nor anything else is kept in an HTTP cache: that is a matter of its own.
    const response: ScriptedResponse = {
      ...(status === 200 ? {} : { status }),
      headers: [...lines, ...shown, "Cache-Control: no-store"],
      ...(location.length === 0 ? { body: "body" } : {}),
    };
    return [`c${chainIndex}h${index}`, { OPTIONS: preflights.map((one) => preflightOf(one, page)), "*": [response] }];
  });
}

function preflightOf(one: PreflightAnswer, page: string): ScriptedResponse {
  return {
    status: one.status,
    headers: [
      ...linesOf(one, page),
      ...one.allowMethods.map((value) => `Access-Control-Allow-Methods: ${value}`),
      ...one.allowHeaders.map((value) => `Access-Control-Allow-Headers: ${value}`),
      ...one.maxAge.map((value) => `Access-Control-Max-Age: ${value}`),
    ],
  };
}

function linesOf(given: Answer, page: string): string[] {
  return [
    ...given.allowOrigin.map((value) => `Access-Control-Allow-Origin: ${value.replaceAll("PAGE", page)}`),
    ...given.allowCredentials.map((value) => `Access-Control-Allow-Credentials: ${value}`),
    ...given.exposeHeaders.map((value) => `Access-Control-Expose-Headers: ${value}`),
    ...(given.cookie ? ["Set-Cookie: c=1"] : []),
  ];
}
