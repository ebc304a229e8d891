// Packs the published packages and uses them as strangers would: fresh projects outside of the repository, one for each
// framework. Each compiles strictly, answers requests, and runs on this Node.js and on the oldest one that is supported,
// where every entry is also loaded by require(). Frameworks come from the repository's node_modules, so that no registry
// is needed but for that older Node.js; without it a notice is printed.
import { execFile } from "node:child_process";
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
import { promisify } from "node:util";

/** @typedef {{ name: string, private?: boolean, exports?: Record<string, unknown> }} Manifest */
/** @typedef {{ name: string, tarball: string, entries: string[] }} Packed */
/**
 * @typedef {object} Consumer
 * @property {string} name
 * @property {string} source what index.ts holds
 * @property {string[]} links packages of the repository
 * @property {string[]} [lib] instead of the one for Node.js
 * @property {string[]} [types] instead of those of Node.js
 * @property {boolean} [hasAll] every package, not crossorigin alone
 */

const OLDEST = "22.12.0";
const root = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "crossorigin-consumers-"));
const run = promisify(execFile);

/** Sends a preflight and an actual request to `send`, and throws unless both are granted. */
const ASK = `
export async function ask(send: (path: string, init?: RequestInit) => Promise<Response>): Promise<void> {
  const origin = "https://app.example";
  const headers = { origin, "access-control-request-method": "PUT" };
  const preflight = await send("/items", { method: "OPTIONS", headers });
  const actual = await send("/items", { headers: { origin } });
  const stranger = await send("/items", { headers: { origin: "https://evil.example" } });
  const answered = [
    preflight.status,
    preflight.headers.get("access-control-allow-methods"),
    actual.headers.get("access-control-allow-origin"),
    stranger.headers.get("access-control-allow-origin"),
    await actual.text(),
  ].join(" ");
  if (answered !== "204 PUT https://app.example  hello") throw new Error(answered);
}
`;

const POLICY = `{ origins: ["https://app.example"], methods: ["PUT"], credentials: true }`;
const LISTEN = `
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
await ask((path, init) => fetch(\`http://127.0.0.1:\${(server.address() as AddressInfo).port}\${path}\`, init));
server.close();
server.closeAllConnections();
`;

