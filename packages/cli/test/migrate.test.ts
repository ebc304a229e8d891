import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPolicy, decide, parsePolicy } from "crossorigin";
import { describe, expect, onTestFinished, test } from "vitest";
import { DANGER_IDS } from "../src/migrate/dangers.ts";
import { decodeFields } from "../src/migrate/encoded-value.ts";
import { importModule } from "../src/migrate/import-module.ts";
import { migrate } from "../src/migrate/migration.ts";
import { LIBRARIES, LIBRARY_NAMES, type Library, type Options } from "../src/migrate/old-cors.ts";
import { PLACEHOLDER_ORIGIN } from "../src/migrate/plan-policy.ts";
import { MIGRATION_CASES } from "./migrate-cases.ts";
import { type CommandResult, runCommand } from "./run-command.ts";

async function fileOf(name: string, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "crossorigin-migrate-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function migrateJson(options: unknown, from: Library): Promise<CommandResult> {
  return runCommand(["migrate", "-", "--from", from, "--json"], { stdin: JSON.stringify(options) });
}

const dangersOf = (library: Library, options: Options): string[] =>
  migrate(library, options).dangers.map(({ id }) => id);

const originsOf = (options: Options): unknown => migrate("express", options).policy?.origins;

describe("the command", () => {
  test("prints a policy as TypeScript, and what will be different, and exits 0", async () => {
    const path = await fileOf("cors.json", '{ "origin": ["https://app.example"], "credentials": true, "maxAge": 600 }');
    const { status, stdout, stderr } = await runCommand(["migrate", path, "--from", "express"]);
    expect(stderr).toBe("");
    expect(stdout).toContain(`import { createPolicy } from "crossorigin";

export const policy = createPolicy({
  origins: ["https://app.example"],
  credentials: true,
  // The default of expressjs/cors; keep what your pages use.
  methods: ["PUT", "PATCH", "DELETE"],
  // As expressjs/cors allowed whatever was asked for; keep what your pages send.
  requestHeaders: ["*", "authorization"],
  maxAgeSeconds: 600,
});
`);
    expect(stdout).toContain("Differences from expressjs/cors (");
    expect(stdout).toContain("credentials/sent-to-refused");
    expect(stdout).not.toContain("Dangers");
    expect(stdout).not.toMatch(/[^\x20-\x7e\n]/);
    expect(status).toBe(0);
  });

  test("prints an object with --json whose policy parses", async () => {
    const { status, stdout } = await migrateJson({ origin: "https://app.example", allowHeaders: ["X-A"] }, "koa");
    const printed = JSON.parse(stdout) as { policy: unknown; differences: { id: string }[] };
    expect(printed).toMatchObject({ from: "koa", placeholder: false, dangers: [], notCarriedOver: [] });
    expect(printed.policy).toEqual({
      origins: ["https://app.example"],
      methods: ["PUT", "DELETE", "PATCH"],
      requestHeaders: ["X-A"],
    });
    expect(parsePolicy(printed.policy).ok).toBe(true);
    expect(printed.differences.map(({ id }) => id)).toContain("origin/fixed-sent-to-everyone");
    expect(status).toBe(0);
  });

  test("exits 1 for a danger, and for what cannot be carried over", async () => {
    expect((await migrateJson({ origin: true, credentials: true }, "express")).status).toBe(1);
    expect((await migrateJson({ secureContext: true }, "koa")).status).toBe(1);
    expect((await migrateJson({ origin: true }, "express")).status).toBe(0);
  });

  test("says that nothing is left to migrate where nothing was granted", async () => {
    const { status, stdout } = await runCommand(["migrate", "-", "--from", "fastify"], {
      stdin: '{ "origin": false }',
    });
    expect(stdout).toBe(
      "// @fastify/cors grants nobody anything with these options, and neither does a server without a policy: take it out.\n",
    );
    expect(status).toBe(0);
  });

  test("has colour on a terminal, and none in the policy", async () => {
    const { stdout } = await runCommand(["migrate", "-", "--from", "hono"], { stdin: "{}", isTTY: true });
    expect(stdout).toContain("\u001b[");
    expect(stdout.slice(0, stdout.indexOf("});"))).not.toContain("\u001b");
  });

  test.each([[[]], [["--json"]]])("escapes hostile text %j", async (flags) => {
    const hostile = "\u001b[31m\u202e\u2028\r\n*/";
    const options = {
      origin: [hostile, `https://${hostile}/`],
      [hostile]: 1,
      allowedHeaders: [hostile],
      maxAge: hostile,
    };
    const { status, stdout } = await runCommand(["migrate", "-", "--from", "express", ...flags], {
      stdin: JSON.stringify(options),
    });
    expect(stdout).not.toMatch(/[^\x20-\x7e\n]/);
    expect(status).toBe(1);
  });
});

