/**
 * `crossorigin migrate FILE`: from another library's options to a policy, with all that will be different.
 *
 * @module
 */

import { EXIT_OK, EXIT_WITHHELD } from "../exit-status.ts";
import { styleFor } from "../style.ts";
import type { Surroundings } from "../surroundings.ts";
import { UsageError } from "../usage-error.ts";
import { possibleLibraries } from "./guess-library.ts";
import { migrate } from "./migration.ts";
import { LIBRARY_NAMES, type Library, type Options } from "./old-cors.ts";
import { readOptions } from "./read-options.ts";
import { migrationJson, renderMigration } from "./render-migration.ts";

export interface MigrateOptions {
  readonly from?: Library;
  readonly json?: boolean;
}

/** Prints on standard output. Returns the exit status: 0 if nothing was dangerous and all was carried over, else 1. */
export async function migrateFile(
  file: string,
  options: MigrateOptions,
  { stdin, stdout, env, signal }: Surroundings,
): Promise<number> {
  const read = await readOptions(file, stdin, signal);
  const migration = migrate(options.from ?? guess(read.value), read.value);
  const text =
    options.json === true
      ? asciiJson(migrationJson(migration, read))
      : renderMigration(migration, read, styleFor(stdout, env));
  stdout.write(`${text}\n`);
  return migration.dangers.length === 0 && migration.byHand.length === 0 ? EXIT_OK : EXIT_WITHHELD;
}

function guess(value: Options | (() => unknown)): Library {
  const possible = typeof value === "function" ? (["express", "fastify"] as const) : possibleLibraries(value);
  const [only, other] = possible;
  if (only !== undefined && other === undefined) return only;
  const reason =
    only === undefined
      ? "no library has all these options"
      : `they may be those of ${possible.map((library) => LIBRARY_NAMES[library]).join(", ")}`;
  throw new UsageError(`the options do not say whose they are: ${reason}; say so with --from`);
}

/** JSON that holds nothing but printable ASCII and line breaks. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /[^\n\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
