/** What only Node's servers do with heads, and where no middleware is asked. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { type Http2ServerRequest, type Http2ServerResponse, createServer as createHttp2Server } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { describe, expect, onTestFinished, test } from "vitest";
import { cors } from "../../src/adapters/express.ts";
import { withCors } from "../../src/adapters/node.ts";
import { askOne, asked, corsLines, expectGrant, expectNoGrant, from, values, varyNames } from "./asking.ts";
import { listen } from "./servers/listening.ts";
import { APP, EVIL, LISTED } from "./setups.ts";
import type { Answered, Asked, Protocol } from "./wire.ts";

async function sendTo(server: Parameters<typeof listen>[0], protocol: Protocol, request: Asked): Promise<Answered> {
  const { port, close } = await listen(server);
  onTestFinished(async () => {
    await close();
  });
  return askOne({ protocol, port, host: "api.example" }, request);
}

const send = (
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
  request: Asked,
): Promise<Answered> =>
  sendTo(
    createServer((incoming, response) => void handler(incoming, response)),
    "http",
    request,
  );

const get = asked("GET", "/", [from(APP)]);

describe("on HTTP/1", () => {
  test("early hints come before the grant and do not take its place", async () => {
    const handler = withCors(LISTED, (_request, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
      response.end("late");
    });
    const answer = await send(handler, get);
    expect([answer.status, answer.body]).toEqual([200, "late"]);
    expectGrant(answer);
  });

  test("a body that the client announces is waited for, with the grant in the end", async () => {
    const handler = withCors(LISTED, async (request, response) => {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      response.end(text);
    });
    const answer = await send(handler, asked("PUT", "/", [from(APP), ["Expect", "100-continue"]], "body"));
    expect([answer.status, answer.body]).toEqual([200, "body"]);
    expectGrant(answer);
  });

  test.each<[string, (response: ServerResponse) => unknown]>([
    ["flushed early", (response) => (response.flushHeaders(), response.end())],
    ["set from a list of headers", (response) => response.setHeaders(new Headers({ Vary: "Origin" })).end()],
    ["appended to", (response) => response.appendHeader("Access-Control-Allow-Origin", "*").end()],
    ["written with a status alone", (response) => response.writeHead(404).end()],
    [
      "written by Headers, which Node does not read",
      (response) => response.writeHead(200, new Headers() as never).end(),
    ],
  ])("a head that is %s has the grant", async (_how, answer) => {
    expectGrant(
      await send(
        withCors(LISTED, (_request, response) => answer(response), { onProblem: () => {} }),
        get,
      ),
    );
  });

  test("a second head is refused as ever", async () => {
    const codes: unknown[] = [];
    const handler = withCors(LISTED, (_request, response) => {
      response.writeHead(200);
      try {
        response.writeHead(200);
      } catch (error) {
        codes.push((error as { code?: unknown }).code);
      }
      response.end();
    });
    expectGrant(await send(handler, get));
    expect(codes).toEqual(["ERR_HTTP_HEADERS_SENT"]);
  });

  test("a request that Node refuses itself is answered without a grant", async () => {
    const handler = withCors(LISTED, (_request, response) => response.end());
    const answer = await send(handler, asked("GET", "/", [from(APP), ["X-Long", "a".repeat(20_000)]]));
    expect([answer.status, corsLines(answer), varyNames(answer)]).toEqual([431, [], []]);
  });
});

describe("on HTTP/2", () => {
  const serve = (handler: (request: Http2ServerRequest, response: Http2ServerResponse) => unknown): Promise<Answered> =>
    sendTo(
      createHttp2Server((request, response) => void handler(request, response)),
      "h2c",
      get,
    );

  test("a head that goes out by the stream itself has no grant: it is not the response's", async () => {
    const answer = await serve(
      withCors(LISTED, (_request: Http2ServerRequest, response: Http2ServerResponse) => {
        response.stream.respond({ ":status": 200 });
        response.stream.end("stream");
      }),
    );
    expect([answer.status, answer.body, corsLines(answer)]).toEqual([200, "stream", []]);
  });

  test("early hints do not take the grant's place", async () => {
    const answer = await serve(
      withCors(LISTED, (_request: Http2ServerRequest, response: Http2ServerResponse) => {
        response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
        response.end("late");
      }),
    );
    expectGrant(answer);
  });
});

describe("a file that Express sends", () => {
  async function sendFile(path: string, ...lines: Asked["lines"]): Promise<Answered> {
    const folder = mkdtempSync(join(tmpdir(), "contract-files-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "file.txt"), "0123456789");
    const app = express().set("env", "test");
    app.use(cors(LISTED), express.static(folder));
    return send(app, asked("GET", path, lines));
  }

  test.each<[string, number, Asked]>([
    ["whole", 200, asked("GET", "/file.txt")],
    ["in part", 206, asked("GET", "/file.txt", [["Range", "bytes=2-3"]])],
    ["beyond its end", 416, asked("GET", "/file.txt", [["Range", "bytes=99-"]])],
    ["under a condition that fails", 412, asked("GET", "/file.txt", [["If-Match", '"x"']])],
    ["that is not modified", 304, asked("GET", "/file.txt", [["If-None-Match", "*"]])],
    ["that is not there", 404, asked("GET", "/missing.txt")],
  ])("%s, with status %i, has the grant", async (_how, status, { path, lines }) => {
    const answer = await sendFile(path, from(APP), ...lines);
    expect(answer.status).toBe(status);
    expectGrant(answer);
    expectNoGrant(await sendFile(path, from(EVIL), ...lines));
    expect(values(answer, "vary")).toHaveLength(1);
  });
});