test("help and completion know the command", async () => {
  const help = await runCommand(["migrate", "--help"]);
  expect(help.stdout).toMatch(/^Usage: crossorigin migrate .*<file>/);
  expect(help.stdout).toContain("Examples:");
  expect(help.status).toBe(0);
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout } = await runCommand(["completion", shell]);
    for (const word of ["migrate", "express fastify koa hono"]) expect(stdout).toContain(word);
  }
});

test("what the guide shows is what the command prints", async () => {
  const guide = await readFile(join(import.meta.dirname, "../../../docs/guides/migrate.md"), "utf8");
  for (const library of LIBRARIES) {
    const section = guide.split("\n## ").find((part) => part.startsWith(`From ${LIBRARY_NAMES[library]}\n`)) ?? "";
    const [before = "", after = ""] = [...section.matchAll(/```(?:js|ts)\n(.*?)```/gs)].map(([, code]) => code);
    const { stdout } = await runCommand(["migrate", await fileOf("cors.mjs", before), "--from", library]);
    expect(stdout.slice(0, stdout.indexOf("});") + 4)).toBe(after);
  }
});

describe("modules", () => {
  test.each([
    ["a default export", "cors.mjs", "export default { origin: /^https:\\/\\/app\\.example$/, hook: 'onRequest' };"],
    [
      "a named export",
      "cors.mjs",
      "export const corsOptions = { origin: [/^https:\\/\\/app\\.example$/], hook: 'onRequest' }; export default () => {};",
    ],
    [
      "another named export",
      "cors.mjs",
      "export const options = { origin: 'https://app.example', hook: 'onRequest' };",
    ],
    ["module.exports", "cors.cjs", "module.exports = { origin: ['https://app.example'], hook: 'onRequest' };"],
    [
      "one of several exports",
      "cors.cjs",
      "const all = {}; all.cors = { origin: ['https://app.example'], hook: 'onRequest' }; module.exports = all;",
    ],
    ["TypeScript", "cors.mts", "export const cors: object = { origin: ['https://app.example'], hook: 'onRequest' };"],
  ])("%s is read", async (_, name, content) => {
    const { status, stdout, stderr } = await runCommand(["migrate", await fileOf(name, content), "--json"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ from: "fastify", policy: { origins: ["https://app.example"] } });
    expect(status).toBe(0);
  });

  test("a function that computes options is not called", async () => {
    const path = await fileOf("cors.mjs", "export default () => { throw new Error('called'); };");
    const { status, stdout } = await runCommand(["migrate", path, "--from", "express"]);
    expect(stdout).toContain(PLACEHOLDER_ORIGIN);
    expect(stdout).toContain("options/delegated");
    expect(status).toBe(1);
  });

  test.each([
    ["missing.mjs", null, "cannot be read: there is no such file"],
    ["throws.mjs", "throw new Error('as \\u001b asked');", "cannot be imported: as \\x1b asked"],
    ["empty.mjs", "", "are no object; give the one that the library is called with"],
    ["list.mjs", "export default [];", "are no object"],
    ["list.json", "[]", "are no object"],
    ["null.mjs", "export const corsOptions = null; export const options = {};", "export corsOptions, are no object"],
    ["exits.mjs", "process.exit(0); export default { origin: '*' };", "ended the process while it was read, with exit"],
    ["exits.cjs", "process.exit(3); module.exports = {};", "ended the process while it was read, with exit status 3;"],
    ["dies.mjs", "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});", "was read, with SIGKILL;"],
    ["waits.mjs", "await new Promise(() => {}); export default {};", "waits for something that never comes;"],
    [
      "getter.mjs",
      "export default { get origin() { throw new Error('no origin'); } };",
      "cannot be imported: no origin",
    ],
    [
      "app.cjs",
      "module.exports = Object.assign((req, res, next) => {}, { use() {}, handle() {} });",
      "the export default of ",
    ],
    [
      "instance.mjs",
      "export default { listen() {}, register() {} };",
      "is an application, not options; export the object that the library is called with, as corsOptions",
    ],
    ["text.json", "hello", "is not JSON"],
  ])("%s is refused in one line", async (name, content, words) => {
    const path = content === null ? "/does/not/exist/missing.mjs" : await fileOf(name, content);
    const { status, stdout, stderr } = await runCommand(["migrate", path, "--from", "express"]);
    expect(stderr).toMatch(/^crossorigin: [\x20-\x7e]+\n$/);
    expect(stderr).toContain(words);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });
});

