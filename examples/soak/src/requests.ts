/** A path of the application, and what it answers with. */
export interface Target {
  readonly path: string;
  readonly status: number;
  /** What the application itself puts into `Vary`. */
  readonly vary: string | null;
}

export const TARGETS: readonly Target[] = [
  { path: "/", status: 200, vary: null },
  { path: "/missing", status: 404, vary: null },
  { path: "/broken", status: 500, vary: null },
  { path: "/compressed", status: 200, vary: "Accept-Encoding" },
  { path: "/meddling", status: 200, vary: null },
];

/** One request, with every line of the headers that matter. */
export interface SoakRequest {
  readonly kind: "actual" | "preflight" | "without Origin" | "hostile";
  readonly method: string;
  readonly target: Target;
  readonly origins: readonly string[];
  readonly requestMethods: readonly string[];
  readonly requestHeaders: readonly string[];
  readonly bytes: Buffer;
}

const ORIGINS = [
  "https://app.example",
  "https://a.preview.example",
  "https://a.b.preview.example",
  "https://other.example:8443",
  "https://dev.example",
  "https://dev.example:3000",
  "http://localhost:5173",
  "https://shop.tenant.example",
  "https://stranger.example",
];

const NEAR_MISSES = [
  "http://app.example",
  "https://app.example:8443",
  "https://app.example.evil.example",
  "https://evilapp.example",
  "https://preview.example",
  "https://evilpreview.example",
  "https://other.example",
  "https://xtenant.example",
  "https://dev.example:3000.evil.example",
];

const HOSTILE_ORIGINS = [
  "",
  "null",
  "*",
  "https://app.example/",
  "HTTPS://APP.EXAMPLE",
  "https://app.example:443",
  "https://user@app.example",
  "https://evil.example/.preview.example",
  "https://.preview.example",
  "https://a..preview.example",
  "https://dev.example:",
  "https://dev.example:99999",
  "https://dev.example:*",
  "https://app.example\u00e9",
  "https://app.example, https://app.example",
  `https://${"a".repeat(6000)}.preview.example`,
  `https://${"a.".repeat(3000)}preview.example`,
];

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PURGE"];
const HOSTILE_METHODS = ["", "put", "P\u00dcT", "PUT, DELETE", "*", "A".repeat(5000), "GET\tPUT"];
const NAMES = ["content-type", "x-one", "x-two", "x-four", "x-five", "authorization", "x-unknown"];
const HOSTILE_NAMES = [
  ",".repeat(7000),
  `${"x-one,".repeat(100)}x-one`,
  "x one",
  "x-one;",
  "*",
  "X-ONE ,\t,x-one",
  "a".repeat(3000),
];

/** Many different requests, the same ones for the same seed. */
export function createRequests(count: number, seed: number): SoakRequest[] {
  const random = randomNumbers(seed);
  const below = (end: number): number => Math.floor(random() * end);
  const one = <Value>(values: readonly Value[]): Value => values[below(values.length)] as Value;
  const some = (values: readonly string[], most: number): string[] =>
    Array.from({ length: below(most + 1) }, () => one(values));

  return Array.from({ length: count }, () => {
    const kind = one(["actual", "actual", "preflight", "preflight", "without Origin", "hostile"] as const);
    const isHostile = kind === "hostile";
    const isPreflight = kind === "preflight" || (isHostile && random() < 0.6);
    const origin = random() < 0.25 ? one(NEAR_MISSES) : one(ORIGINS);
    const origins =
      kind === "without Origin"
        ? []
        : isHostile && random() < 0.7
          ? [one(HOSTILE_ORIGINS), ...some(ORIGINS, 1)]
          : [origin];
    const names = some(NAMES, 3);
    return withBytes({
      kind,
      method: isPreflight || random() < 0.05 ? "OPTIONS" : one(METHODS),
      target: one(TARGETS),
      origins,
      // Without Origin, too: then it is no preflight.
      requestMethods:
        isPreflight || (kind === "without Origin" && random() < 0.1)
          ? [isHostile ? one([...HOSTILE_METHODS, ...METHODS]) : one(METHODS)]
          : [],
      requestHeaders: !isPreflight
        ? []
        : isHostile
          ? some([...HOSTILE_NAMES, ...NAMES], 2)
          : names.length === 0
            ? []
            : [names.join(",")],
    });
  });
}

/** A header value is read without white space around it. */
function trimmed(values: readonly string[]): string[] {
  return values.map((value) => value.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
}

function withBytes(request: Omit<SoakRequest, "bytes">): SoakRequest {
  const lines = [
    `${request.method} ${request.target.path} HTTP/1.1`,
    "Host: soak.example",
    ...request.origins.map((origin) => `Origin: ${origin}`),
    ...request.requestMethods.map((method) => `Access-Control-Request-Method: ${method}`),
    ...request.requestHeaders.map((names) => `Access-Control-Request-Headers: ${names}`),
    ...(["POST", "PUT", "PATCH"].includes(request.method) ? ["Content-Length: 0"] : []),
  ];
  const { origins, requestMethods, requestHeaders } = request;
  return {
    ...request,
    origins: trimmed(origins),
    requestMethods: trimmed(requestMethods),
    requestHeaders: trimmed(requestHeaders),
    bytes: Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"),
  };
}

/** Numbers from 0 to below 1, by the generator mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
