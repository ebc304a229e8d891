/**
 * What it costs to have each library: the time of importing it, its files on disk, and its code bundled and minified.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { percentile } from "./measure.ts";

/** By what is imported. */
const ENTRIES = [
  "crossorigin/node",
  "crossorigin/express",
  "crossorigin/fastify",
  "crossorigin/koa",
  "crossorigin/hono",
  "cors",
  "@fastify/cors",
  "@koa/cors",
  "hono/cors",
  "h3",
];
const RUNS = 15;
const require = createRequire(import.meta.url);

/** Milliseconds that a fresh process takes to import it, beyond what it takes to import nothing. */
function importMilliseconds(entry: string): number {
  const program = `const started = performance.now(); await import(${JSON.stringify(entry)}); console.log(performance.now() - started)`;
  const times = Array.from({ length: RUNS }, () =>
    Number(
      execFileSync(process.execPath, ["--input-type=module", "-e", program], {
        cwd: dirname(fileURLToPath(import.meta.url)),
        encoding: "utf8",
      }),
    ),
  );
  return percentile(times, 0.5);
}

/** Bytes of the package and of what it depends on. */
function bytesOnDisk(entry: string, seen: Set<string> = new Set()): number {
  const name = entry.startsWith("@") ? entry.split("/").slice(0, 2).join("/") : (entry.split("/")[0] ?? entry);
  if (seen.has(name)) return 0;
  seen.add(name);
  const folder = require.resolve
    .paths(name)
    ?.map((path) => join(path, name))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  if (folder === undefined) return 0;
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    files?: string[];
    dependencies?: Record<string, string>;
  };
  // In a workspace more lies there than is published.
  const published = name === "crossorigin" ? (manifest.files ?? []) : ["."];
  const own = published.reduce((sum, path) => sum + sizeOf(join(folder, path)), 0);
  return (
    own + Object.keys(manifest.dependencies ?? {}).reduce((sum, dependency) => sum + bytesOnDisk(dependency, seen), 0)
  );
}

function sizeOf(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path)
    .filter((name) => name !== "node_modules")
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** Bytes of the code, bundled with what it depends on and minified. */
async function minifiedBytes(entry: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as all from ${JSON.stringify(entry)}; globalThis.all = all;`,
      resolveDir: dirname(fileURLToPath(import.meta.url)),
    },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    logLevel: "error",
  });
  return outputFiles[0]?.contents.length ?? 0;
}

export async function printPackages(): Promise<void> {
  console.log("\nPackages: time to import, kilobytes on disk with dependencies, kilobytes bundled and minified\n");
  for (const entry of ENTRIES) {
    const cells = [
      `${importMilliseconds(entry).toFixed(1).padStart(6)} ms`,
      `${(bytesOnDisk(entry) / 1000).toFixed(0).padStart(6)} kB`,
      `${((await minifiedBytes(entry)) / 1000).toFixed(1).padStart(6)} kB`,
    ];
    console.log(`${entry.padEnd(22)} ${cells.join("  ")}`);
  }
}
