/** Serves on Deno, and prints the port. */

import { hostFetch } from "./host.ts";

declare const Deno: {
  serve(
    options: { port: number; hostname: string; onListen: (address: { readonly port: number }) => void },
    handler: typeof hostFetch,
  ): unknown;
};

Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log(JSON.stringify({ port })) },
  hostFetch,
);
