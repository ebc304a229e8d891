// Formats a generated page as the repository is formatted, without writing it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/**
 * @param {string} path of the page, which tells its language
 * @param {string} text
 * @returns {string}
 */
export function formatPage(path, text) {
  const run = spawnSync(join(root, "node_modules/.bin/oxfmt"), [`--stdin-filepath=${path}`], {
    input: text,
    encoding: "utf8",
    cwd: root,
    maxBuffer: 2 ** 28,
  });
  if (run.status !== 0) throw new Error(`${path} could not be formatted: ${run.stderr}`);
  return run.stdout;
}
