/** Serves on Bun, and prints the port. */

import { hostFetch } from "./host.ts";

declare const Bun: {
  serve(options: { port: number; hostname: string; fetch: typeof hostFetch; websocket: { message(): void } }): {
    readonly port: number;
  };
};

const bunServer = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: hostFetch, websocket: { message: () => {} } });
Object.assign(globalThis, { bunServer });
console.log(JSON.stringify({ port: bunServer.port }));
