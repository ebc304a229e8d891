import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Profiler } from "node:inspector";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { BranchReader } from "../src/branches/branch-reader.ts";
import { coverageProblems, describeCoverage, readUnreachable } from "../src/branches/table.ts";
import { fileOf } from "../src/sources.ts";

const folder = mkdtempSync(join(tmpdir(), "oracle-branches-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CODE = `export function sign(value: number): string {
  if (value < 0) return "-";
  return value === 0 ? "" : "+";
}
`;

/** As V8 tells of a function that ran `count` times, and of blocks that ran otherwise. */
function coverageOf(
  count: number,
  blocks: readonly (readonly [text: string, count: number])[],
): Profiler.ScriptCoverage {
  const path = join(folder, "sign.ts");
  writeFileSync(path, CODE);
  const range = (text: string, times: number): Profiler.CoverageRange => {
    const startOffset = CODE.indexOf(text);
    return { startOffset, endOffset: startOffset + text.length, count: times };
  };
  const body = CODE.slice(CODE.indexOf("function"), -1);
  const ranges = [range(body, count), ...blocks.map(([text, times]) => range(text, times))];
  return {
    scriptId: "1",
    url: pathToFileURL(path).href,
    functions: [{ functionName: "sign", isBlockCoverage: true, ranges }],
  };
}

async function takenWays(coverage: Profiler.ScriptCoverage): Promise<string[]> {
  const reader = new BranchReader();
  const taken = await reader.taken(coverage);
  return taken.map((key) => {
    const { line, way } = reader.branches.get(key) ?? { line: 0, way: "" };
    return `${line} ${way}`;
  });
}

describe("branches of a source with types", () => {
  test("are those that V8 counted, an `else` that is not written among them", async () => {
    expect(
      await takenWays(
        coverageOf(1, [
          ['return "-";', 0],
          [' "+"', 0],
        ]),
      ),
    ).toEqual(["2 if 2 of 2", "3 ?: 1 of 2"]);
    expect(
      await takenWays(
        coverageOf(2, [
          ['return "-";', 1],
          ["return value", 1],
          ['""', 0],
        ]),
      ),
    ).toContain("2 if 1 of 2");
  });

  test("are read alike from a second outcome of the same file", async () => {
    const reader = new BranchReader();
    const never = coverageOf(0, []);
    expect(await reader.taken(never)).toEqual([]);
    expect(reader.branches.size).toBe(4);
    expect(
      await reader.taken(
        coverageOf(1, [
          ['return "-";', 0],
          [' "+"', 0],
        ]),
      ),
    ).toHaveLength(2);
    expect(reader.branches.size).toBe(4);
  });
});

test("the table tells what is not taken, and what no page can take, apart", () => {
  const branch = { file: "packages/crossorigin/src/protocol/x.ts", line: 1, way: "if 1 of 2", text: "if (x) y();" };
  const told = describeCoverage([
    { ...branch, scenarios: 3 },
    { ...branch, way: "if 2 of 2", scenarios: 0 },
  ]);
  expect(told).toContain("     3  packages/crossorigin/src/protocol/x.ts:1  if 1 of 2  if (x) y();");
  expect(told).toContain("Not taken by any scenario: 1\n  packages/crossorigin/src/protocol/x.ts:1  if 2 of 2");
  expect(told).toContain("50.0 %");
});

test("the list of what no page can take is held to what is taken", () => {
  const file = "packages/crossorigin/src/protocol/x.ts";
  const branch = { file, line: 1, way: "if 1 of 2", text: "if (x) y();" };
  const listed = { why: "For the compiler.", file, lines: [branch.text] };
  const other = { ...branch, way: "if 2 of 2" };
  expect(
    coverageProblems(
      [
        { ...branch, scenarios: 0 },
        { ...other, scenarios: 1 },
      ],
      [{ ...listed, ways: [branch.way] }],
    ),
  ).toEqual([]);
  expect(
    coverageProblems(
      [
        { ...branch, scenarios: 3 },
        { ...other, scenarios: 0 },
      ],
      [listed],
    ),
  ).toEqual([`taken, although data/unreachable.json says that no page can: ${file}:1  if 1 of 2  if (x) y();`]);
  expect(
    coverageProblems(
      [
        { ...branch, scenarios: 1 },
        { ...other, scenarios: 1 },
      ],
      [{ why: "x", file, lines: ["if (z) y();"] }],
    ),
  ).toEqual([`data/unreachable.json lists what is not there any more: ${file}  if (z) y();`]);
  expect(
    coverageProblems(
      [
        { ...branch, scenarios: 1 },
        { ...other, scenarios: 0 },
      ],
      [],
    ),
  ).toEqual(["fewer than 95.0 % of what a page can take is taken"]);
});

test.each(readUnreachable())("what no page can reach is still there: $file, $why", ({ file, lines = [], why }) => {
  const source = readFileSync(fileOf(file), "utf8")
    .split("\n")
    .map((line) => line.trim());
  expect(lines.filter((line) => source.filter((other) => other === line).length !== 1)).toEqual([]);
  expect(why).not.toBe("");
});
