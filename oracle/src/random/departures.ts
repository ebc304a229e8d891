/** Recorded departures of random scenarios: where an engine and the user agent may differ, in what alone, and why. */

import { comparable, isEqual } from "../golden.ts";
import type { Engine, Observation, ObservedRequest, Scenario, StepResult } from "../scenario.ts";

interface RandomDeparture {
  readonly name: string;
  readonly engines: readonly Engine[];
  readonly why: string;
  /** Part of the scenario's JSON without which it cannot come up. */
  readonly needs: RegExp;
  /** A request without what differs; null if it may be there or not. */
  readonly request?: (request: ObservedRequest) => ObservedRequest | null;
  /** A result without what differs. */
  readonly result?: (result: StepResult) => StepResult;
}

const withoutHeaders =
  (...names: readonly string[]) =>
  (request: ObservedRequest): ObservedRequest => {
    const headers = Object.entries(request.headers ?? {}).filter(([name]) => !names.includes(name));
    return { ...request, headers: Object.fromEntries(headers) };
  };

const isPreflight = ({ headers = {} }: ObservedRequest): boolean => "access-control-request-method" in headers;

const DEPARTURES: readonly RandomDeparture[] = [
  {
    name: "progress-without-bytes",
    engines: ["chromium", "webkit"],
    why: "Neither fires progress for a response without a body; XMLHttpRequest, handle response end-of-body, does. As in data/departures.json.",
    needs: /"xhr"/,
    result: (result) => {
      if (typeof result !== "object" || result === null || !("sequence" in result)) return result;
      return { ...result, sequence: String(result.sequence).replaceAll(" progress", "") };
    },
  },
  {
    name: "chromium-client-hints-on-redirects",
    engines: ["chromium"],
    why: "Chromium takes client hints that a page set off a redirected request, also within an origin, where the URL is not secure; Fetch keeps them.",
    needs: /"(?:DPR|Save-Data|Viewport-Width)"/,
    request: withoutHeaders("dpr", "save-data", "viewport-width"),
  },
  {
    name: "chromium-null-origin-after-redirect",
    engines: ["chromium"],
    why: "Chromium's network stack makes the Origin of a no-cors request null at its first redirect to another origin; Fetch, byte-serializing a request origin, only when the redirect taints it.",
    needs: /"no-cors".*"Location: /,
    request: (request) => (isPreflight(request) ? request : withoutHeaders("origin")(request)),
  },
  {
    name: "storage-access-origin",
    engines: ["chromium"],
    why: "Chromium sends Origin: null with credentialed no-cors requests of a sandboxed frame to its own site. As in data/departures.json.",
    needs: /"sandboxed-frame".*"no-cors"/,
    request: withoutHeaders("origin"),
  },
  {
    name: "firefox-worker-charset",
    engines: ["firefox"],
    why: "Firefox writes charset=utf-8 in small letters in a worker. As in data/departures.json.",
    needs: /"worker".*"xhr"/,
    request: (request) => {
      const type = request.headers?.["content-type"];
      if (type === undefined) return request;
      return { ...request, headers: { ...request.headers, "content-type": type.toLowerCase() } };
    },
  },
  {
    name: "webkit-cache-headers-on-redirects",
    engines: ["webkit"],
    why: "WebKitGTK sends Cache-Control and Pragma for the cache mode with the first request alone; Fetch with every one.",
    needs: /"cache":.*"Location: /,
    request: withoutHeaders("cache-control", "pragma"),
  },
  {
    name: "header-values-as-utf-8",
    engines: ["webkit"],
    why: "WebKitGTK sends the bytes of UTF-8 where a header value is latin-1. As in data/departures.json.",
    needs: /é/,
    request: withoutHeaders("x-a"),
  },
  {
    name: "redirect-error-without-location",
    engines: ["chromium", "webkit"],
    why: "Chromium and WebKitGTK deliver a redirect status without Location though the redirect mode is error; HTTP fetch, step 6.3, asks for the status alone.",
    needs: /"redirect":"error"/,
    result: (result) => {
      if (typeof result !== "object" || result === null) return result;
      const isRedirected = "status" in result && [301, 302, 303, 307, 308].includes(Number(result.status));
      return isRedirected ? { error: "TypeError" } : result;
    },
  },
  {
    name: "chromium-cache-modes-and-preflights",
    engines: ["chromium"],
    why: "Chromium keeps no preflight of a request with cache mode no-store or reload, and asks again for no-cache; the profile has only the reading side of no-store and reload.",
    needs: /"cache":/,
    request: (request) => (isPreflight(request) ? null : request),
  },
  // The last one, as it explains anything: it can hide other differences.
  {
    name: "chromium-cache-modes-and-refused-preflights",
    engines: ["chromium"],
    why: "As chromium-cache-modes-and-preflights, where the preflight that only one of them sends is refused.",
    needs: /"cache":.*"OPTIONS":/,
    request: () => null,
    result: () => ({}),
  },
];

/** The names of the departures that explain a difference, all of it; null if they do not. */
export function departureOf(scenario: Scenario, live: Observation, agent: Observation, engine: Engine): string | null {
  const text = JSON.stringify(scenario);
  const candidates = DEPARTURES.filter(({ engines, needs }) => engines.includes(engine) && needs.test(text));
  const [a, b] = [comparable(scenario, live), comparable(scenario, agent)];
  const isExplainedBy = (all: readonly RandomDeparture[]): boolean => isEqual(scenario, hidden(a, all), hidden(b, all));
  const single = candidates.find((departure) => isExplainedBy([departure]));
  if (single !== undefined) return single.name;
  return candidates.length > 1 && isExplainedBy(candidates) ? "several at once" : null;
}

function hidden({ server, script }: Observation, departures: readonly RandomDeparture[]): Observation {
  const requests = server.flatMap((entry) => {
    let kept: ObservedRequest | null = "request" in entry ? entry : null;
    for (const { request } of departures) if (kept !== null && request !== undefined) kept = request(kept);
    return kept === null ? [] : [kept];
  });
  const hide = (result: StepResult): StepResult => {
    if (typeof result === "object" && result !== null && "frame" in result && Array.isArray(result.frame))
      return { frame: result.frame.map(hide) };
    return departures.reduce((shown, { result: change }) => change?.(shown) ?? shown, result);
  };
  return { server: requests, script: script.map(hide) };
}