describe("a module's process", () => {
  test.each([
    ["a timer", "setInterval(() => {}, 1000);"],
    ["a server", "import { createServer } from 'node:http'; createServer().listen(0);"],
    ["an end soon after", "setTimeout(() => process.exit(0));"],
    ["messages to a process manager", "process.send?.('ready');"],
    ["a refusal to end", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);"],
  ])("%s does not keep the command from its answer and its end", async (_, code) => {
    const path = await fileOf("cors.mjs", `${code} export default { origin: ["https://app.example"] };`);
    const { status, stdout } = await runCommand(["migrate", path, "--from", "express", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ export: "default", policy: { origins: ["https://app.example"] } });
    expect(status).toBe(0);
  });

  test("the command itself ends, and prints nothing but its answer", async () => {
    const code = "console.log('listening'); setInterval(() => {}, 1000); export default { origin: '*' };";
    const main = await fileOf(
      "main.mjs",
      `import { run } from ${JSON.stringify(new URL("../src/run.ts", import.meta.url).href)};
      import { surroundingsOfProcess } from ${JSON.stringify(new URL("../src/surroundings.ts", import.meta.url).href)};
      process.exitCode = await run(process.argv.slice(2), surroundingsOfProcess(new AbortController().signal));`,
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [main, "migrate", await fileOf("cors.mjs", code), "--from", "express", "--json"],
      { encoding: "utf8", timeout: 15_000 },
    );
    expect(stderr).toBe("listening\n");
    expect(JSON.parse(stdout)).toMatchObject({ policy: { origins: "*" } });
    expect(status).toBe(0);
  });

  test("one that never ends is ended", async () => {
    const path = await fileOf("cors.mjs", "for (;;);");
    await expect(importModule(path, new AbortController().signal, 1000)).rejects.toThrow(
      "was still being read after 1 seconds",
    );
  });

  test("an interruption ends it", async () => {
    const path = await fileOf("cors.mjs", "for (;;);");
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(), 200);
    const { status, stdout, stderr } = await runCommand(["migrate", path], { signal: interruption.signal });
    expect([status, stdout, stderr]).toEqual([130, "", ""]);
  });

  test("options come out of it as they went in, but for what functions do", async () => {
    const path = await fileOf(
      "cors.mjs",
      `export default { a: [/x/gi, [undefined, null]], b: NaN, c: 1n, d: () => 1, e: new URL("https://a.example"), f: Symbol("s"),
        g: { toString: null }, ["__proto__"]: 1 };`,
    );
    const reading = await importModule(path, new AbortController().signal);
    const options = reading.kind === "options" ? decodeFields(reading.fields) : {};
    expect(Object.keys(options)).toEqual(["a", "b", "c", "d", "e", "f", "g", "__proto__"]);
    expect(options).toMatchObject({ a: [/x/gi, [undefined, null]], b: NaN, c: 1n, d: expect.any(Function) });
    expect([String(options["e"]), String(options["f"]), String(options["g"])]).toEqual([
      "https://a.example/",
      "Symbol(s)",
      "[object Object]",
    ]);
    expect((options["d"] as () => unknown)()).toBeUndefined();
  });
});

describe("which export it is", () => {
  test.each([
    ["cors.mjs", "export const options = { origin: () => true }; export function corsOptions(req, cb) {}", "options"],
    [
      "cors.cjs",
      "const all = {}; all.options = {}; all.corsOptions = (req, cb) => {}; module.exports = all;",
      "options",
    ],
    ["cors.mjs", "export const corsOptions = (req, cb) => {}; export default {};", "default"],
  ])("a function corsOptions of %s wins, and is said to compute the options: %s", async (name, content, aside) => {
    const path = await fileOf(name, content);
    const { status, stdout } = await runCommand(["migrate", path, "--from", "express"], { columns: 200 });
    expect(stdout).toContain(
      `The export corsOptions was taken: a function that computes the options. Left aside: ${aside}.`,
    );
    expect(stdout).toContain("A function computes the options for each request.");
    expect(status).toBe(1);
  });

  test("objects are named, too", async () => {
    const path = await fileOf("cors.mjs", "export const options = { origin: '*' }; export const cors = () => {};");
    const { status, stdout } = await runCommand(["migrate", path, "--from", "express"]);
    expect(stdout).toContain("The export options was taken: the options.\n");
    expect(status).toBe(0);
  });

  test("the default of an ES module that was compiled to CommonJS is found", async () => {
    const path = await fileOf(
      "cors.cjs",
      "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = { origin: ['https://app.example'] };",
    );
    const { stdout } = await runCommand(["migrate", path, "--from", "express", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ export: "default", policy: { origins: ["https://app.example"] } });
  });
});

