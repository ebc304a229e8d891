/**
 * `decide()` beside a floor written by hand: a `Set` of origins and prepared header values, nothing else.
 * All rows run interleaved in one process; figures are medians of the rounds, in nanoseconds and as ratios.
 */

import { type Policy, createPolicy, decide } from "crossorigin";

interface Row {
  readonly name: string;
  readonly ours: () => void;
  readonly floor: () => void;
}

const ROUNDS = 25;
const BATCH = 2000;
/** Keeps results alive, so that nothing is folded away. */
const sink = { headers: new Map<string, string>(), count: 0 };

function setHeader(name: string, value: string): void {
  sink.headers.set(name, value);
  sink.count++;
}

function originsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `https://tenant${index}.example`);
}

type Headers = Readonly<Record<string, string | undefined>>;

function runOurs(policy: Policy, method: string, headers: Headers): void {
  const decision = decide(policy, { method, header: (name) => headers[name] });
  for (const { name, value } of decision.headers) setHeader(name, value);
}

/** The least a correct middleware can do. */
function runFloor(origins: ReadonlySet<string>, method: string, headers: Headers): void {
  const origin = headers["origin"] ?? "";
  setHeader("Vary", "Origin");
  if (!origins.has(origin)) return;
  const requested = method === "OPTIONS" ? headers["access-control-request-method"] : undefined;
  if (requested !== undefined) {
    if (!METHODS.has(requested)) return;
    const names = headers["access-control-request-headers"] ?? "";
    if (names.length > 8192) return;
    for (const name of names.split(",")) if (!NAMES.has(name)) return;
    setHeader("Access-Control-Allow-Methods", "PUT");
    setHeader("Access-Control-Allow-Headers", "content-type, x-a");
  }
  setHeader("Access-Control-Allow-Origin", origin);
  setHeader("Access-Control-Allow-Credentials", "true");
}

const METHODS = new Set(["PUT"]);
const NAMES = new Set(["content-type", "x-a"]);

function rowsFor(count: number): Row[] {
  const origins = originsOf(count);
  const policy = createPolicy({ origins, credentials: true, methods: ["PUT"], requestHeaders: [...NAMES] });
  const set = new Set(origins);
  const granted = Array.from({ length: 64 }, (_, index) => origins[(index * 7919) % count] ?? "");
  const refused = Array.from({ length: 64 }, (_, index) => `https://stranger${index}.test`);
  const preflight = { "access-control-request-method": "PUT", "access-control-request-headers": "content-type,x-a" };
  const row = (name: string, method: string, list: readonly string[], more: Headers): Row => {
    const requests = list.map((origin) => ({ origin, ...more }));
    let turn = 0;
    const next = (): Headers => requests[turn++ % requests.length] ?? {};
    return {
      name: `${name}, ${count} origins`,
      ours: () => runOurs(policy, method, next()),
      floor: () => runFloor(set, method, next()),
    };
  };
  return [
    row("actual granted", "GET", granted, {}),
    row("actual refused", "GET", refused, {}),
    row("preflight granted", "OPTIONS", granted, preflight),
    row("preflight refused", "OPTIONS", refused, preflight),
  ];
}

function hostileRows(): Row[] {
  const origins = originsOf(10);
  const policy = createPolicy({ origins, methods: ["PUT"], requestHeaders: [...NAMES] });
  const plain = {
    origin: origins[3],
    "access-control-request-method": "PUT",
    "access-control-request-headers": "content-type,x-a",
  };
  const ours = (headers: Headers) => () => runOurs(policy, "OPTIONS", headers);
  return [
    {
      name: "hostile: 16 KiB of commas / plain",
      ours: ours({ ...plain, "access-control-request-headers": ",".repeat(16_384) }),
      floor: ours(plain),
    },
    {
      name: "hostile: 8 KiB origin / plain",
      ours: ours({ ...plain, origin: `https://${"a".repeat(8192)}` }),
      floor: ours(plain),
    },
  ];
}

/** Nanoseconds a call, over one batch. */
function time(call: () => void): number {
  const started = process.hrtime.bigint();
  for (let index = 0; index < BATCH; index++) call();
  return Number(process.hrtime.bigint() - started) / BATCH;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const rows = [...[1, 10, 1000, 100_000].flatMap(rowsFor), ...hostileRows()];
const samples = rows.map((row) => ({ row, ours: [] as number[], floor: [] as number[] }));
for (let round = -3; round < ROUNDS; round++) {
  for (const { row, ours, floor } of samples) {
    const figures = [time(row.ours), time(row.floor)] as const;
    // The first rounds warm up.
    if (round < 0) continue;
    ours.push(figures[0]);
    floor.push(figures[1]);
  }
}
console.log("row                                      ours ns  floor ns  ratio  limit");
for (const { row, ours, floor } of samples) {
  const limit = row.name.startsWith("hostile") ? 2 : 1.5;
  const ratio = median(ours) / median(floor);
  const figures = [
    median(ours).toFixed(0).padStart(8),
    median(floor).toFixed(0).padStart(9),
    ratio.toFixed(2).padStart(6),
    String(limit).padStart(6),
  ];
  console.log(`${row.name.padEnd(40)}${figures.join(" ")}${ratio > limit ? "  above" : ""}`);
}
console.log(`(${sink.count} headers set)`);
