// Reads Vitest's JSON report and prints `passed failed skipped`. A file that failed before any of its tests could run
// (it does not compile, a hook threw) counts as one failed test. Exit code 1 when there is nothing to count.
import { readFileSync } from "node:fs";

/** @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult */

const { testResults } = /** @type {{ testResults: FileResult[] }} */ (
  JSON.parse(readFileSync(process.argv[2] ?? ".reports/vitest.json", "utf8"))
);

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { status, assertionResults } of testResults) {
  const failedBefore = counts.failed;
  for (const assertion of assertionResults) {
    if (assertion.status === "passed") counts.passed += 1;
    else if (assertion.status === "failed") counts.failed += 1;
    else counts.skipped += 1;
  }
  if (status === "failed" && counts.failed === failedBefore) counts.failed += 1;
}

if (counts.passed + counts.failed === 0) {
  console.error("The report counts no test that ran.");
  process.exitCode = 1;
}
console.log(counts.passed, counts.failed, counts.skipped);
