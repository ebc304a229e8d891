/** What elements load, answered as the query asks: `/png?allow=*&status=404`. For our user agent and for Chromium. */

import type { RequestListener } from "node:http";

/** A red picture of 2 × 2 pixels. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAABHNCSVQICAgIfAhkiAAAAAFzUkdCAK7OHOkAAAAUSURBVAiZY/zPwPCfgYGBgYkBCgAfFwICvtwYPAAAAABJRU5ErkJggg==";

/** A font with one letter, a triangle for `A`. */
const FONT =
  "AAEAAAAKAIAAAwAgT1MvMlf8Vg8AAACsAAAAYGNtYXAADAB0AAABDAAAACxnbHlmAvYE7AAAATgAAAAkaGVhZA45itkAAAFcAAAANmhoZWEFFgEvAAABlAAAACRobXR4A+gAAAAAAbgAAAAIbG9jYQASAAAAAAHAAAAABm1heHAABAAFAAAByAAAACBuYW1lAFcUwwAAAegAAABEcG9zdAADAAAAAAIsAAAAIAAEAfQBkAAFAAAAZABkAAAAAABkAGQAAAAAADIA+gAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAABOT05FAEAAQQBBAyD/OAAAAyAAyAAAAAEAAAAAAfQB9AAAAEEAAAAAAAEAAwABAAAADAAEACAAAAAEAAQAAQAAAEH//wAAAEH////AAAEAAAAAAAEAAAAAAfQB9AADAAABAQEBAAAB9AAA/gwAAAAAAfQAAAAAAAEAAAABAAAAAAAAXw889QALA+gAAAAA1pOkAAAAAADWk6QAAAAAAAH0AfQAAAAIAAIAAAAAAAAAAQAAAyD/OAAAAfQAAAAAAfQAAQAAAAAAAAAAAAAAAAAAAAIB9AAAAfQAAAAAAAAAEgAAAAEAAAACAAQAAQAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAFAEIAAwABBAkAAQACAAAAAwABBAkAAgACAAAAAwABBAkAAwACAAAAAwABBAkABAACAAAAAwABBAkABgACAAAAeAADAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A hundredth of a second of silence. */
function wave(): Buffer {
  const samples = Buffer.alloc(80, 0x80);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

const FILES: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
  "/png": ["image/png", Buffer.from(PNG, "base64")],
  "/svg": ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>'],
  "/font": ["font/ttf", Buffer.from(FONT, "base64")],
  "/throws": ["text/javascript", "throw new Error('secret');"],
  "/script": ["text/javascript", "globalThis.hasRun = true;"],
  "/style": ["text/css", ".loaded { color: red }"],
  "/sound": ["audio/wav", wave()],
  "/text-track": ["text/vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nA cue\n"],
  "/manifest": ["application/manifest+json", "{}"],
  "/page": ["text/html", "<!DOCTYPE html><title>A page</title><body></body>"],
};

/** What a query can ask for. */
export interface Answer {
  /** `Access-Control-Allow-Origin` */
  readonly allow?: string;
  /** `Access-Control-Allow-Credentials` */
  readonly credentials?: "true";
  /** Another `Content-Type`; empty for none. */
  readonly type?: string;
  readonly status?: string;
  readonly nosniff?: "nosniff";
  /** `Cross-Origin-Resource-Policy` */
  readonly corp?: string;
  /** A redirect. */
  readonly location?: string;
  /** `Set-Cookie` */
  readonly cookie?: string;
}

export function pathOf(file: string, answer: Answer = {}): string {
  const query = new URLSearchParams({ ...answer }).toString();
  return query === "" ? file : `${file}?${query}`;
}

export const answer: RequestListener = (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://server.invalid");
  const [type, body] = FILES[pathname] ?? ["text/plain", ""];
  const header = (name: string, value: string | null): void => {
    if (value !== null && value !== "") response.setHeader(name, value);
  };
  header("Access-Control-Allow-Origin", searchParams.get("allow"));
  header("Access-Control-Allow-Credentials", searchParams.get("credentials"));
  header("X-Content-Type-Options", searchParams.get("nosniff"));
  header("Cross-Origin-Resource-Policy", searchParams.get("corp"));
  header("Location", searchParams.get("location"));
  header("Set-Cookie", searchParams.get("cookie"));
  header("Content-Type", searchParams.get("type") ?? type);
  header("Cache-Control", "no-store");
  const status = searchParams.get("status") ?? (searchParams.has("location") ? "302" : "200");
  response.writeHead(Number(status)).end(body);
};