describe("undefined options", () => {
  test.each(LIBRARIES)("an origin of %s from a missing environment variable is named", async (library) => {
    const path = await fileOf("cors.mjs", "export default { origin: process.env.NO_SUCH_ORIGIN, credentials: true };");
    const { status, stdout } = await runCommand(["migrate", path, "--from", library], { columns: 200 });
    expect(stdout).toContain("origin is there but undefined: a missing environment variable?");
    expect(stdout).not.toContain("take it out");
    expect(status).toBe(1);
  });

  test("so is any other option, and an item", () => {
    const { dangers } = migrate("express", { origin: ["https://app.example", undefined], maxAge: undefined });
    expect(dangers.map(({ text }) => text)).toEqual([
      "origin holds an item that is undefined: a missing environment variable?",
      "maxAge is there but undefined: a missing environment variable?",
    ]);
  });
});

describe("a wildcard that was compared as it stands", () => {
  const comment =
    "  // The wildcard never matched, and grants every name below from now on; keep what is yours.\n  origins:";
  test.each([
    [{ origin: ["https://*.app.example"], credentials: true }],
    [{ origin: "https://*.app.example" }],
    [{ origin: ["https://other.example", "https://*.app.example/"] }],
  ])("has a comment in the policy: %j", async (options) => {
    const { status, stdout } = await runCommand(["migrate", "-", "--from", "express"], {
      stdin: JSON.stringify(options),
    });
    expect(stdout).toContain(comment);
    expect(status).toBe(1);
  });

  test("one of a regular expression has none", async () => {
    const path = await fileOf(
      "cors.mjs",
      "export default { origin: ['https://a.example', /^https:\\/\\/([a-z0-9-]+\\.)+app\\.example$/] };",
    );
    const { stdout } = await runCommand(["migrate", path, "--from", "express"]);
    expect(stdout).toContain('origins: ["https://a.example", "https://*.app.example"]');
    expect(stdout).not.toContain("never matched");
  });
});

