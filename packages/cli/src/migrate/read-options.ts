/**
 * The old options, from JSON or from a module's export.
 *
 * @module
 */

import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { escapeFromWire } from "crossorigin/diagnose";
import { readInput } from "../input-file.ts";
import { UsageError, quoted, systemReason } from "../usage-error.ts";
import { decodeFields } from "./encoded-value.ts";
import { importModule } from "./import-module.ts";
import type { Options } from "./old-cors.ts";

export interface ReadOptions {
  /** Options, or a function in place of the one that computes them. */
  readonly value: Options | (() => unknown);
  /** The export that they are; null for JSON. */
  readonly taken: string | null;
  /** Exports that may have been meant. */
  readonly others: readonly string[];
}

/** `path` is a file's, or `-` for JSON from `stdin`. Runs the module if it is one, in another process. */
export async function readOptions(path: string, stdin: Readable, signal: AbortSignal): Promise<ReadOptions> {
  if (/\.[cm]?[jt]s$/.test(path)) return importOptions(path, signal);
  const value = await readJson(path, stdin);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`the options in ${nameOf(path)} are no object; ${WAY_OUT}`);
  return { value: value as Options, taken: null, others: [] };
}

const WAY_OUT = "give the one that the library is called with";

async function readJson(path: string, stdin: Readable): Promise<unknown> {
  const text = new TextDecoder().decode(await readInput(path, "the configuration", stdin));
  try {
    return JSON.parse(text);
  } catch (error) {
    const hint = path === "-" ? "" : "; a module needs a name that ends in .js, .mjs, .cjs or .ts";
    throw new UsageError(`the configuration in ${nameOf(path)} is not JSON: ${reasonOf(error)}${hint}`);
  }
}

async function importOptions(path: string, signal: AbortSignal): Promise<ReadOptions> {
  try {
    await stat(path);
  } catch (error) {
    throw new UsageError(`the configuration in ${quoted(path)} cannot be read: ${systemReason(error)}`);
  }
  const reading = await importModule(path, signal);
  switch (reading.kind) {
    case "options":
      return { ...reading, value: decodeFields(reading.fields) };
    case "delegator":
      return { ...reading, value: () => {} };
    case "application":
      throw new UsageError(
        `the export ${reading.taken} of ${quoted(path)} is an application, not options; export the object that the library is called with, as corsOptions`,
      );
    case "other":
      throw new UsageError(`the options in ${quoted(path)}, export ${reading.taken}, are no object; ${WAY_OUT}`);
    case "error": {
      const hint = /\.[cm]?ts$/.test(path)
        ? "; TypeScript needs Node.js 22.18 or later, or export the options from a .mjs file"
        : "";
      throw new UsageError(`the module ${quoted(path)} cannot be imported: ${reasonOf(reading.reason)}${hint}`);
    }
  }
}

function nameOf(path: string): string {
  return path === "-" ? "standard input" : quoted(path);
}

function reasonOf(error: unknown): string {
  return escapeFromWire((error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " "), 200);
}
