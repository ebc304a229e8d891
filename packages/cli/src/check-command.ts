/**
 * `crossorigin check URL`: sends what a browser would send for a page, and explains the outcome.
 *
 * @module
 */

import { escapeFromWire } from "crossorigin/diagnose";
import { withAssumedPage } from "./assumed-page.ts";
import { type CheckOptions, readCheckRequest } from "./check-request.ts";
import { EXIT_INTERRUPTED, exitStatusOf } from "./exit-status.ts";
import { fetchAsPage } from "./page-fetch.ts";
import { startProgress } from "./progress.ts";
import { describeBodyReading } from "./read-body.ts";
import { type ExplanationForm, renderExplanation, renderPage } from "./render-explanation.ts";
import type { ConsumerExplanation } from "./page-use.ts";
import type { PageOrigin, Resolution } from "./request-options.ts";
import { type Style, styleFor } from "./style.ts";
import type { Surroundings } from "./surroundings.ts";

const UNUSED_CERTIFICATE =
  "--cert was of no use: a client certificate goes with credentials only, and no request that had some went to an https server; see --credentials and --crossorigin.";

/** Prints the explanation, or the JSON object, on standard output. Returns the exit status. */
export async function check(input: string, options: CheckOptions, surroundings: Surroundings): Promise<number> {
  const { stdin, stdout, stderr, env, signal } = surroundings;
  const request = await readCheckRequest(input, options, stdin);
  const progress = startProgress(stderr, `asking ${request.url.host}`);
  const fetched = await fetchAsPage(request, { signal, onProgress: (text) => progress.say(text) }).finally(() =>
    progress.end(),
  );
  if (signal.aborted) return EXIT_INTERRUPTED;
  const explanation = request.page.isDefault ? withAssumedPage(fetched.explanation) : fetched.explanation;
  const isCertificateUnused = request.clientCertificate !== null && !fetched.isCertificateOffered;
  const remarks = [
    ...request.remarks,
    ...fetched.unusedResolutions.map(describeUnused),
    ...(isCertificateUnused ? [UNUSED_CERTIFICATE] : []),
  ];
  if (options.json === true) {
    for (const remark of remarks) stderr.write(`crossorigin: note: ${remark}\n`);
    const { fixes, notes, ...told } = explanation;
    stdout.write(`${JSON.stringify({ ...told, use: fetched.use, fixes, notes }, null, 2)}\n`);
  } else {
    const form: ExplanationForm = {
      selection: options.verbose === true ? "all" : "relevant",
      isWire: false,
      bodyRemark: describeBodyReading(fetched.body),
      use: fetched.use,
    };
    stdout.write(`${renderCheck(explanation, request.page, remarks, form, styleFor(stdout, env))}\n`);
  }
  return exitStatusOf(explanation.verdict);
}

function describeUnused({ host, port, address }: Resolution): string {
  return `--resolve ${escapeFromWire(`${host}:${port}:${address}`, 200)} was of no use: nothing was asked of that host and port.`;
}

function renderCheck(
  explanation: ConsumerExplanation,
  page: PageOrigin,
  remarks: readonly string[],
  form: ExplanationForm,
  style: Style,
): string {
  const made = page.isDefault ? style.paint("quiet", " (made up; choose yours with --origin)") : "";
  return [
    style.paint("title", renderPage(explanation, form.use)),
    `from a page of origin ${style.paint("name", explanation.page.origin)}${made}`,
    ...remarks.map((remark) => `${style.paint("note", "!")} ${remark}`),
    "",
    renderExplanation(explanation, form, style),
  ].join("\n");
}
