/**
 * Which of a module's exports are the options.
 *
 * @module
 */

import { type EncodedFields, encodeFields } from "./encoded-value.ts";

/** What a module turned out to export; fit for a message between processes. */
export type ModuleReading =
  | {
      readonly kind: "options";
      readonly taken: string;
      readonly others: readonly string[];
      readonly fields: EncodedFields;
    }
  /** A function that computes the options. */
  | { readonly kind: "delegator"; readonly taken: string; readonly others: readonly string[] }
  | { readonly kind: "application"; readonly taken: string }
  | { readonly kind: "other"; readonly taken: string }
  /** The import failed. */
  | { readonly kind: "error"; readonly reason: string };

type Exports = Readonly<Record<string, unknown>>;

/** The first that is there is taken. */
const EXPORT_NAMES = ["corsOptions", "options", "cors", "default"] as const;

/** Throws what a getter throws. */
export function readExports(module: Exports): ModuleReading {
  const found = EXPORT_NAMES.map((name) => ({ name, value: exportOf(module, name) }));
  const candidates = found.filter(({ name, value }) => isCandidate(name, value, module));
  const [first, ...rest] = candidates;
  if (first === undefined) return { kind: "other", taken: "default" };
  const { name: taken, value } = first;
  const others = rest.map(({ name }) => name);
  if (isApplication(value)) return { kind: "application", taken };
  if (typeof value === "function") return { kind: "delegator", taken, others };
  return isOptions(value) ? { kind: "options", taken, others, fields: encodeFields(value) } : { kind: "other", taken };
}

function exportOf(module: Exports, name: string): unknown {
  const byDefault = module["default"];
  if (name === "default")
    // An ES module that was compiled to CommonJS.
    return isOptions(byDefault) && byDefault["__esModule"] === true ? byDefault["default"] : byDefault;
  // CommonJS with several exports, not all of which Node.js finds by name.
  return module[name] ?? (isOptions(byDefault) ? byDefault[name] : undefined);
}

/** Functions named `options` or `cors` may be anything. */
function isCandidate(name: string, value: unknown, module: Exports): boolean {
  if (name === "corsOptions") return value !== undefined || name in module;
  if (name !== "default") return isOptions(value);
  // The object that holds all exports of CommonJS is not one of them.
  const holdsOthers = isOptions(value) && EXPORT_NAMES.some((other) => value[other] !== undefined);
  return value !== undefined && !holdsOthers;
}

function isOptions(value: unknown): value is Exports {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof RegExp);
}

/** Of express, connect, koa, hono, or fastify; a server, too. */
function isApplication(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return ["use", "handle", "listen"].some((name) => typeof Reflect.get(value, name) === "function");
}
