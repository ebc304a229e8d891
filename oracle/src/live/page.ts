/** Runs in a browser, as the page of a live run: asks for scenarios, runs them, reports, and asks again. */

import type { StepResult } from "../scenario.ts";
import type { Assignment, Job, Report } from "./messages.ts";
import { runHere, runInFrame, runInWorker } from "./place.ts";
import type { Ports } from "../names.ts";

/** No scenario takes longer, unless it hangs. */
const TIMEOUT_MILLISECONDS = 20_000;
const FRAME = `<!doctype html><script type="module" src="${new URL("place.ts", import.meta.url).href}"></script>`;

function runJob({ base, steps, context }: Job, ports: Ports): Promise<readonly StepResult[]> {
  const errand = { ports, base, steps };
  switch (context) {
    case "worker":
      return runInWorker(errand);
    case "sandboxed-frame":
      return runInFrame(errand, (frame) => {
        frame.setAttribute("sandbox", "allow-scripts");
        frame.src = "/";
      });
    case "data-frame":
      return runInFrame(errand, (frame) => (frame.src = `data:text/html,${encodeURIComponent(FRAME)}`));
    case "blob-frame":
      return runInFrame(errand, (frame) => {
        frame.src = URL.createObjectURL(new Blob([FRAME], { type: "text/html" }));
      });
    case "srcdoc-frame":
      return runInFrame(errand, (frame) => (frame.srcdoc = FRAME));
    case undefined:
    case null:
      return runHere(errand);
  }
}

function timeout(): Promise<readonly StepResult[]> {
  return new Promise((resolve) => setTimeout(() => resolve([{ timeout: true }]), TIMEOUT_MILLISECONDS));
}

async function run(job: Job, ports: Ports): Promise<readonly StepResult[]> {
  try {
    return await Promise.race([runJob(job, ports), timeout()]);
  } catch (error) {
    return [{ failure: String(error) }];
  }
}

let report: Report = { page: location.href, batch: null, results: {} };
for (;;) {
  const response = await fetch("/oracle/next", { method: "POST", body: JSON.stringify(report) });
  const assignment = (await response.json()) as Assignment;
  if (assignment.kind === "go") {
    location.replace(assignment.url);
    break;
  }
  const { batch, ports, jobs, width } = assignment;
  const queue = [...jobs];
  const results: Record<string, readonly StepResult[]> = {};
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) results[job.id] = await run(job, ports);
  };
  await Promise.all(Array.from({ length: width }, work));
  report = { page: location.href, batch, results };
}