/** @type {readonly Consumer[]} */
const consumers = [
  {
    name: "node",
    links: ["@types/node", "undici-types"],
    source: `
      import { createServer } from "node:http";
      import type { AddressInfo } from "node:net";
      import { createPolicy } from "crossorigin";
      import { LivePolicy } from "crossorigin/dynamic";
      import { withCors } from "crossorigin/node";
      import { ask } from "./ask.js";

      const live = new LivePolicy(createPolicy(${POLICY}));
      const server = createServer(withCors(live, (_request, response) => response.end("hello")));
      ${LISTEN}`,
  },
  {
    name: "express",
    links: ["express", "@types/node", "undici-types", ...typesOf("express")],
    source: `
      import { createServer } from "node:http";
      import type { AddressInfo } from "node:net";
      import { cors } from "crossorigin/express";
      import express from "express";
      import { ask } from "./ask.js";

      const app = express();
      app.use(cors(${POLICY}));
      app.get("/items", (_request, response) => void response.send("hello"));
      const server = createServer(app);
      ${LISTEN}`,
  },
  {
    name: "fastify",
    links: ["fastify", "@types/node", "undici-types"],
    source: `
      import type { AddressInfo } from "node:net";
      import { cors } from "crossorigin/fastify";
      import fastify from "fastify";
      import { ask } from "./ask.js";

      const app = fastify();
      await app.register(cors(${POLICY}));
      app.get("/items", () => "hello");
      await app.listen({ host: "127.0.0.1", port: 0 });
      await ask((path, init) => fetch(\`http://127.0.0.1:\${(app.server.address() as AddressInfo).port}\${path}\`, init));
      app.server.closeAllConnections();
      await app.close();`,
  },
  {
    name: "koa",
    links: ["koa", "@types/node", "undici-types", ...typesOf("koa")],
    source: `
      import { createServer } from "node:http";
      import type { AddressInfo } from "node:net";
      import { cors } from "crossorigin/koa";
      import Koa from "koa";
      import { ask } from "./ask.js";

      const app = new Koa();
      app.use(cors(${POLICY}));
      app.use((context) => {
        context.body = "hello";
      });
      const server = createServer(app.callback());
      ${LISTEN}`,
  },
  {
    name: "hono",
    links: ["hono"],
    lib: ["es2023", "dom", "dom.iterable"],
    types: [],
    source: `
      import { cors } from "crossorigin/hono";
      import { Hono } from "hono";
      import { ask } from "./ask.js";

      const app = new Hono();
      app.use(cors(${POLICY}));
      app.get("/items", (context) => context.text("hello"));
      await ask(async (path, init) => app.request(path, init));`,
  },
  {
    name: "fetch",
    links: [],
    lib: ["es2023", "dom", "dom.iterable"],
    types: [],
    source: `
      import { withCors } from "crossorigin/fetch";
      import { ask } from "./ask.js";

      const handle = withCors(${POLICY}, () => new Response("hello"));
      await ask(async (path, init) => handle(new Request(new URL(path, "https://api.example"), init)));`,
  },
  {
    name: "useragent",
    hasAll: true,
    links: [
      "@types/node",
      "undici-types",
      "undici",
      "tough-cookie",
      "tldts",
      "tldts-core",
      "http-cache-semantics",
      "ws",
      "commander",
    ],
    source: `
      import { createServer } from "node:http";
      import type { AddressInfo } from "node:net";
      import { createUserAgent } from "@crossorigin/useragent";
      import { withCors } from "crossorigin/node";
      import { ask } from "./ask.js";

      const server = createServer(withCors(${POLICY}, (_request, response) => response.end("hello")));
      ${LISTEN.replace("server.close();", "").replace("server.closeAllConnections();", "")}
      const page = createUserAgent().client({ url: "https://app.example/" });
      const url = \`http://localhost:\${(server.address() as AddressInfo).port}/items\`;
      const response = await page.fetch(url, { method: "PUT", credentials: "include" });
      if ((await response.text()) !== "hello") throw new Error("The user agent did not get the answer.");
      server.close();
      server.closeAllConnections();`,
  },
];

/** A framework's declarations and those they need, which the repository has at its root. @param {string} framework @returns {string[]} */
function typesOf(framework) {
  const name = `@types/${framework}`;
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"));
  return [name, ...Object.keys(dependencies).filter((dependency) => dependency !== "@types/node")];
}

/** @returns {Promise<Packed[]>} */
async function pack() {
  const manifests = globSync("packages/*/package.json", { cwd: root }).map((path) => ({
    folder: join(root, dirname(path)),
    manifest: /** @type {Manifest} */ (JSON.parse(readFileSync(join(root, path), "utf8"))),
  }));
  return Promise.all(
    manifests
      .filter(({ manifest }) => manifest.private !== true)
      .map(async ({ folder, manifest: { name, exports = {} } }) => {
        const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", scratch], { cwd: folder });
        const [{ filename }] = JSON.parse(stdout);
        const entries = Object.keys(exports).map((entry) => name + entry.slice(1));
        return { name, tarball: join(scratch, filename), entries };
      }),
  );
}

/** The oldest Node.js that is supported; null if it cannot be had. @returns {Promise<string | null>} */
async function oldestNode() {
  if (process.version === `v${OLDEST}`) return process.execPath;
  const cache = join(root, "node_modules", ".cache", `node-${OLDEST}`);
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const executable = join(cache, "node_modules", name, "bin", platform === "win" ? "node.exe" : "node");
  try {
    if (!existsSync(executable)) {
      mkdirSync(cache, { recursive: true });
      writeFileSync(join(cache, "package.json"), "{}\n");
      const args = ["install", "--no-save", "--ignore-scripts", "--prefer-offline", `${name}@${OLDEST}`];
      await run("npm", args, { cwd: cache, timeout: 60_000 });
    }
    await run(executable, ["--version"]);
    return executable;
  } catch (error) {
    console.warn(
      `NOTICE: consumers were not run on Node.js ${OLDEST}, which could not be installed.\n${outputOf(error)}`,
    );
    return null;
  }
}

/** @param {unknown} error */
function outputOf(error) {
  const {
    message,
    stdout = "",
    stderr = "",
  } = /** @type {{ message: string, stdout?: string, stderr?: string }} */ (error);
  return `${message}\n${stdout}${stderr}`;
}

