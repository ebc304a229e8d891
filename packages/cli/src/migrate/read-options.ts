/**
 * The old options, from JSON or from a module's export.
 *
 * @module
 */

import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { escapeFromWire } from "crossorigin/diagnose";
import { readInput } from "../input-file.ts";
import { UsageError, quoted, systemReason } from "../usage-error.ts";
import type { Options } from "./old-cors.ts";

/** Named exports that are looked at before the default one. */
const EXPORT_NAMES = ["corsOptions", "options", "cors"] as const;

/** Options, or the function that computes them. `path` is a file's, or `-` for JSON from `stdin`. Runs the module if it is one. */
export async function readOptions(path: string, stdin: Readable): Promise<Options | (() => unknown)> {
  const value = /\.[cm]?[jt]s$/.test(path) ? await importOptions(path) : await readJson(path, stdin);
  if (typeof value === "function") return value as () => unknown;
  if (isOptions(value)) return value;
  throw new UsageError(`the options in ${nameOf(path)} are no object; give the one that the library is called with`);
}

async function readJson(path: string, stdin: Readable): Promise<unknown> {
  const text = new TextDecoder().decode(await readInput(path, "the configuration", stdin));
  try {
    return JSON.parse(text);
  } catch (error) {
    const hint = path === "-" ? "" : "; a module needs a name that ends in .js, .mjs, .cjs or .ts";
    throw new UsageError(`the configuration in ${nameOf(path)} is not JSON: ${reasonOf(error)}${hint}`);
  }
}

async function importOptions(path: string): Promise<unknown> {
  const module = await importModule(path);
  for (const name of EXPORT_NAMES) if (isOptions(module[name])) return module[name];
  const byDefault = module["default"];
  if (!isOptions(byDefault)) return byDefault;
  // CommonJS with several exports, not all of which Node.js finds by name.
  for (const name of EXPORT_NAMES) if (isOptions(byDefault[name])) return byDefault[name];
  return byDefault;
}

async function importModule(path: string): Promise<Options> {
  try {
    await stat(path);
  } catch (error) {
    throw new UsageError(`the configuration in ${quoted(path)} cannot be read: ${systemReason(error)}`);
  }
  try {
    const module: unknown = await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href);
    return module as Options;
  } catch (error) {
    const hint = /\.[cm]?ts$/.test(path)
      ? "; TypeScript needs Node.js 22.18 or later, or export the options from a .mjs file"
      : "";
    throw new UsageError(`the module ${quoted(path)} cannot be imported: ${reasonOf(error)}${hint}`);
  }
}

function isOptions(value: unknown): value is Options {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof RegExp);
}

function nameOf(path: string): string {
  return path === "-" ? "standard input" : quoted(path);
}

function reasonOf(error: unknown): string {
  return escapeFromWire((error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " "), 200);
}
