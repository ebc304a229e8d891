/** The checklist of the user agent: what the standards ask of it, where that stands in the sources, and the tests that name it. */

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The repository. */
export const ROOT: string = join(import.meta.dirname, "../..");

export interface Item {
  /** Of the section and within it, such as "3.27". */
  readonly number: string;
  /** OPT: a browser may; OOS: out of scope, named so that nobody thinks it was forgotten. */
  readonly level: "MUST" | "SHOULD" | "OPT" | "OOS";
  readonly item: string;
  /** URLs into the standards, or names of what has none. */
  readonly sources: readonly string[];
  /** Where it is built, from the root of the repository. */
  readonly files: readonly string[];
  /** Why it is not built, or not tested. */
  readonly undone?: string;
}

export interface Section {
  readonly number: number;
  readonly title: string;
  readonly items: readonly Item[];
}

/** A test, or a case of the vectors, that names items: its title is `3.26, 3.27: …`. */
export interface NamingTest {
  readonly file: string;
  readonly title: string;
  readonly numbers: readonly string[];
}

/** `items.json`, whole. */
export function readSections(): readonly Section[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, "items.json"), "utf8")) as readonly Section[];
}

const NAMING_TITLE = /(["'`])(?<numbers>\d{1,2}\.\d{2}(?:, \d{1,2}\.\d{2})*): (?<title>(?:(?!\1)[^\\\n]|\\.)+)\1/g;

/** All of them: titles in the text of the tests, and the cases of the vectors that have `items`. */
export function readNamingTests(): readonly NamingTest[] {
  const inTests = filesOf(["packages/*/test/**/*.{ts,js}", "oracle/test/**/*.ts"]).flatMap(({ file, text }) =>
    [...text.matchAll(NAMING_TITLE)].map(({ groups = {} }) => ({
      file,
      title: (groups["title"] ?? "").replaceAll(/\\(.)/g, "$1"),
      numbers: (groups["numbers"] ?? "").split(", "),
    })),
  );
  const inVectors = filesOf(["vectors/*.json"]).flatMap(({ file, text }) =>
    ((JSON.parse(text) as VectorFile).cases ?? []).flatMap(({ name, items }) =>
      items === undefined ? [] : [{ file, title: name, numbers: items }],
    ),
  );
  return [...inTests, ...inVectors];
}

interface VectorFile {
  readonly cases?: readonly { readonly name: string; readonly items?: readonly string[] }[];
}

const filesOf = (patterns: readonly string[]): readonly { readonly file: string; readonly text: string }[] =>
  globSync(patterns, { cwd: ROOT })
    .toSorted()
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));

/** What is wrong with the checklist, a sentence each; empty if it holds. */
export function problemsOf(sections: readonly Section[], tests: readonly NamingTest[]): readonly string[] {
  const items = sections.flatMap((section) => section.items);
  const known = new Set(items.map(({ number }) => number));
  const named = new Set(tests.flatMap(({ numbers }) => numbers));
  return [
    ...(known.size === items.length ? [] : ["A number stands twice in items.json."]),
    ...sections.flatMap(({ number, items: own }) =>
      own
        .filter((item) => item.number.split(".")[0] !== String(number))
        .map((item) => `${item.number} stands in section ${String(number)}.`),
    ),
    ...tests.flatMap(({ file, title, numbers }) =>
      numbers
        .filter((number) => !known.has(number))
        .map((number) => `${file} names ${number}, which is no item: ${title}`),
    ),
    ...items.flatMap((item) => problemsOfItem(item, named)),
  ];
}

function problemsOfItem({ number, item, files, undone }: Item, named: ReadonlySet<string>): readonly string[] {
  const what = `${number} (${item})`;
  const missing = files.filter((file) => !existsSync(join(ROOT, file))).map((file) => `${what}: there is no ${file}.`);
  if (undone !== undefined)
    return named.has(number) ? [...missing, `${what} is undone, and a test names it.`] : missing;
  return [
    ...missing,
    ...(files.length > 0 ? [] : [`${what}: no file is named.`]),
    ...(named.has(number) ? [] : [`${what}: no test names it.`]),
  ];
}
