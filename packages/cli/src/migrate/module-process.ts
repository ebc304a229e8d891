/**
 * The process in which a module is imported: whatever the module does to it, the command goes on.
 *
 * Started with the module's path, answers with one {@link ModuleReading}, and stays until it is killed.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { type ModuleReading, readExports } from "./module-exports.ts";

const send = process.send?.bind(process);
// Else modules that tell a process manager that they are ready would tell us.
Reflect.deleteProperty(process, "send");

process.once("disconnect", () => process.exit());
// A module that waits for something that never comes is to end by itself.
process.channel?.unref();

const reading = await readModule(process.argv[2] ?? "");
process.channel?.ref();
send?.(reading);

async function readModule(path: string): Promise<ModuleReading> {
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    return readExports(module as Readonly<Record<string, unknown>>);
  } catch (error) {
    return { kind: "error", reason: error instanceof Error ? error.message : String(error) };
  }
}
