import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
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
  ]) {
    expect(script).toContain(word);
  }
});

/** What bash would offer after these words. */
function offered(script: string, words: readonly string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const program = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _crossorigin; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["--norc", "-c", program], { encoding: "utf8" })
    .split("\n")
    .filter((word) => word !== "");
}

test("bash completes commands, options and values with it", async () => {
  const script = await scriptFor("bash");
  expect(offered(script, ["crossorigin", "c"])).toEqual(["check", "completion"]);
  expect(offered(script, ["crossorigin", "check", "--re"])).toEqual(
    ["--request", "--resolve", "--redirect"].toSorted((a, b) => script.indexOf(` ${a} `) - script.indexOf(` ${b} `)),
  );
  expect(offered(script, ["crossorigin", "check", "--mode", "n"])).toEqual(["no-cors"]);
  expect(offered(script, ["crossorigin", "completion", "z"])).toEqual(["zsh"]);
});
