/** The comments of the sources that carry one of the four labels of CONTRIBUTING.md. */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT: string = join(import.meta.dirname, "../..");

const LABELS = ["Deviation", "Choice", "Not applicable", "Attack"] as const;

export type Label = (typeof LABELS)[number];

export interface LabelledComment {
  /** From the root of the repository, with slashes. */
  readonly file: string;
  readonly label: Label;
  /** One line, without the label. */
  readonly text: string;
}

const LABEL = new RegExp(`\\b(${LABELS.join("|")}):`);

/** In the order of files and lines. */
export function readLabelledComments(): LabelledComment[] {
  return globSync("packages/*/src/**/*.ts", { cwd: ROOT })
    .map((file) => file.replaceAll("\\", "/"))
    .toSorted()
    .flatMap((file) => labelledCommentsOf(file, readFileSync(join(ROOT, file), "utf8")));
}

/** A labelled comment ends with its paragraph, before a tag or at the next label. */
export function labelledCommentsOf(file: string, source: string): LabelledComment[] {
  return paragraphsOf(source).flatMap((paragraph) => {
    const [, ...parts] = paragraph.split(LABEL);
    return parts.flatMap((part, index) => {
      const label = LABELS.find((known) => known === part);
      const text = parts[index + 1]?.trim();
      return label === undefined || index % 2 === 1 || text === undefined ? [] : [{ file, label, text }];
    });
  });
}

/** The paragraphs of all comments, each in one line. A comment behind code stands alone. */
function paragraphsOf(source: string): string[] {
  const paragraphs: string[] = [];
  let lines: string[] = [];
  const end = (): void => {
    if (lines.length > 0) paragraphs.push(lines.join(" "));
    lines = [];
  };
  for (const line of source.split("\n")) {
    const isCommentAlone = /^\s*(?:\/\/|\/?\*)/.test(line);
    const text = commentOf(line);
    const isText = text !== null && text !== "" && !text.startsWith("@");
    if (!isText || !isCommentAlone) end();
    if (isText) lines.push(text);
    if (!isCommentAlone || line.includes("*/")) end();
  }
  end();
  return paragraphs;
}

/** What a line says as a comment; null if it is code alone. */
function commentOf(line: string): string | null {
  const [, block, rest] = /^\s*(?:\/\*\*?|\*(?!\/))\s?(.*?)(?:\s*\*\/.*)?$|(?:^|\s)\/\/ (.*)$/.exec(line) ?? [];
  const text = block ?? rest;
  return text === undefined ? null : text.replace(/\s+@see .*$/, "").trim();
}
