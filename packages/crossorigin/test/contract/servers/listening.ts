/** Servers of this process: one for each setup, on a port of its own. */

import type { AddressInfo, Server as NetServer, Socket } from "node:net";
import type { Departures, ContractServer, Running } from "../server.ts";
import { type Setup, createSetup, takeJournal } from "../setups.ts";
import type { Protocol } from "../wire.ts";

interface Listening {
  readonly port: number;
  readonly close: () => Promise<unknown>;
}

/** A server that `open` starts. */
export function contractServer(
  name: string,
  departures: Departures,
  open: (setup: Setup) => Listening | Promise<Listening>,
  protocol: Protocol = "http",
): ContractServer {
  return {
    name,
    protocol,
    departures,
    start: async (setupName): Promise<Running> => {
      const setup = createSetup(setupName);
      const { port, close } = await open(setup);
      return {
        protocol,
        port,
        host: "api.example",
        take: () => Promise.resolve(takeJournal(setup)),
        replace: () => Promise.resolve(setup.replace()),
        close: async () => {
          setup.dispose();
          await close();
        },
      };
    },
  };
}

export async function listen(server: NetServer): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        for (const socket of sockets) socket.destroy();
      }),
  };
}
