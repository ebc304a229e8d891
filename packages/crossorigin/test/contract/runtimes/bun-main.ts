/** Serves on Bun, and prints the port. */

import { hostFetch } from "./host.ts";

declare const Bun: {
  serve(options: { port: number; hostname: string; fetch: typeof hostFetch }): { readonly port: number };
};

const { port } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: hostFetch });
console.log(JSON.stringify({ port }));
