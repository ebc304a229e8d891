// Packs every published package and looks at the tarball as a stranger would: publint, "are the types wrong", and the
// declarations compiled by a consumer that has only the DOM and by one that has only Node.js.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");
const scratch = mkdtempSync(join(tmpdir(), "crossorigin-packages-"));
let failures = 0;

/** @param {string} title @param {string} command @param {string[]} args @param {string} cwd */
function step(title, command, args, cwd) {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    failures += 1;
    const { stdout = "", stderr = "" } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    console.error(`${title} failed\n${stdout}${stderr}`);
    return undefined;
  }
}

/** @typedef {{ name: string, private?: boolean, exports?: Record<string, unknown>, bin?: Record<string, string> }} Manifest */

const packages = globSync("packages/*/package.json", { cwd: root })
  .toSorted()
  .map((path) => ({
    folder: join(root, dirname(path)),
    manifest: /** @type {Manifest} */ (JSON.parse(readFileSync(join(root, path), "utf8"))),
  }))
  .filter(({ manifest }) => manifest.private !== true);

/** @param {Manifest} manifest */
function typedEntries(manifest) {
  return Object.keys(manifest.exports ?? {})
    .filter((entry) => entry !== "./package.json")
    .map((entry) => manifest.name + entry.slice(1));
}

/** Output whose source is gone. @param {string} path @param {string[]} paths */
function isStale(path, paths) {
  const [, name] = /^dist\/(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path) ?? [];
  return name !== undefined && !paths.includes(`src/${name}.ts`);
}

const modules = join(scratch, "node_modules");

for (const { folder, manifest } of packages) {
  const packed = step(`npm pack (${manifest.name})`, "npm", ["pack", "--json", "--pack-destination", scratch], folder);
  if (packed === undefined) continue;
  const [{ filename, files }] = JSON.parse(packed);
  const paths = /** @type {{ path: string }[]} */ (files).map(({ path }) => path);
  const stray = paths.filter((path) => /(^|\/)(test|\.tsbuild)\/|\.test\./.test(path) || isStale(path, paths));
  if (stray.length > 0) {
    failures += 1;
    console.error(
      `${manifest.name} packs files it must not (\`npm run clean\` removes stale ones): ${stray.join(", ")}`,
    );
  }
  const tarball = join(scratch, filename);
  step(`publint (${manifest.name})`, join(bin, "publint"), ["run", tarball, "--strict"], root);
  if (typedEntries(manifest).length > 0) {
    step(`attw (${manifest.name})`, join(bin, "attw"), [tarball, "--profile", "esm-only", "--no-emoji"], root);
  }
  const target = join(modules, manifest.name);
  mkdirSync(target, { recursive: true });
  step(`tar (${manifest.name})`, "tar", ["-xzf", tarball, "-C", target, "--strip-components", "1"], root);
}

for (const name of ["@types/node", "undici-types", "undici", "tough-cookie", "tldts", "tldts-core"]) {
  const source = join(root, "node_modules", name);
  if (!existsSync(source)) continue;
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(source, join(modules, name));
}

/** @param {string} consumer @param {string[]} entries @param {{ lib: string[], types: string[] }} environment */
function compileAs(consumer, entries, environment) {
  const folder = join(scratch, consumer);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, "index.ts"),
    entries.map((entry, n) => `export * as entry${n} from "${entry}";\n`).join(""),
  );
  const compilerOptions = {
    ...environment,
    target: "es2023",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
  step(`declarations for a consumer with ${consumer}`, join(bin, "tsc"), ["-p", folder], root);
}

const core = packages
  .filter(({ manifest }) => manifest.name === "crossorigin")
  .flatMap(({ manifest }) => typedEntries(manifest));
const all = packages.flatMap(({ manifest }) => typedEntries(manifest));
compileAs("the DOM only", core, { lib: ["es2023", "dom", "dom.iterable"], types: [] });
compileAs("Node.js only", all, { lib: ["es2023"], types: ["node"] });

rmSync(scratch, { recursive: true, force: true });
if (failures > 0) process.exitCode = 1;
