/** Configurations of the four libraries, as people write them, for {@link "./migrate-differences.test.ts"}. */

import type { Library } from "../src/migrate/old-cors.ts";

export interface MigrationCase {
  readonly name: string;
  readonly library: Library;
  /** Options, or a function that computes them; made anew for the migration and for the server. */
  readonly options: () => unknown;
  /** Tried besides the usual ones. */
  readonly origins?: readonly string[];
}

const app = "https://app.example";
const other = "https://other.example";

const both = (name: string, options: () => unknown, origins: readonly string[] = []): MigrationCase[] => [
  { name: `express: ${name}`, library: "express", options, origins },
  { name: `fastify: ${name}`, library: "fastify", options, origins },
];

const koa = (name: string, options: () => unknown): MigrationCase => ({
  name: `koa: ${name}`,
  library: "koa",
  options,
});

const hono = (name: string, options: () => unknown): MigrationCase => ({
  name: `hono: ${name}`,
  library: "hono",
  options,
});

const fastify = (name: string, options: () => unknown): MigrationCase => ({
  name: `fastify: ${name}`,
  library: "fastify",
  options,
});

const express = (name: string, options: () => unknown): MigrationCase => ({
  name: `express: ${name}`,
  library: "express",
  options,
});

export const MIGRATION_CASES: readonly MigrationCase[] = [
  ...both("defaults", () => ({})),
  ...both("switched off", () => ({ origin: false })),
  ...both("any origin", () => ({ origin: true })),
  ...both("any origin with credentials", () => ({ origin: true, credentials: true })),
  ...both("the wildcard with credentials", () => ({ origin: "*", credentials: true })),
  ...both("one origin", () => ({ origin: app })),
  ...both("one origin with everything", () => ({
    origin: app,
    credentials: true,
    methods: ["GET", "PUT", "DELETE"],
    allowedHeaders: ["Content-Type", "X-Listed", "Authorization"],
    exposedHeaders: ["X-Total", "ETag"],
    maxAge: 600,
  })),
  ...both("a list", () => ({ origin: [app, other], methods: "GET,PATCH", allowedHeaders: "content-type" })),
  ...both("a list with credentials", () => ({ origin: [app], credentials: true })),
  ...both("an empty list", () => ({ origin: [] })),
  ...both("a list with the wildcard", () => ({ origin: ["*"] })),
  ...both("a list with the wildcard and an origin", () => ({ origin: [app, "*"], credentials: true })),
  ...both("null and plain http with credentials", () => ({
    origin: ["null", "http://plain.example", app],
    credentials: true,
  })),
  ...both("null without credentials", () => ({ origin: ["null", app] })),
  ...both("misspelled origins", () => ({ origin: [`${app}/`, "HTTPS://Other.example", "third.example"] })),
  ...both("one misspelled origin", () => ({ origin: `${app}/`, credentials: true })),
  ...both("a function in the list", () => ({ origin: [app, () => false], credentials: true })),
  ...both("a function", () => ({
    origin: (origin: string | undefined, done: (error: null, isAllowed: boolean) => void) => done(null, origin === app),
    credentials: true,
  })),
  ...both(
    "an expression that a pattern can replace",
    () => ({ origin: /^https:\/\/([a-z0-9-]+\.)+tenant\.example$/, credentials: true }),
    ["https://a.tenant.example", "https://a.b.tenant.example", "https://tenant.example", "https://xtenant.example"],
  ),
  ...both("an expression that begins anywhere", () => ({ origin: /tenant\.example$/, credentials: true }), [
    "https://tenant.example",
    "https://a.tenant.example",
    "https://eviltenant.example",
    "http://a.tenant.example",
    "https://evil.tenant.example",
  ]),
  ...both("an expression that does not end", () => ({ origin: [/^https:\/\/app.tenant.example/] }), [
    "https://app.tenant.example",
    "https://app.tenant.example.evil.example",
    "https://appxtenant.example",
  ]),
  ...both("an expression for one label", () => ({ origin: /^https:\/\/[a-z0-9-]+\.tenant\.example$/ }), [
    "https://a.tenant.example",
    "https://a.b.tenant.example",
  ]),
  ...both(
    "an expression that cannot be read",
    () => ({ origin: [/^https:\/\/(?!evil)[a-z]{3}\.tenant\.example$/, app] }),
    ["https://abc.tenant.example"],
  ),
  ...both("an expression that matches everything", () => ({ origin: [/.*/], credentials: true })),
  ...both("ports on this machine", () => ({ origin: [/^http:\/\/localhost(:\d+)?$/], credentials: true }), [
    "http://localhost",
    "http://localhost:3000",
  ]),
  ...both("an expression that remembers", () => ({ origin: [/^https:\/\/app\.example$/g] })),
  ...both("wildcards for methods, headers and exposed headers", () => ({
    origin: [app],
    methods: "*",
    allowedHeaders: "*",
    exposedHeaders: "*",
  })),
  ...both("wildcards with credentials", () => ({
    origin: [app],
    credentials: true,
    methods: ["*"],
    allowedHeaders: ["*"],
    exposedHeaders: ["*"],
  })),
  ...both("wildcards among names", () => ({
    origin: app,
    methods: ["GET", "*"],
    allowedHeaders: ["*", "Authorization", "X-Listed"],
    exposedHeaders: ["*", "X-Total"],
  })),
  ...both("methods in lower case and forbidden ones", () => ({
    origin: [app],
    methods: ["get", "put", "patch", "TRACE"],
  })),
  ...both("names that are none or forbidden", () => ({
    origin: [app],
    allowedHeaders: ["x listed", "Origin", "X-Listed"],
    exposedHeaders: ["Set-Cookie", "X-Total"],
  })),
  ...both("no header names, as a list", () => ({ origin: [app], allowedHeaders: [], exposedHeaders: [] })),
  ...both("no header names, as a string", () => ({
    origin: [app],
    allowedHeaders: "",
    exposedHeaders: "",
    methods: "PUT",
  })),
  ...both("a maximum age of 0", () => ({ origin: [app], maxAge: 0 })),
  ...both("a maximum age that is none", () => ({ origin: [app], maxAge: "abc" })),
  ...both("a negative maximum age", () => ({ maxAge: -1 })),
  ...both("an endless maximum age", () => ({ origin: [app], maxAge: 31_536_000 })),
  ...both("credentials as a string", () => ({ origin: [app], credentials: "true" })),
  ...both("another status", () => ({ origin: [app], optionsSuccessStatus: 200 })),
  ...both("preflights passed on", () => ({ origin: [app], preflightContinue: true })),
  express("headers by their other name", () => ({ headers: ["X-Listed"] })),
  express("computed options", () => (_: unknown, done: (error: null, options: object) => void) => {
    done(null, { origin: true });
  }),
  express("names of another library", () => ({ origin: app, allowHeaders: ["X-Listed"] })),
  fastify("not strict", () => ({ origin: [app], strictPreflight: false })),
  fastify("no preflights", () => ({ origin: [app], preflight: false })),
  fastify("a later hook", () => ({ origin: [app], hook: "preHandler", hideOptionsRoute: false, logLevel: "silent" })),
  fastify("no methods", () => ({ origin: [app], methods: "" })),
  fastify("cache control", () => ({ origin: [app], cacheControl: 60 })),
  fastify("computed options", () => ({
    delegator: (_: unknown, done: (error: null, options: object) => void) => done(null, { origin: true }),
  })),
  koa("defaults", () => ({})),
  koa("the default origin with credentials", () => ({ credentials: true })),
  koa("one origin", () => ({ origin: app })),
  koa("one origin with everything", () => ({
    origin: app,
    credentials: true,
    allowMethods: ["GET", "PUT"],
    allowHeaders: ["X-Listed"],
    exposeHeaders: "X-Total",
    maxAge: "600",
  })),
  koa("a list, which it does not take", () => ({ origin: [app, other] })),
  koa("a function", () => ({
    origin: (context: { get(name: string): string }) => (context.get("Origin") === app ? app : ""),
    credentials: true,
  })),
  koa("a function for credentials", () => ({ origin: app, credentials: () => true })),
  koa("a function for credentials with the default origin", () => ({ credentials: () => true })),
  koa("a maximum age of 0", () => ({ maxAge: 0 })),
  koa("no header names", () => ({ origin: app, allowHeaders: [] })),
  koa("wildcards with credentials", () => ({ origin: app, credentials: true, allowMethods: "*", allowHeaders: "*" })),
  koa("no grant on errors", () => ({ origin: app, keepHeadersOnError: false })),
  koa("an isolated context", () => ({ origin: app, secureContext: true })),
  koa("private networks", () => ({ origin: app, privateNetworkAccess: true })),
  hono("defaults", () => ({})),
  hono("one origin", () => ({ origin: app })),
  hono("a list with everything", () => ({
    origin: [app, other],
    credentials: true,
    allowMethods: ["POST", "PUT"],
    allowHeaders: ["X-Listed", "Authorization"],
    exposeHeaders: ["X-Total"],
    maxAge: 600,
  })),
  hono("the wildcard with credentials", () => ({ credentials: true })),
  hono("a list with credentials", () => ({ origin: [app], credentials: true })),
  hono("a function", () => ({ origin: (origin: string) => (origin === app ? origin : null), credentials: true })),
  hono("a function for methods", () => ({ origin: app, allowMethods: () => ["GET", "PUT"] })),
  hono("no methods and a negative maximum age", () => ({ origin: app, allowMethods: [], maxAge: -1 })),
  hono("methods as a string", () => ({ origin: app, allowMethods: "PUT" })),
  hono("the wildcard in a list", () => ({ origin: ["*"] })),
  hono("wildcards", () => ({ origin: app, allowMethods: ["*"], allowHeaders: ["*"], exposeHeaders: ["*"] })),
  hono("wildcards with credentials", () => ({
    origin: [app],
    credentials: true,
    allowMethods: ["*"],
    allowHeaders: ["*"],
    exposeHeaders: ["*"],
  })),
];
