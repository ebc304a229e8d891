/** Lets this process load the packages from their sources, one of them with another text if need be: no build, no change of a file. */

import { globSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "../..");

/** The folders whose algorithms the scenarios are about, from the root of the repository. */
export const ALGORITHMS: readonly string[] = ["packages/crossorigin/src/protocol", "packages/crossorigin/src/fetching"];

/** Where a file of the repository is. */
export function fileOf(path: string): string {
  return join(ROOT, path);
}

/** Another text for what occurs once in a file, which is named from the root of the repository. */
export interface Replacement {
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** The file with the replacement. Throws if the text does not occur in it exactly once. */
export function replaced({ file, text, replacement }: Replacement): string {
  const parts = readFileSync(fileOf(file), "utf8").split(text);
  if (parts.length !== 2) throw new Error(`${JSON.stringify(text)} occurs ${parts.length - 1} times in ${file}.`);
  return parts.join(replacement);
}

/** Call it before a package is imported: what is loaded already stays what it is. */
export function loadFromSources(change: Replacement | null = null): void {
  const entries = packageEntries();
  const changed = change === null ? null : { url: pathToFileURL(fileOf(change.file)).href, source: replaced(change) };
  registerHooks({
    resolve: (specifier, context, next) => {
      const url = entries.get(specifier);
      return url === undefined ? next(specifier, context) : { url, format: "module-typescript", shortCircuit: true };
    },
    load: (url, context, next) =>
      url === changed?.url
        ? { format: "module-typescript", source: changed.source, shortCircuit: true }
        : next(url, context),
  });
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | { readonly default: string }>>;
}

/** Published entries and the sources that they are built from. */
function packageEntries(): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const path of globSync("packages/*/package.json", { cwd: ROOT })) {
    const { name, exports = {} } = JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Manifest;
    for (const [entry, target] of Object.entries(exports)) {
      const output = typeof target === "string" ? target : target.default;
      const source = output.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");
      if (output.endsWith(".js"))
        entries.set(name + entry.slice(1), pathToFileURL(join(ROOT, dirname(path), source)).href);
    }
  }
  return entries;
}