/** @param {Consumer} consumer @param {Packed[]} packages */
async function setUp({ name, source, links, lib = ["es2023"], types = ["node"], hasAll = false }, packages) {
  const folder = join(scratch, name);
  const modules = join(folder, "node_modules");
  const write = (/** @type {string} */ file, /** @type {string} */ text) => writeFileSync(join(folder, file), text);
  mkdirSync(folder);
  write("package.json", JSON.stringify({ name: `consumer-${name}`, private: true, type: "module" }));
  const installed = packages.filter((packed) => hasAll || packed.name === "crossorigin");
  if (hasAll) {
    // Their dependencies come from the repository, so nothing is asked of a registry.
    for (const packed of installed) {
      const target = join(modules, packed.name);
      mkdirSync(target, { recursive: true });
      // oxlint-disable-next-line no-await-in-loop
      await run("tar", ["-xzf", packed.tarball, "-C", target, "--strip-components", "1"]);
    }
  } else {
    const tarballs = installed.map(({ tarball }) => tarball);
    await run("npm", ["install", "--offline", "--ignore-scripts", "--no-package-lock", ...tarballs], { cwd: folder });
  }
  for (const link of links) {
    mkdirSync(dirname(join(modules, link)), { recursive: true });
    const [own] = globSync(`packages/*/node_modules/${link}`, { cwd: root });
    symlinkSync(join(root, own ?? `node_modules/${link}`), join(modules, link));
  }
  const compilerOptions = {
    lib,
    types,
    target: "es2023",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    outDir: "dist",
  };
  const entries = installed.flatMap((packed) => packed.entries);
  // Vitest can be loaded by its own runner only.
  const loadable = entries.filter((entry) => !entry.endsWith("/vitest"));
  const required = loadable.map((entry) => `[${JSON.stringify(entry)}, require(${JSON.stringify(entry)})],\n`).join("");
  write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["index.ts", "required.cts"] }));
  write("ask.ts", ASK);
  write("index.ts", source);
  // CommonJS, with types: TypeScript lets it require ES modules as Node.js does.
  write("required.cts", `import crossorigin = require("crossorigin");\ncrossorigin.createPolicy(${POLICY});\n`);
  write(
    "every-entry.cjs",
    `for (const [name, loaded] of [${required}]) if (Object.keys(loaded).length === 0) throw new Error(name + " is empty");`,
  );
  return folder;
}

/** @param {Consumer} consumer @param {Packed[]} packages @param {string[]} nodes @returns {Promise<string[]>} what went wrong */
async function check(consumer, packages, nodes) {
  /** @type {string[]} */
  const failures = [];
  /** @type {(title: string, command: string, args: string[], cwd: string) => Promise<void>} */
  const step = async (title, command, args, cwd) => {
    try {
      await run(command, args, { cwd, timeout: 60_000 });
    } catch (error) {
      failures.push(`${consumer.name}: ${title} failed\n${outputOf(error)}`);
    }
  };
  const folder = await setUp(consumer, packages);
  await step("compiling", process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], folder);
  const runs = nodes.flatMap((node) =>
    ["dist/index.js", "dist/required.cjs", "every-entry.cjs"].map((file) =>
      step(`${file} on ${node === process.execPath ? process.version : OLDEST}`, node, [file], folder),
    ),
  );
  await Promise.all(runs);
  if (consumer.hasAll === true) {
    writeFileSync(join(folder, "cors.json"), JSON.stringify({ origins: ["https://app.example"] }));
    const command = join("node_modules", "@crossorigin", "cli", "dist", "bin.js");
    for (const node of nodes) {
      // oxlint-disable-next-line no-await-in-loop
      await step("the command", node, [command, "lint", "cors.json"], folder);
    }
  }
  return failures;
}

try {
  const [packages, oldest] = await Promise.all([pack(), oldestNode()]);
  const nodes = [process.execPath, ...(oldest === null || oldest === process.execPath ? [] : [oldest])];
  const failures = (await Promise.all(consumers.map((consumer) => check(consumer, packages, nodes)))).flat();
  for (const failure of failures) console.error(failure);
  if (failures.length > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
