/** Recorded departures of random scenarios: where an engine and the user agent may differ, in what alone, and why. */

import { comparable, isEqual } from "../golden.ts";
import type { Engine, Observation, ObservedRequest, Scenario, Step, StepResult } from "../scenario.ts";
import { withSeeOtherForDelete } from "./delete-becomes-get.ts";

interface RandomDeparture {
  readonly name: string;
  readonly engines: readonly Engine[];
  readonly why: string;
  /** Part of the scenario's JSON without which it cannot come up. */
  readonly needs: RegExp;
  /** The scenario in which the user agent is to do what the engine does in this one. */
  readonly instead?: (scenario: Scenario) => Scenario;
  /** A request without what differs; null if it may be there or not. */
  readonly request?: (request: ObservedRequest) => ObservedRequest | null;
  /** A result without what differs; the step that it is of, and the scenario. */
  readonly result?: (result: StepResult, step: Step, scenario: Scenario) => StepResult;
}

const withoutHeaders =
  (...names: readonly string[]) =>
  (request: ObservedRequest): ObservedRequest => {
    const { headers = {}, ...others } = request;
    const kept = Object.entries(headers).filter(([name]) => !names.includes(name));
    return kept.length === 0 ? others : { ...others, headers: Object.fromEntries(kept) };
  };

const withHeader =
  (name: string, change: (value: string) => string) =>
  (request: ObservedRequest): ObservedRequest => {
    const value = request.headers?.[name];
    return value === undefined ? request : { ...request, headers: { ...request.headers, [name]: change(value) } };
  };

const isRedirectedTwice = ({ request }: ObservedRequest): boolean => /h[2-9]$/.test(request);

/** A body whose type no safelist has. */
const BLOB = /\{"blob":"[^"]*","type":"application\/json"\}/;

/** The generator numbers the hops of a chain from 0 on. */
const isRedirected = ({ request }: ObservedRequest): boolean => /h[1-9]\d*$/.test(request);

const withoutEmptyElements = (value: string): string =>
  value
    .split(", ")
    .filter((element) => element !== "")
    .join(", ");

function withoutEmptyLines(result: StepResult): StepResult {
  if (typeof result !== "object" || result === null || !("headers" in result)) return result;
  const { headers } = result;
  if (!Array.isArray(headers)) {
    const entries = Object.entries(headers as Record<string, string>);
    return {
      ...result,
      headers: Object.fromEntries(entries.map(([name, value]) => [name, withoutEmptyElements(value)])),
    };
  }
  const lines = (headers as string[]).map((line) => line.split(": "));
  return { ...result, headers: lines.map(([name, ...value]) => [name, withoutEmptyElements(value.join(": "))]) };
}

