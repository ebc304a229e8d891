/** A SOCKS5 proxy that takes our host names to loopback and refuses every other one: for an engine that cannot be told names. */

import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { addressOf } from "../names.ts";

export interface SocksServer {
  readonly port: number;
  close(): void;
}

const reply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 0]);
const [CONNECTED, REFUSED] = [reply(0), reply(2)];

export async function startSocksServer(): Promise<SocksServer> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    client.on("error", () => {});
    serve(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serve(client: Socket): void {
  let [buffer, isGreeted] = [Buffer.alloc(0), false];
  const onData = (data: Buffer): void => {
    buffer = Buffer.concat([buffer, data]);
    if (!isGreeted) {
      const length = 2 + (buffer[1] ?? 255);
      if (buffer.length < length) return;
      buffer = buffer.subarray(length);
      client.write(Buffer.from([5, 0]));
      isGreeted = true;
    }
    const destination = readDestination(buffer);
    if (destination === null) return;
    client.off("data", onData);
    const { hostname, port, length } = destination;
    const address = addressOf(hostname);
    if (address === null) {
      client.end(REFUSED);
      return;
    }
    const upstream = connect(port, address, () => {
      client.write(CONNECTED);
      upstream.write(buffer.subarray(length));
      client.pipe(upstream);
      upstream.pipe(client);
    });
    upstream.setNoDelay(true);
    client.setNoDelay(true);
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  };
  client.on("data", onData);
}

/** Of a whole request; null as long as there is more to come. */
function readDestination(
  buffer: Buffer,
): { readonly hostname: string; readonly port: number; readonly length: number } | null {
  const [, , , type, nameLength = 0] = buffer;
  if (type === undefined) return null;
  const addressLength = type === 1 ? 4 : type === 4 ? 16 : 1 + nameLength;
  const length = 4 + addressLength + 2;
  if (buffer.length < length) return null;
  const address = buffer.subarray(4, 4 + addressLength);
  const hostname =
    type === 1
      ? address.join(".")
      : type === 4
        ? new URL(`http://[${address.toString("hex").replaceAll(/(.{4})(?!$)/g, "$1:")}]`).hostname
        : address.toString("latin1", 1);
  return { hostname, port: buffer.readUInt16BE(length - 2), length };
}
