/** `npm run bench`: prints the tables of bench/README.md. `npm run bench -- servers "koa 3"` prints one of them, of some frameworks only. */

import { decisionRows, hostileRows } from "./decision.ts";
import { fetchHandlerRows } from "./fetch-handlers.ts";
import { type Row, measure } from "./measure.ts";
import { printClients } from "./clients/clients.ts";
import { printPackages } from "./packages.ts";
import { printServers } from "./servers/servers.ts";

/** One line a row: the first contender's figures, then each other's as a ratio to it. */
async function print(title: string, rows: readonly Row[], limit: number | null): Promise<void> {
  console.log(`\n${title}\n`);
  for (const [row, figures] of await measure(rows)) {
    const [first, ...others] = [...figures];
    if (first === undefined) continue;
    const cells = others.map(([name, { ratio, spread, bytes }]) => {
      const mark = name === "crossorigin" && limit !== null && ratio > limit ? " ABOVE" : "";
      const range = `${spread[0].toPrecision(3)}-${spread[1].toPrecision(3)}`;
      return `${name} x ${ratio.toPrecision(3)} (${range}) ${bytes.toFixed(0)} B${mark}`;
    });
    const base = `${first[0]} ${first[1].nanoseconds.toFixed(0)} ns ${first[1].bytes.toFixed(0)} B`;
    console.log(`${row.name.padEnd(48)} ${base.padEnd(22)} ${cells.join(" | ")}`);
  }
}

const TABLES: Readonly<Record<string, (only: readonly string[]) => Promise<void>>> = {
  decisions: async () => {
    await print("Decisions, as ratios to the floor", decisionRows(), 1.3);
    await print("Hostile preflights, as ratios to a plain one", hostileRows(), 2);
  },
  fetch: () => print("Fetch handlers, as ratios to the floor", fetchHandlerRows(), null),
  servers: printServers,
  packages: printPackages,
  clients: printClients,
};

const chosen = process.argv.slice(2);
const [table = "", ...only] = chosen;
const unknown = table !== "" && TABLES[table] === undefined;
if (unknown) {
  console.error(`There is no table "${table}"; there are ${Object.keys(TABLES).join(", ")}.`);
  process.exitCode = 2;
} else {
  for (const name of table === "" ? Object.keys(TABLES) : [table]) await TABLES[name]?.(only);
}
