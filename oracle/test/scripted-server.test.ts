import { type IncomingHttpHeaders, connect } from "node:http2";
import type { LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { createCertificate } from "../src/certificate.ts";
import { HOSTNAMES, Names } from "../src/names.ts";
import { ScriptedServer } from "../src/scripted-server.ts";
import { frameBytes } from "../src/web-socket-frames.ts";

const lookupLoopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all === true) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};

test("the scripted server speaks HTTP/2 where it speaks nothing else", async () => {
  const certificate = createCertificate(HOSTNAMES);
  const server = await ScriptedServer.start(certificate);
  const base = "/r/test/h2/";
  const names = new Names(server.ports, base);
  const seen: string[] = [];
  server.add({
    base,
    routes: { r: { PUT: [{ status: 201, headers: ["Access-Control-Allow-Origin: {o:AS}"], body: "made" }] } },
    expand: (text) => names.expand(text),
    onRequest: ({ method, body }, url) => seen.push(`${method} ${names.collapse(url)} ${body}`),
  });
  const session = connect(names.origin("BH"), {
    ca: certificate.ca,
    lookup: lookupLoopback,
  });
  const stream = session.request({ ":method": "PUT", ":path": `${base}r` });
  stream.end("x");
  const headers = await new Promise<IncomingHttpHeaders>((resolve) => stream.once("response", resolve));
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  session.destroy();
  await server.close();
  expect(seen).toEqual(["PUT {BH}r x"]);
  expect([headers[":status"], headers["access-control-allow-origin"], headers["content-type"]]).toEqual([
    201,
    names.origin("AS"),
    "text/plain",
  ]);
  expect(Buffer.concat(chunks).toString()).toBe("made");
});

test("the scripted server shakes hands with a WebSocket, sends its frames, and answers the page's Close frame", async () => {
  const server = await ScriptedServer.start(createCertificate(HOSTNAMES));
  const base = "/r/test/ws/";
  const frames = [{ text: "one" }, { waitMilliseconds: 1 }, { text: "two" }];
  server.add({
    base,
    routes: { open: { GET: [{ status: 101, frames }] }, closed: { GET: [{ status: 101, frames: [{ close: 4000 }] }] } },
    expand: (text) => text,
    onRequest: () => {},
  });
  const listen = (resource: string): Promise<(string | number)[]> => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.ports.http}${base}${resource}`);
    const heard: (string | number)[] = [];
    socket.on("message", (data: Buffer) => {
      heard.push(data.toString());
      if (heard.length === 2) socket.close(3000);
    });
    return new Promise((resolve) => socket.on("close", (code) => resolve([...heard, code])));
  };
  expect(await listen("open")).toEqual(["one", "two", 3000]);
  expect(await listen("closed")).toEqual([4000]);
  await server.close();
});

test("a frame that is too long for a script is an error", () => {
  expect(() => frameBytes({ text: "x".repeat(126) })).toThrow("126 bytes");
});

test("tokens and names are each other's inverse", () => {
  const names = new Names(
    {
      http: 8080,
      otherHttp: 8081,
      https: 8443,
      otherHttps: 8444,
      http2: 8445,
      default: 80,
      publicHttp: 8082,
      publicHttps: 8446,
      localHttp: 8083,
      localHttps: 8447,
      ipv6: 8084,
      otherAddress: 8085,
    },
    "/r/x/y/",
  );
  for (const text of ["{B}r?a={o:A2}", "http://u:p@{h:C}{base}r", "{o:D}", "{E}q", "{o:A}/some/path", "{BH}r {AS2}s"]) {
    expect(names.collapse(names.expand(text))).toBe(text);
  }
  expect(names.expand("{w:BS}s {w:A}")).toBe("wss://bar.other:8443/r/x/y/s ws://foo.example:8080/r/x/y/");
  expect(names.expand("{o:D} {p:D} {V6}r")).toBe("http://foo.example 80 http://[::1]:8084/r/x/y/r");
});
