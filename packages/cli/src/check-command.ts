/**
 * `crossorigin check URL`: sends what a browser would send for a page, and explains the outcome.
 *
 * @module
 */

import type { Explanation } from "crossorigin/diagnose";
import { type CheckOptions, type CheckRequest, readCheckRequest } from "./check-request.ts";
import { EXIT_INTERRUPTED, exitStatusOf } from "./exit-status.ts";
import { fetchAsPage } from "./page-fetch.ts";
import { startProgress } from "./progress.ts";
import { renderExplanation, renderPage } from "./render-explanation.ts";
import { type Style, styleFor } from "./style.ts";
import type { Surroundings } from "./surroundings.ts";

/** Prints the explanation, or the JSON object, on standard output. Returns the exit status. */
export async function check(input: string, options: CheckOptions, surroundings: Surroundings): Promise<number> {
  const { stdin, stdout, stderr, env, signal } = surroundings;
  const request = await readCheckRequest(input, options, stdin);
  const progress = startProgress(stderr, `asking ${request.url.host}`);
  const explanation = await fetchAsPage(request, { signal, onProgress: (text) => progress.say(text) }).finally(() =>
    progress.end(),
  );
  if (signal.aborted) return EXIT_INTERRUPTED;
  if (options.json === true) {
    for (const remark of request.remarks) stderr.write(`crossorigin: note: ${remark}\n`);
    stdout.write(`${JSON.stringify(explanation, null, 2)}\n`);
  } else {
    stdout.write(`${renderCheck(explanation, request, options, styleFor(stdout, env))}\n`);
  }
  return exitStatusOf(explanation.verdict);
}

function renderCheck(explanation: Explanation, request: CheckRequest, options: CheckOptions, style: Style): string {
  const made = request.page.isDefault ? style.paint("quiet", " (made up; choose yours with --origin)") : "";
  return [
    style.paint("title", renderPage(explanation)),
    `from a page of origin ${style.paint("name", explanation.page.origin)}${made}`,
    ...request.remarks.map((remark) => `${style.paint("note", "!")} ${remark}`),
    "",
    renderExplanation(explanation, { selection: options.verbose === true ? "all" : "relevant", isWire: false }, style),
  ].join("\n");
}
