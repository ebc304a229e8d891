/** Deliberate faults in the algorithms, as `data/faults.json` has them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Replacement } from "../sources.ts";

export interface Fault extends Replacement {
  readonly id: string;
  /** What is wrong with it. */
  readonly gist: string;
}

export function readFaults(): readonly Fault[] {
  const path = join(import.meta.dirname, "../../data/faults.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly faults: readonly Fault[] }).faults;
}
