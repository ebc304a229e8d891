/** What was counted, to be read: every branch, a table of the files, and what no scenario takes. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ALGORITHMS } from "../sources.ts";
import type { CountedBranch } from "./count.ts";

/** Branches that no page can take, by the text of their line, and why. */
export interface UnreachableBranches {
  readonly why: string;
  /** From the root of the repository. */
  readonly file: string;
  /** The lines, without indentation, each of which occurs once in the file; all of them if absent. */
  readonly lines?: readonly string[];
  /** Which ways of these lines, such as `if 1 of 2`; all of them if absent. */
  readonly ways?: readonly string[];
}

export function readUnreachable(): readonly UnreachableBranches[] {
  const path = join(import.meta.dirname, "../../data/unreachable.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly unreachable: readonly UnreachableBranches[] })
    .unreachable;
}

/** Why no page takes the branch; null if one can. */
function whyUnreachable({ file, text, way }: CountedBranch, list: readonly UnreachableBranches[]): string | null {
  const found = list.find(
    ({ file: of, lines, ways }) =>
      of === file && (lines === undefined || lines.includes(text)) && (ways === undefined || ways.includes(way)),
  );
  return found?.why ?? null;
}

/** All branches that were counted, and which of them no page can take. */
class Coverage {
  readonly #branches: readonly CountedBranch[];
  readonly #unreachable: readonly UnreachableBranches[];

  constructor(branches: readonly CountedBranch[], unreachable: readonly UnreachableBranches[]) {
    this.#branches = branches;
    this.#unreachable = unreachable;
  }

  /** What `data/unreachable.json` says that is not so, and how far the scenarios are from what they are to reach. */
  problems(): string[] {
    const stale = this.#branches.filter((branch) => isTaken(branch) && this.#isListedByItself(branch));
    const reachable = this.#branches.filter((branch) => isTaken(branch) || this.#isReachable(branch));
    const share = reachable.filter(isTaken).length / reachable.length;
    return [
      ...stale.map(
        (branch) => `taken, although data/unreachable.json says that no page can: ${describeBranch(branch)}`,
      ),
      ...this.#idleEntries().map((entry) => `data/unreachable.json lists what is not there any more: ${entry}`),
      ...(share < MIN_SHARE_OF_REACHABLE
        ? [`fewer than ${percent(MIN_SHARE_OF_REACHABLE, 1)} of what a page can take is taken`]
        : []),
    ];
  }

  /** Lines that explain no branch which is not taken. */
  #idleEntries(): string[] {
    return this.#unreachable.flatMap((entry) =>
      (entry.lines ?? [null])
        .filter((text) => {
          const one = { ...entry, ...(text === null ? {} : { lines: [text] }) };
          return !this.#branches.some((branch) => !isTaken(branch) && whyUnreachable(branch, [one]) !== null);
        })
        .map((text) => `${entry.file}  ${text ?? "all of it"}`),
    );
  }

  describe(): string {
    return [
      "Scenarios for each branch:",
      ...this.#branches.map((branch) => `${String(branch.scenarios).padStart(6)}  ${describeBranch(branch)}`),
      "",
      ...this.#table(),
      "",
      ...this.#unreachableOnes(),
      "",
      ...list(
        "Taken, although data/unreachable.json says that no page can",
        this.#branches.filter((branch) => isTaken(branch) && this.#isListedByItself(branch)),
      ),
      "",
      ...list(
        "Not taken by any scenario",
        this.#branches.filter((branch) => !isTaken(branch) && this.#isReachable(branch)),
      ),
      "",
      ...this.#figures(),
    ].join("\n");
  }

  #figures(): string[] {
    const taken = this.#branches.filter(isTaken).length;
    const all = this.#branches.length;
    const reachable = this.#branches.filter((branch) => isTaken(branch) || this.#isReachable(branch)).length;
    return [
      `${taken} of all ${all} branches are taken: ${percent(taken, all)}.`,
      `${taken} of the ${reachable} that a page can take are taken: ${percent(taken, reachable)}.`,
    ];
  }

  #isReachable(branch: CountedBranch): boolean {
    return whyUnreachable(branch, this.#unreachable) === null;
  }

  #isListedByItself(branch: CountedBranch): boolean {
    const lists = this.#unreachable.filter(({ lines }) => lines !== undefined);
    return whyUnreachable(branch, lists) !== null;
  }

  /** A line for each file, each folder, and all of them. */
  #table(): string[] {
    const files = [...new Set(this.#branches.map(({ file }) => file))];
    return [
      `${"".padEnd(WIDTH)}   branches      taken unreachable    taken of reachable`,
      ...[...files, ...ALGORITHMS].map((path) =>
        this.#row(
          path,
          this.#branches.filter(({ file }) => file === path || file.startsWith(`${path}/`)),
        ),
      ),
      this.#row("together", this.#branches),
    ];
  }

  #row(name: string, branches: readonly CountedBranch[]): string {
    const taken = branches.filter(isTaken).length;
    const unreachable = branches.filter((branch) => !isTaken(branch) && !this.#isReachable(branch)).length;
    return [
      name.padEnd(WIDTH),
      ...[branches.length, taken, unreachable].map((number) => String(number).padStart(11)),
      percent(taken, branches.length).padStart(9),
      percent(taken, branches.length - unreachable).padStart(13),
    ].join("");
  }

  #unreachableOnes(): string[] {
    const branches = this.#branches.filter((branch) => !isTaken(branch) && !this.#isReachable(branch));
    const reasons = [...new Set(this.#unreachable.map(({ why }) => why))];
    return [
      `No page can take (data/unreachable.json): ${branches.length}`,
      ...reasons.flatMap((why) => [
        `  ${why}`,
        ...branches
          .filter((branch) => whyUnreachable(branch, this.#unreachable) === why)
          .map((branch) => `    ${describeBranch(branch)}`),
      ]),
    ];
  }
}

/** Every branch with its count, a table, and lists of what is not taken. */
export function describeCoverage(branches: readonly CountedBranch[]): string {
  return new Coverage(branches, readUnreachable()).describe();
}

/** What is wrong with it; nothing if empty. */
export function coverageProblems(
  branches: readonly CountedBranch[],
  unreachable: readonly UnreachableBranches[] = readUnreachable(),
): readonly string[] {
  return new Coverage(branches, unreachable).problems();
}

/** Of the branches that a page can take. */
const MIN_SHARE_OF_REACHABLE = 0.95;

/** Of the column of paths. */
const WIDTH = 60;

function isTaken({ scenarios }: CountedBranch): boolean {
  return scenarios > 0;
}

function list(title: string, branches: readonly CountedBranch[]): string[] {
  return [`${title}: ${branches.length}`, ...branches.map((branch) => `  ${describeBranch(branch)}`)];
}

function describeBranch({ file, line, way, text }: CountedBranch): string {
  return `${file}:${line}  ${way}  ${text}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}
