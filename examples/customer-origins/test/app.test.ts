import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { DecisionEvent } from "crossorigin/express";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApp } from "../src/app.ts";
import type { OriginStore } from "../src/origin-store.ts";
import { openPostgresStore } from "../src/postgres-origin-store.ts";
import { openSqliteStore } from "../src/sqlite-origin-store.ts";
import { type PostgresServer, findPostgres, startPostgres } from "./postgres-server.ts";

const SHOP = "https://shop.customer.example";

let store: OriginStore;
let base: string;
let close: () => Promise<void>;
const events: DecisionEvent[] = [];

async function serve(opened: OriginStore): Promise<void> {
  store = opened;
  events.length = 0;
  const server = createServer(createApp(store, { onDecision: (event) => events.push(event) }));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
    await store.close();
  };
}

async function send(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const response = await fetch(base + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === "" ? null : JSON.parse(text) };
}

const register = (customer: string, origin: unknown) => send("POST", `/customers/${customer}/origins`, {}, { origin });
const unregister = (customer: string, origin: string) =>
  send("DELETE", `/customers/${customer}/origins?origin=${encodeURIComponent(origin)}`);

/** What `Access-Control-Allow-Origin` says to a page of the origin. */
async function grantTo(origin: string): Promise<string | null> {
  return (await send("GET", "/api/items", { origin })).headers.get("access-control-allow-origin");
}

function theProduct(): void {
  test("nobody is granted anything before an origin is registered", async () => {
    expect(await grantTo(SHOP)).toBeNull();
  });

  test("a registered origin is granted at once, although it was refused a moment ago", async () => {
    expect(await grantTo(SHOP)).toBeNull();
    expect(await register("1", SHOP)).toMatchObject({ status: 201, json: { origin: SHOP } });
    expect(await grantTo(SHOP)).toBe(SHOP);
    expect(await grantTo("https://customer.example")).toBeNull();
  });

  test("its preflights are granted, too", async () => {
    await register("1", SHOP);
    const headers = { origin: SHOP, "access-control-request-method": "PUT" };
    const { status, headers: lines } = await send("OPTIONS", "/api/items", headers);
    expect(status).toBe(204);
    expect(lines.get("access-control-allow-methods")).toBe("PUT, DELETE");
    expect(lines.get("access-control-max-age")).toBe("60");
  });

  test("an origin that is taken back is refused from the next request on", async () => {
    await register("1", SHOP);
    expect(await grantTo(SHOP)).toBe(SHOP);
    expect((await unregister("1", SHOP)).status).toBe(204);
    expect(await grantTo(SHOP)).toBeNull();
    expect((await unregister("1", SHOP)).status).toBe(404);
  });

  test("an origin that two customers have stays until both have taken it back", async () => {
    await register("1", SHOP);
    await register("2", SHOP);
    await unregister("1", SHOP);
    expect(await grantTo(SHOP)).toBe(SHOP);
    await unregister("2", SHOP);
    expect(await grantTo(SHOP)).toBeNull();
  });

  test("a customer sees the origins of nobody else, in order and each once", async () => {
    await register("1", "https://b.example");
    await register("1", "https://a.example");
    expect((await register("1", "https://a.example")).status).toBe(200);
    await register("2", "https://c.example");
    const { json } = await send("GET", "/customers/1/origins");
    expect(json).toEqual({ origins: ["https://a.example", "https://b.example"] });
  });

  test.each([
    ["https://Shop.customer.example/", "policy/origin-trailing-slash", SHOP],
    ["shop.customer.example", "policy/origin-missing-scheme", SHOP],
    ["https://shop.customer.example:443", "policy/origin-default-port", SHOP],
    ["null", "policy/origin-null", null],
    ["*", "policy/wildcard-in-list", null],
    ["https://*.example", "policy/origin-near-wildcard", null],
    ["https://*.customer.example", "example/origin-pattern", null],
    [7, "example/origin-missing", null],
    [undefined, "example/origin-missing", null],
  ])("%s is refused, with what to write instead", async (origin, code, suggestion) => {
    const { status, json } = await register("1", origin);
    expect(status).toBe(422);
    expect(json.issues).toContainEqual({ code, message: expect.any(String), suggestion });
    expect((await send("GET", "/customers/1/origins")).json).toEqual({ origins: [] });
  });

  test("the pages of customers are granted nothing of what changes origins", async () => {
    await register("1", SHOP);
    const { headers } = await send("GET", "/customers/1/origins", { origin: SHOP });
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });

  test("while the store fails the grant is withheld and the reason is told, and afterwards it is granted again", async () => {
    await register("1", SHOP);
    const { has } = store;
    store.has = () => Promise.reject(new Error("The database is down."));
    const preflight = { origin: SHOP, "access-control-request-method": "PUT" };
    expect(await grantTo(SHOP)).toBeNull();
    expect((await send("OPTIONS", "/api/items", preflight)).status).toBe(503);
    expect(events.map(({ decision }) => decision.code)).toEqual(["decision/lookup-failed", "decision/lookup-failed"]);
    expect(events[0]?.error).toMatchObject({ message: "The database is down." });
    store.has = has;
    expect(await grantTo(SHOP)).toBe(SHOP);
  });

  test("the store is asked once for many requests of one page", async () => {
    await register("1", SHOP);
    let asked = 0;
    const { has } = store;
    store.has = (origin) => {
      asked++;
      return has(origin);
    };
    await Promise.all(Array.from({ length: 20 }, () => grantTo(SHOP)));
    expect(asked).toBe(1);
  });
}

describe("with SQLite", () => {
  beforeEach(() => serve(openSqliteStore()));
  afterEach(() => close());
  theProduct();
});

const bin = findPostgres();
const title = bin === undefined ? "with PostgreSQL (SKIPPED: /usr/lib/postgresql is empty)" : "with PostgreSQL";
if (bin === undefined) console.warn("No PostgreSQL found in /usr/lib/postgresql/*/bin: its store is not tested.");

describe.skipIf(bin === undefined)(title, () => {
  let server: PostgresServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres(bin ?? "");
  }, 60_000);
  afterAll(() => server.stop());

  beforeEach(async () => {
    const database = `test${++databases}`;
    const pg = (await import("pg")).default;
    const administrator = new pg.Client({ host: server.host, user: "postgres", database: "postgres" });
    await administrator.connect();
    await administrator.query(`CREATE DATABASE ${database}`);
    await administrator.end();
    await serve(await openPostgresStore({ host: server.host, user: "postgres", database }));
  });
  afterEach(() => close());
  theProduct();
});
