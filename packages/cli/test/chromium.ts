/** A headless Chromium that knows the demonstration's names and reaches nothing but loopback. */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import { CHROMIUM_FLAGS, requireChromium } from "../../../scripts/ensure-chromium.mjs";

const START_MILLISECONDS = 30_000;

/** Runs `use` with a browser of its own, whose whole process group is gone afterwards, whatever happens. Throws if there is no Chromium. */
export async function withChromium<T>(
  resolverRules: string,
  use: (browser: Browser) => Promise<T>,
  flags: readonly string[] = [],
): Promise<T> {
  const executable = requireChromium();
  const profile = await mkdtemp(join(tmpdir(), "crossorigin-chromium-"));
  const rules = `${resolverRules}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;
  const child = spawn(
    executable,
    [
      ...CHROMIUM_FLAGS,
      ...flags,
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      `--host-resolver-rules=${rules}`,
      "about:blank",
    ],
    {
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, HOME: profile },
    },
  );
  const exited = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  try {
    const browser = await puppeteer.connect({
      browserWSEndpoint: await endpointOf(child.stderr),
      defaultViewport: null,
    });
    try {
      return await use(browser);
    } finally {
      await browser.disconnect();
    }
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await exited;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The address that Chromium prints when it is ready. */
function endpointOf(stderr: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    const timer = setTimeout(
      () => reject(new Error(`Chromium did not start in time:\n${printed}`)),
      START_MILLISECONDS,
    );
    stderr.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const endpoint = /DevTools listening on (ws:\/\/\S+)/.exec(printed)?.[1];
      if (endpoint === undefined) return;
      clearTimeout(timer);
      resolve(endpoint);
    });
    stderr.on("end", () => {
      clearTimeout(timer);
      reject(new Error(`Chromium ended at its start:\n${printed}`));
    });
  });
}
