/** The branches of source files, and which of them were taken: V8's precise block coverage, read with the syntax tree. */

import { readFileSync } from "node:fs";
import type { Profiler } from "node:inspector";
import { stripTypeScriptTypes } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { convert } from "ast-v8-to-istanbul";
import { parseSync } from "oxc-parser";
import { fileOf } from "../sources.ts";

/** One of the ways that a condition, an operator, a `switch` or a default value can go. */
export interface Branch {
  /** From the root of the repository. */
  readonly file: string;
  readonly line: number;
  /** `if 1 of 2`, `?: 2 of 2`, `&& 3 of 3`. */
  readonly way: string;
  /** The source line, without indentation. */
  readonly text: string;
}

/** Whoever counts adds one for each scenario. */
export type BranchKey = string;

const KINDS: Readonly<Record<string, string>> = {
  "binary-expr": "operand",
  "cond-expr": "?:",
  "default-arg": "default",
  if: "if",
  switch: "case",
};

interface Source {
  readonly file: string;
  readonly code: string;
  readonly lines: readonly string[];
}

/** Reads each file once, and each outcome of a file once: most scenarios take the same ways through most files. */
export class BranchReader {
  readonly #sources = new Map<string, Source>();
  readonly #outcomes = new Map<string, readonly BranchKey[]>();
  readonly branches: Map<BranchKey, Branch> = new Map<BranchKey, Branch>();

  /** The branches that were taken at least once. Adds what it has not seen before to {@link BranchReader.branches}. */
  async taken(coverage: Profiler.ScriptCoverage): Promise<readonly BranchKey[]> {
    const key = JSON.stringify([coverage.url, coverage.functions]);
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    const source = this.#sourceOf(coverage.url);
    const taken: BranchKey[] = [];
    // A tree of its own each time: converting leaves marks in it.
    const ast = parseSync("source.js", source.code).program;
    const files = await convert({ ast, code: source.code, coverage });
    for (const { branchMap, b: counts } of Object.values(files)) {
      for (const [id, { type, loc, locations }] of Object.entries(branchMap)) {
        const { start, end } = loc;
        for (const [index, location] of locations.entries()) {
          // An `else` that is not written has no place of its own.
          const line = type === "if" ? start.line : location.start.line;
          const branch = `${source.file} ${start.line}:${start.column}-${end.line}:${end.column} ${type} ${index}`;
          const way = `${KINDS[type] ?? type} ${index + 1} of ${locations.length}`;
          this.branches.set(branch, { file: source.file, line, way, text: source.lines[line - 1]?.trim() ?? "" });
          if ((counts[id]?.[index] ?? 0) > 0) taken.push(branch);
        }
      }
    }
    this.#outcomes.set(key, taken);
    return taken;
  }

  #sourceOf(url: string): Source {
    const known = this.#sources.get(url);
    if (known !== undefined) return known;
    const path = fileURLToPath(url);
    const text = readFileSync(path, "utf8");
    // Types become spaces, so every offset stays what it is.
    const code = stripTypeScriptTypes(text);
    const source = {
      file: relative(fileOf("."), path),
      code,
      lines: text.split("\n"),
    };
    this.#sources.set(url, source);
    return source;
  }
}
