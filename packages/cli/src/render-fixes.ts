/**
 * Fixes and notes as text: what to change, ready to copy.
 *
 * @module
 */

import type { Explanation, Fix, Note } from "crossorigin/diagnose";
import { type Style, hanging } from "./style.ts";

const PLACES: Readonly<Record<NonNullable<Fix["on"]>, string>> = {
  preflight: "on the response to the preflight:",
  response: "on the response:",
  "preflight-and-response": "on both the response to the preflight and the response:",
};

/** Nothing if there is nothing to change. */
export function renderFixes({ server, client }: Explanation["fixes"], isShared: boolean, style: Style): string[] {
  const verb = isShared ? "Could be better" : "Fix";
  return [...renderSide(`${verb} on the server`, server, style), ...renderSide(`${verb} in the page`, client, style)];
}

function renderSide(title: string, fixes: readonly Fix[], style: Style): string[] {
  if (fixes.length === 0) return [];
  return ["", style.paint("title", title), ...fixes.flatMap((fix, index) => renderFix(fix, index + 1, style))];
}

function renderFix({ text, headers, on, policy }: Fix, position: number, style: Style): string[] {
  const bullet = `  ${position}. `;
  const lines = [hanging(bullet, bullet.length, text, style.width)];
  if (headers.length > 0) {
    lines.push(
      style.paint("quiet", `     ${on === null ? "header lines:" : PLACES[on]}`),
      ...headers.map((line) => `       ${style.paint("good", line)}`),
    );
  }
  if (policy !== null) {
    lines.push(
      style.paint(
        "quiet",
        `     ${"origins" in policy ? "as a crossorigin policy:" : "add to your crossorigin policy:"}`,
      ),
      `       ${style.paint("good", JSON.stringify(policy))}`,
    );
  }
  return lines;
}

/** Of more notes with one code only the first are shown. */
const MAX_SHOWN_OF_A_CODE = 3;

/** Nothing if there are none. `isWhole` shows all. */
export function renderNotes(notes: readonly Note[], isWhole: boolean, style: Style): string[] {
  if (notes.length === 0) return [];
  const counts = new Map<string, number>();
  const shown = notes.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return isWhole || count <= MAX_SHOWN_OF_A_CODE;
  });
  const left = notes.length - shown.length;
  return [
    "",
    style.paint("title", "Worth knowing"),
    ...shown.map(
      ({ code, text }) =>
        `${hanging(`  ${style.paint("note", "!")} `, 4, text, style.width)}\n    ${style.paint("code", code)}`,
    ),
    ...(left === 0 ? [] : [style.paint("quiet", `  … and ${left} more of the same kinds; -v shows all`)]),
  ];
}