describe("whose options they are", () => {
  test.each([
    [{ origin: "https://app.example", strictPreflight: false }, "fastify"],
    [{ headers: ["X-A"] }, "express"],
    [{ keepHeadersOnError: false }, "koa"],
    [{ allowMethods: "GET,PUT" }, "koa"],
    [{ origin: ["https://app.example"], allowMethods: ["PUT"] }, "hono"],
  ])("%j is unmistakable", async (options, library) => {
    const { stdout } = await runCommand(["migrate", "-", "--json"], { stdin: JSON.stringify(options) });
    expect(JSON.parse(stdout)).toMatchObject({ from: library });
  });

  test.each([
    [{}, "they may be those of expressjs/cors, @fastify/cors, @koa/cors, hono/cors"],
    [{ methods: ["PUT"] }, "they may be those of expressjs/cors, @fastify/cors"],
    [{ allowMethods: ["PUT"] }, "they may be those of @koa/cors, hono/cors"],
    [{ methods: ["PUT"], allowMethods: ["PUT"] }, "no library has all these options"],
  ])("%j is not", async (options, words) => {
    const { status, stdout, stderr } = await runCommand(["migrate", "-"], { stdin: JSON.stringify(options) });
    expect(stderr).toContain(`the options do not say whose they are: ${words}`);
    expect(stderr).toContain("--from");
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  test("is one of four", async () => {
    const { status, stderr } = await runCommand(["migrate", "-", "--from", "hapi"], { stdin: "{}" });
    expect(stderr).toContain(`Allowed choices are ${LIBRARIES.join(", ")}`);
    expect(status).toBe(2);
  });
});

describe("regular expressions", () => {
  test.each<[RegExp, readonly string[]]>([
    [/^https:\/\/([a-z0-9-]+\.)+example\.com$/, ["https://*.example.com"]],
    [/^https:\/\/(?:[^.]+\.)*example\.com$/, ["https://example.com", "https://*.example.com"]],
    [/^https:\/\/(.+\.)?example\.com$/, ["https://example.com", "https://*.example.com"]],
    [/\.example\.com$/, ["https://*.example.com"]],
    [/^https?:\/\/app\.example\.com$/, ["http://app.example.com", "https://app.example.com"]],
    [/^https:\/\/(app|www)\.example\.com$/, ["https://app.example.com", "https://www.example.com"]],
    [/^http:\/\/localhost(:\d+)?$/, ["http://localhost:*"]],
    [/^http:\/\/localhost:3000$/, ["http://localhost:3000"]],
    [/^https:\/\/.*\.example\.com$/i, ["https://*.example.com"]],
    [/^https:\/\/[\w-]+\.example\.com:[0-9]{2,5}$/, ["https://*.example.com:*"]],
    [/example\.com$/, ["https://example.com", "https://*.example.com"]],
    [/^https:\/\/.*example\.com$/, ["https://example.com", "https://*.example.com"]],
    [/^https:\/\/app.example.com/, ["https://app.example.com"]],
  ])("%s becomes %j", (regexp, patterns) => {
    expect(originsOf({ origin: regexp })).toEqual(patterns);
  });

  test("one that says the same as a pattern is no danger and changes nobody's grant", () => {
    const { dangers, byHand, differences } = migrate("express", {
      origin: /^https:\/\/([a-z0-9-]+\.)+example\.com$/,
      credentials: true,
    });
    expect([...dangers, ...byHand]).toEqual([]);
    expect(differences.map(({ id }) => id).filter((id) => id.startsWith("origin/"))).toEqual([]);
  });

  test.each([/^https:\/\/(?=a)b\.example$/, /^https:\/\/(a|b)+\.example\.com$/, /\d/, /^[^/]{3}$/, /^(?<name>x)$/])(
    "%s is given up on, and said so",
    (origin) => {
      const { policy, byHand, differences } = migrate("express", { origin });
      expect(policy?.origins).toEqual([PLACEHOLDER_ORIGIN]);
      expect(byHand[0]?.why).toContain("No pattern says the same");
      expect(differences.map(({ id }) => id)).toContain("origin/regexp-not-carried");
    },
  );

  test.each([
    `^https://${"(?:a|b)".repeat(500)}\\.example$`,
    `^https://${"(?:".repeat(500)}a${")".repeat(500)}\\.example$`,
  ])("one of hostile length is given up on in time", (source) => {
    const { policy } = migrate("express", { origin: new RegExp(source) });
    expect(policy?.origins).toEqual([PLACEHOLDER_ORIGIN]);
  });

  test("one that backtracks without end does not stop the command, and is a danger", () => {
    const begin = performance.now();
    expect(dangersOf("express", { origin: /^https:\/\/([a-z.-]+)+\.example\.com$/ })).toContain("danger/regexp-slow");
    expect(performance.now() - begin).toBeLessThan(15_000);
  });
});

describe("dangers", () => {
  const app = "https://app.example";
  test.each<[string, Library, Options]>([
    ["danger/any-origin-with-credentials", "express", { origin: true, credentials: true }],
    ["danger/any-origin-with-credentials", "koa", { credentials: true }],
    ["danger/any-origin-with-credentials", "koa", { credentials: () => true }],
    ["danger/any-origin-with-credentials", "fastify", { origin: [/^https:\/\//], credentials: true }],
    ["danger/star-with-credentials", "hono", { credentials: true }],
    ["danger/function-in-list", "fastify", { origin: [app, () => false] }],
    ["danger/regexp-matches-any-origin", "express", { origin: /.*/ }],
    ["danger/regexp-unanchored", "express", { origin: /example\.com$/ }],
    ["danger/regexp-unanchored", "express", { origin: /^https:\/\/app\.example\.com/ }],
    ["danger/regexp-dot-unescaped", "fastify", { origin: /^https:\/\/app.example.com$/ }],
    ["danger/regexp-dot-unescaped", "fastify", { origin: /^https:\/\/(?!x)app.example.com$/ }],
    ["danger/regexp-stateful", "express", { origin: /^https:\/\/app\.example$/g }],
    ["danger/null-origin", "hono", { origin: ["null", app] }],
    ["danger/null-origin", "express", { origin: "null" }],
    ["danger/insecure-origin-with-credentials", "express", { origin: "http://app.example", credentials: true }],
    ["danger/insecure-origin-with-credentials", "express", { origin: /^https?:\/\/app\.example$/, credentials: true }],
    ["danger/public-suffix-wildcard", "express", { origin: /^https:\/\/[a-z]+\.github\.io$/ }],
    ["danger/origin-never-matches", "express", { origin: `${app}/` }],
    ["danger/origin-never-matches", "hono", { origin: ["HTTPS://App.example"] }],
    ["danger/origin-never-matches", "fastify", { origin: ["app.example", `${app}/path`] }],
    ["danger/origin-never-matches", "express", { origin: ["https://*.app.example"] }],
    ["danger/method-never-matches", "express", { methods: "put,TRACE" }],
    ["danger/star-headers-without-authorization", "express", { allowedHeaders: "*" }],
    ["danger/exposes-everything", "hono", { exposeHeaders: ["*"] }],
    ["danger/name-invalid", "express", { allowedHeaders: "a b" }],
    ["danger/max-age-invalid", "express", { maxAge: "1h" }],
    ["danger/max-age-invalid", "hono", { maxAge: -1 }],
    ["danger/max-age-invalid", "fastify", { maxAge: undefined }],
    ["danger/option-ignored", "express", { credentials: "true" }],
    ["danger/option-ignored", "express", { origins: [app] }],
    ["danger/option-ignored", "koa", { origin: [app] }],
    ["danger/option-ignored", "hono", { origin: /x/ }],
    ["danger/option-ignored", "hono", { allowMethods: "PUT", allowHeaders: "X-A" }],
    ["danger/option-ignored", "fastify", { origin: "" }],
    ["danger/option-undefined", "express", { origin: undefined }],
  ])("%s of %s: %j", (id, library, options) => {
    expect(dangersOf(library, options)).toContain(id);
  });

  test("each has an example above, and the rest has none", () => {
    const all = new Set(MIGRATION_CASES.flatMap(({ library, options }) => dangersOf(library, options() as Options)));
    for (const id of all) expect(DANGER_IDS).toContain(id);
    for (const options of [{}, { origin: true }, { origin: [app], credentials: true, maxAge: 0 }, { origin: app }])
      expect(dangersOf("express", options)).toEqual([]);
  });

  test("an example of what a careless expression matches is given, and it does match", () => {
    const { dangers } = migrate("express", { origin: /^https?:\/\/(.*)example\.com/ });
    const examples = dangers.flatMap(({ id, text }) =>
      id === "danger/regexp-unanchored" ? (/matches "([^"]+)"/.exec(text)?.[1] ?? "") : [],
    );
    expect(examples).toEqual(["https://evilexample.com", "https://example.com.evil.example"]);
  });
});

describe("what cannot be carried over", () => {
  test.each<[string, Library, Options]>([
    ["a function", "express", { origin: () => true, credentials: true }],
    ["any origin with credentials", "fastify", { origin: true, credentials: true }],
    ["plain http with credentials", "hono", { origin: "http://app.example", credentials: true }],
    ["null", "express", { origin: ["null"] }],
    ["a wildcard below a public suffix", "express", { origin: /\.github\.io$/ }],
  ])("%s leaves a placeholder that grants nobody", (_, library, options) => {
    const { policy, hasPlaceholder, byHand } = migrate(library, options);
    expect(hasPlaceholder).toBe(true);
    expect(policy?.origins).toEqual([PLACEHOLDER_ORIGIN]);
    expect(byHand.length).toBeGreaterThan(0);
    const compiled = createPolicy(policy ?? { origins: [] });
    for (const origin of ["https://app.example", "http://app.example", "null", "https://a.github.io"])
      expect(decide(compiled, { method: "GET", headers: { origin } }).granted).toBe(false);
  });

  test.each<[RegExp, string]>([
    [/^https:\/\/[a-z]+\.example\.com$/, "cover more than the regular expressions, such as https://a.b.example.com"],
    [/\.example\.com$/, "cover less than the regular expressions, not http://a.example.com"],
  ])("a pattern that is not quite %s is said to be so", (origin, words) => {
    expect(migrate("express", { origin }).byHand.map(({ why }) => why)).toEqual([expect.stringContaining(words)]);
  });

  test("options of no counterpart are named", () => {
    const options = {
      hook: "preHandler",
      preflightContinue: true,
      optionsSuccessStatus: 200,
      cacheControl: 5,
      preflight: false,
    };
    const named = migrate("fastify", options).byHand.map(({ option }) => option);
    expect(named.toSorted()).toEqual(Object.keys(options).toSorted());
    expect(migrate("koa", { secureContext: true, privateNetworkAccess: true }).byHand).toHaveLength(2);
  });
});
