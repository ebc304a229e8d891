/**
 * Load on a server: some connections, one request at a time on each, for as many requests as wanted.
 *
 * @module
 */

import { type Socket, connect } from "node:net";
import { percentile } from "../measure.ts";

const CONNECTIONS = 64;

export interface Load {
  readonly perSecond: number;
  /** Of the slowest of a hundred requests, 64 of them at a time. */
  readonly latencyMilliseconds: number;
}

/** Every answer has to be as long as the first one. */
export async function load(port: number, request: string, count: number): Promise<Load> {
  // In bytes, of head and body.
  const { length } = await answer(port, request);
  const started = process.hrtime.bigint();
  const latencies: number[] = [];
  let left = count;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      onConnection(port, (socket, done) => {
        let received = 0;
        let sent = 0;
        const next = (): void => {
          sent = performance.now();
          if (left-- > 0) socket.write(request);
          else done();
        };
        socket.on("data", (chunk) => {
          received += chunk.length;
          if (received > length) throw new Error(`An answer of port ${port} is longer than ${length} bytes.`);
          if (received < length) return;
          received = 0;
          latencies.push(performance.now() - sent);
          next();
        });
        next();
      }),
    ),
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  return { perSecond: count / seconds, latencyMilliseconds: percentile(latencies, 0.99) };
}

/** One whole answer; its body is counted by Content-Length. */
export function answer(port: number, request: string): Promise<string> {
  let text = "";
  return onConnection(port, (socket, done) => {
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      if (head === -1) return;
      const body = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head + 2))?.[1] ?? 0);
      if (text.length >= head + 4 + body) done();
    });
    socket.write(request);
  }).then(() => text);
}

function onConnection(port: number, use: (socket: Socket, done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("connect", () =>
      use(socket, () => {
        socket.destroy();
        resolve();
      }),
    );
  });
}