const DEPARTURES: readonly RandomDeparture[] = [
  {
    name: "progress-without-bytes",
    engines: ["chromium", "webkit"],
    why: "Neither fires progress for a response without a body; XMLHttpRequest, handle response end-of-body, does. As in data/departures.json.",
    needs: /"xhr"/,
    result: (result) => {
      if (typeof result !== "object" || result === null || !("sequence" in result) || "body" in result) return result;
      return { ...result, sequence: String(result.sequence).replaceAll(" progress", "") };
    },
  },
  {
    name: "firefox-worker-charset",
    engines: ["firefox"],
    why: "Firefox writes charset=utf-8 in small letters in a worker. As in data/departures.json.",
    needs: /"worker".*"xhr"/,
    request: withHeader("content-type", (type) => type.replace("charset=utf-8", "charset=UTF-8")),
  },
  {
    name: "content-type-comes-back",
    engines: ["webkit"],
    why: "In WebKit the headers of a body that a redirect removed are mostly back after the next one. As in data/departures.json.",
    needs: /"body":|"Content-(?:Type|Language)"/,
    request: (request) =>
      isRedirectedTwice(request) && /^(?:GET|HEAD) /.test(request.request)
        ? withoutHeaders("content-type", "content-language")(request)
        : request,
  },
  {
    name: "firefox-empty-values",
    engines: ["firefox"],
    why: "Firefox leaves empty lines out where it joins them, and what follows on an empty one of a request. As in data/departures.json.",
    needs: /\["X-A",""\],\["X-A"|(?:: |: [^"]*,)"/,
    request: withHeader("x-a", (value) => (value === ", 1," ? "" : value)),
    result: withoutEmptyLines,
  },
  {
    name: "webkit-referrer-of-preflights",
    engines: ["webkit"],
    why: "WebKit applies the referrer policy same-origin to a redirected request, but not to its preflight.",
    needs: /"referrerPolicy":"same-origin".*"Location: /,
    request: (request) =>
      isRedirected(request) && request.request.startsWith("OPTIONS ") ? withoutHeaders("referer")(request) : request,
  },
  {
    name: "webkit-blob-type",
    engines: ["webkit"],
    why: "WebKit sends the type of a Blob in mode no-cors, whatever it is. As in data/departures.json.",
    needs: new RegExp(`"body":${BLOB.source}[^{}]*"mode":"no-cors"`),
    request: (request) =>
      request.headers?.["content-type"] === "application/json" ? withoutHeaders("content-type")(request) : request,
  },
  {
    name: "libsoup-cookies-of-subdomains",
    engines: ["webkit"],
    why: "libsoup counts a host under the page's as another site, whose cookies it blocks; to WebKit's other network stacks a site is a registrable domain.",
    needs: /\{S\}.*"Set-Cookie: /,
    request: (request) => (/ \{S\}/.test(request.request) ? withoutHeaders("cookie")(request) : request),
  },
  {
    name: "opaqueredirect-body",
    engines: ["webkit"],
    why: "WebKit shows the body of an opaqueredirect response without Location. As in data/departures.json.",
    needs: /"redirect":"manual"/,
    result: (result) => {
      if (typeof result !== "object" || result === null || !("type" in result)) return result;
      return result.type === "opaqueredirect" ? { ...result, body: "" } : result;
    },
  },
  {
    name: "libsoup-delete-becomes-get",
    engines: ["webkit"],
    why: "libsoup makes a GET of a DELETE that is redirected to another origin, as after a 303, but for the headers of its body, which stay. As in data/departures.json.",
    needs: /"method":"DELETE".*"Location: /,
    instead: withSeeOtherForDelete,
    request: (request) =>
      isRedirected(request) && request.request.startsWith("GET ")
        ? withoutHeaders("content-type", "content-language")(request)
        : request,
  },
  {
    name: "header-values-as-utf-8",
    engines: ["webkit"],
    why: "WebKitGTK sends the bytes of UTF-8 where a header value is latin-1. As in data/departures.json.",
    needs: /é/,
    request: withHeader("x-a", (value) => value.replaceAll("Ã©", "é")),
  },
];

/** What came of a scenario in an engine and on the user agent. */
export interface Pair {
  readonly scenario: Scenario;
  readonly live: Observation;
  readonly agent: Observation;
}

/**
 * The names of the departures that explain a difference, all of it; null if they do not.
 *
 * @param agentOf - what the user agent does in another scenario
 */
export async function departureOf(
  { scenario, live, agent }: Pair,
  engine: Engine,
  agentOf: (scenario: Scenario) => Promise<Observation>,
): Promise<string | null> {
  const text = JSON.stringify({ context: scenario.context, steps: scenario.steps, server: scenario.server });
  let needed = DEPARTURES.filter(({ engines, needs }) => engines.includes(engine) && needs.test(text));
  const isExplainedBy = async (all: readonly RandomDeparture[]): Promise<boolean> => {
    const other = all.reduce((changed, { instead }) => instead?.(changed) ?? changed, scenario);
    const expected = other === scenario ? agent : await agentOf(other);
    return isEqual(scenario, hidden(scenario, live, all), hidden(scenario, expected, all));
  };
  if (!(await isExplainedBy(needed))) return null;
  for (const one of needed) {
    const others = needed.filter((other) => other !== one);
    if (await isExplainedBy(others)) needed = others;
  }
  return needed.map(({ name }) => name).join(" + ");
}

function hidden(scenario: Scenario, observation: Observation, departures: readonly RandomDeparture[]): Observation {
  const { server, script } = comparable(scenario, observation);
  const requests = server.flatMap((entry) => {
    let kept: ObservedRequest | null = "request" in entry ? entry : null;
    for (const { request } of departures) if (kept !== null && request !== undefined) kept = request(kept);
    return kept === null ? [] : [kept];
  });
  return { server: requests, script: hiddenResults(script, scenario.steps, scenario, departures) };
}

function hiddenResults(
  results: readonly StepResult[],
  steps: readonly Step[],
  scenario: Scenario,
  departures: readonly RandomDeparture[],
): StepResult[] {
  const telling = steps.filter((step) => !("waitMilliseconds" in step));
  return results.map((result, index) => {
    const step = telling[index];
    if (step === undefined) return result;
    if ("frame" in step && typeof result === "object" && result !== null && "frame" in result)
      return { frame: hiddenResults(result.frame as readonly StepResult[], step.steps, scenario, departures) };
    return departures.reduce((shown, { result: change }) => change?.(shown, step, scenario) ?? shown, result);
  });
}
