/** A configuration of workerd with every module that the main one needs, types stripped. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Of the statements at the beginning of a line; comments do not count. */
const SPECIFIER = /^(\s*(?:import|export)\b(?:[^"'();=]*?\bfrom)?\s*)(["'])([^"'\n]+)\2/gm;

/** Writes it and the modules into `folder`; answers where it is. */
export function writeWorkerdConfig(main: string, folder: string, compatibilityDate: string): string {
  const modules = new Map<string, string>();
  const add = (path: string): void => {
    if (modules.has(path)) return;
    const source = readFileSync(path, "utf8");
    const script = path.endsWith(".ts") ? stripTypeScriptTypes(source) : source;
    const needed: string[] = [];
    const resolved = script.replaceAll(SPECIFIER, (_all, before: string, _quote, specifier: string) => {
      const target = specifier.startsWith(".")
        ? join(dirname(path), specifier)
        : fileURLToPath(import.meta.resolve(specifier));
      needed.push(target);
      const way = relative(dirname(path), target);
      return `${before}${JSON.stringify(way.startsWith(".") ? way : `./${way}`)}`;
    });
    modules.set(path, resolved);
    for (const target of needed) add(target);
  };
  add(main);
  const root = commonFolder([...modules.keys()]);
  const entries = [...modules].map(([path, script]) => {
    const name = relative(root, path);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), script);
    return `(name = ${JSON.stringify(name)}, esModule = embed ${JSON.stringify(name)})`;
  });
  const config = join(folder, "config.capnp");
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    compatibilityDate = ${JSON.stringify(compatibilityDate)},
    modules = [${entries.join(",\n")}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  return config;
}

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? "/");
  while (!paths.every((path) => path.startsWith(`${folder}/`))) folder = dirname(folder);
  return folder;
}
