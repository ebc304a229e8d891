import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "./run-command.ts";

async function scriptFor(shell: string): Promise<string> {
  const { status, stdout } = await runCommand(["completion", shell]);
  expect(status).toBe(0);
  return stdout;
}

test.each(["bash", "zsh", "fish"])("the script for %s knows every command, option and choice", async (shell) => {
  const script = await scriptFor(shell);
  for (const word of [
    "check",
    "lint",
    "demo",
    "completion",
    "credentials",
    "no-cors",
    "chromium",
    "serve",
    "page-port",
    "cacert",
    "cert",
    "key",
  ]) {
    expect(script).toContain(word);
  }
});

/** What bash would offer after these words. */
function offered(script: string, words: readonly string[], cwd: string = tmpdir()): string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const program = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _crossorigin; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["--norc", "-c", program], { encoding: "utf8", cwd })
    .split("\n")
    .filter((word) => word !== "");
}

test("bash completes commands, options and values with it", async () => {
  const script = await scriptFor("bash");
  expect(offered(script, ["crossorigin", "c"])).toEqual(["check", "completion"]);
  expect(offered(script, ["crossorigin", "check", "--re"])).toEqual(
    ["--request", "--resolve", "--redirect", "--redact"].toSorted(
      (a, b) => script.indexOf(` ${a} `) - script.indexOf(` ${b} `),
    ),
  );
  expect(offered(script, ["crossorigin", "check", "--mode", "n"])).toEqual(["no-cors"]);
  expect(offered(script, ["crossorigin", "completion", "z"])).toEqual(["zsh"]);
});

test("bash offers a file whose name has spaces as one word, asterisks and all", async () => {
  const script = await scriptFor("bash");
  const folder = mkdtempSync(join(tmpdir(), "crossorigin-completion-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ["my cors.json", "my *.json"]) writeFileSync(join(folder, name), "{}");
  expect(offered(script, ["crossorigin", "lint", "my"], folder).toSorted()).toEqual(["my *.json", "my cors.json"]);
  for (const option of ["--cacert", "--cert", "--key"])
    expect(offered(script, ["crossorigin", "check", option, "my"], folder)).toHaveLength(2);
});
