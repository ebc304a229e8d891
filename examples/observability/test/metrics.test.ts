import { type RequestListener, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { createDynamicPolicy } from "crossorigin/dynamic";
import { withCors } from "crossorigin/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CorsObservers, corsMetrics } from "../src/cors-metrics.ts";
import { prepareRollout } from "../src/shadow-rollout.ts";
import { subscribeToCors } from "../src/subscribe.ts";

const APP = "https://app.example";
const EVIL = "https://evil.example";
const policy = { origins: [APP], methods: ["PUT"] };

let exporter: InMemoryMetricExporter;
let provider: MeterProvider;
let observers: CorsObservers;
const endings: (() => unknown)[] = [];

beforeEach(() => {
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  observers = corsMetrics(provider.getMeter("crossorigin"));
});

afterEach(async () => {
  await Promise.all(endings.splice(0).map((end) => end()));
  await provider.shutdown();
});

/** What has been counted: the values of each counter by its attributes, joined. */
async function counted(): Promise<Record<string, Record<string, unknown>>> {
  exporter.reset();
  await provider.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  return Object.fromEntries(
    metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      Object.fromEntries(dataPoints.map(({ attributes, value }) => [Object.values(attributes).join(" "), value])),
    ]),
  );
}

async function serve(
  listener: RequestListener,
): Promise<(method: string, headers?: Record<string, string>, path?: string) => Promise<void>> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  endings.push(() => new Promise((resolve) => void server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  return (method, headers = {}, path = "/") =>
    new Promise((resolve, reject) => {
      const sent = request({ port, host: "127.0.0.1", method, headers, path, agent: false }, (response) => {
        response.resume().once("end", resolve);
      });
      sent.once("error", reject).end();
    });
}

const preflight = (origin: string, method: string) => ({ origin, "access-control-request-method": method });

async function sendSome(send: Awaited<ReturnType<typeof serve>>): Promise<void> {
  await send("GET");
  await send("GET", { origin: APP });
  await send("GET", { origin: APP });
  await send("GET", { origin: EVIL });
  await send("OPTIONS", preflight(APP, "PUT"));
  await send("OPTIONS", preflight(APP, "DELETE"));
  await send("OPTIONS", preflight(EVIL, "PUT"));
}

const SOME = {
  "not-cors decision/no-origin": 1,
  "actual decision/granted": 2,
  "actual decision/origin-not-allowed": 1,
  "preflight decision/granted": 1,
  "preflight decision/method-not-allowed": 1,
  "preflight decision/origin-not-allowed": 1,
};

test("decisions are counted by kind and code", async () => {
  await sendSome(await serve(withCors(policy, (_request, response) => response.end(), observers)));
  expect(await counted()).toEqual({ "cors.decisions": SOME });
});

test("the diagnostics channel tells the same, of servers that know nothing of it, until it is left", async () => {
  const leave = subscribeToCors(observers);
  const send = await serve(withCors(policy, (_request, response) => response.end(), { onProblem: () => {} }));
  await sendSome(send);
  leave();
  await send("GET");
  expect(await counted()).toEqual({ "cors.decisions": SOME });
});

test("a look-up that fails is seen, and so is an application that sets lines of its own", async () => {
  const down = createDynamicPolicy({ origins: () => Promise.reject(new Error("The database is down.")) });
  const send = await serve(
    withCors(
      down,
      (_request, response) => {
        response.setHeader("Access-Control-Allow-Origin", "*");
        response.end();
      },
      observers,
    ),
  );
  await send("GET", { origin: APP });
  expect(await counted()).toEqual({
    "cors.decisions": { "actual decision/lookup-failed": 1 },
    "cors.problems": { "server/grant-already-set": 1 },
  });
});

test("a thousand origins make no more time series than one", async () => {
  for (let n = 0; n < 1000; n++) {
    const request = { method: "GET", requestedMethod: "GET", path: `/${n}`, origin: `https://${n}.example` };
    const code = "decision/origin-not-allowed" as const;
    const decision = {
      kind: "actual",
      granted: false,
      code,
      status: null,
      subject: null,
      headers: [],
      vary: null,
    } as const;
    observers.onDecision({ request, decision, shadowDecision: null, error: undefined });
  }
  expect(await counted()).toEqual({ "cors.decisions": { "actual decision/origin-not-allowed": 1000 } });
});

test("a stricter policy is watched as a shadow first, and then enforced without a restart", async () => {
  const lines: string[] = [];
  const rollout = prepareRollout({ origins: "*", methods: ["PUT"] }, policy, (line) => lines.push(line));
  const onDecision: CorsObservers["onDecision"] = (event) => {
    observers.onDecision(event);
    rollout.options.onDecision?.(event);
  };
  const options = { ...rollout.options, onDecision };
  const send = await serve(withCors(rollout.policy, (_request, response) => response.end(), options));
  await send("GET", { origin: APP });
  await send("GET", { origin: EVIL }, "/a%1B[2J?token=secret");
  await send("GET", { origin: EVIL });
  await send("GET", { origin: "https://other.example\u00e9" });
  const before = {
    "cors.decisions": { "actual decision/granted": 4 },
    "cors.shadow.differences": { "actual decision/granted decision/origin-not-allowed": 3 },
  };
  expect(await counted()).toEqual(before);
  expect(lines).toEqual([
    "https://evil.example, GET /a%1B[2J: now decision/granted, then decision/origin-not-allowed",
    "https://other.example\\xe9, GET /: now decision/granted, then decision/origin-not-allowed",
  ]);

  rollout.enforce();
  await send("GET", { origin: EVIL });
  expect(await counted()).toEqual({
    ...before,
    "cors.decisions": { "actual decision/granted": 4, "actual decision/origin-not-allowed": 1 },
  });
});
