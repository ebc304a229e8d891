/** `npm run bench`: prints the tables of bench/README.md. */

import { decisionRows, hostileRows } from "./decision.ts";
import { type Row, measure } from "./measure.ts";

const LIMIT_TO_FLOOR = 1.5;
const LIMIT_TO_PLAIN = 2;

/** One line a row: the first contender's figures, then each other's as a ratio to it. */
function print(title: string, rows: readonly Row[], limit: number): void {
  console.log(`\n${title}\n`);
  for (const [row, figures] of measure(rows)) {
    const [first, ...others] = [...figures];
    if (first === undefined) continue;
    const cells = others.map(([name, { nanoseconds, bytes }]) => {
      const ratio = nanoseconds / first[1].nanoseconds;
      const mark = name === "crossorigin" && ratio > limit ? " above" : "";
      return `${name} ${nanoseconds.toFixed(0)} ns, ${bytes.toFixed(0)} B, x ${ratio.toFixed(2)}${mark}`;
    });
    const base = `${first[0]} ${first[1].nanoseconds.toFixed(0)} ns, ${first[1].bytes.toFixed(0)} B`;
    console.log(`${row.name.padEnd(48)} ${base.padEnd(24)} ${cells.join("   ")}`);
  }
}

print("decide() beside the floor", decisionRows(), LIMIT_TO_FLOOR);
print("hostile preflights beside a plain one", hostileRows(), LIMIT_TO_PLAIN);
