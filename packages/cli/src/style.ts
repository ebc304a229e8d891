/**
 * Colour, where somebody sees it, and lines that fit.
 *
 * @module
 */

import { styleText } from "node:util";
import type { Surroundings, TextOutput } from "./surroundings.ts";

/** What a piece of text is; how that looks is decided here. */
type Role = "title" | "good" | "bad" | "note" | "quiet" | "name" | "code";

export interface Style {
  paint(role: Role, text: string): string;
  /** Columns to fill at most. */
  readonly width: number;
}

type Format = Parameters<typeof styleText>[0];

const FORMATS: Readonly<Record<Role, Format>> = {
  title: "bold",
  good: ["green", "bold"],
  bad: ["red", "bold"],
  note: "yellow",
  quiet: "dim",
  name: "cyan",
  code: "magenta",
};

const MIN_WIDTH = 40;
const MAX_WIDTH = 120;
/** Also for pipes, so that what a file holds does not depend on the terminal. */
const DEFAULT_WIDTH = 100;

/** The style for `output`: plain unless it is a terminal. `NO_COLOR` turns colour off, `FORCE_COLOR` on, if they are not empty. */
export function styleFor(output: TextOutput, env: Surroundings["env"]): Style {
  const isColoured = wantsColour(output, env);
  return {
    paint: (role, text) => (isColoured ? styleText(FORMATS[role], text, { validateStream: false }) : text),
    width: output.isTTY === true ? clampedWidth(output.columns) : DEFAULT_WIDTH,
  };
}

/** A terminal that does not know its width says 0. */
function clampedWidth(columns: number | undefined): number {
  return columns === undefined || columns === 0 ? DEFAULT_WIDTH : Math.max(MIN_WIDTH, Math.min(columns, MAX_WIDTH));
}

function wantsColour(output: TextOutput, env: Surroundings["env"]): boolean {
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"]) && env["FORCE_COLOR"] !== "0") return true;
  return output.isTTY === true && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

/** A space where no line ends; printed as a plain one. Text from the wire holds none, as it is escaped to ASCII. */
export const UNBREAKABLE = "\u{a0}";

/** Breaks `text` at spaces into lines of at most `width` columns; a longer word stays whole, so that it can be copied. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((wrappedLine) => wrappedLine.replaceAll(UNBREAKABLE, " "));
}

/** Wrapped text behind `first`, its later lines below its beginning. `first` may hold colour; `firstWidth` is what it takes on screen. */
export function hanging(first: string, firstWidth: number, text: string, width: number): string {
  return first + wrapped(text, Math.max(20, width - firstWidth)).join(`\n${" ".repeat(firstWidth)}`);
}
