// Finds a Chromium for the browser tests, and installs Debian's when there is none and this process may.
// It runs before anything is built and on the oldest Node.js a machine may have, hence plain JavaScript.
//
//   node scripts/ensure-chromium.mjs             exit code 1 when there is no Chromium in the end
//   node scripts/ensure-chromium.mjs --optional  the same message, exit code 0: tests without a browser still run
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

export const missingChromiumMessage =
  "No Chromium found: install it with `sudo apt-get install chromium`, or set CHROME_PATH to the executable of a Chromium or Chrome.";

/** For tests: headless, alone with its profile, and silent but for the pages it is given. Third-party cookies stay as the browser has them. */
export const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--disable-default-apps",
  "--disable-breakpad",
  "--metrics-recording-only",
  "--disable-dev-shm-usage",
  "--password-store=basic",
  "--mute-audio",
  "--lang=en-US",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The executable of the Chromium to test with, CHROME_PATH first, or undefined. */
export function findChromium() {
  const chosen = process.env["CHROME_PATH"];
  if (chosen) return isExecutable(chosen) ? chosen : undefined;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

/** For tests: the executable, or an error that names the one command to run. */
export function requireChromium() {
  const found = findChromium();
  if (found === undefined) throw new Error(missingChromiumMessage);
  return found;
}

function canInstall() {
  return (
    !process.env["CHROME_PATH"] &&
    process.platform === "linux" &&
    process.getuid?.() === 0 &&
    existsSync("/usr/bin/apt-get")
  );
}

function install() {
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: /** @type {["ignore", "ignore", "inherit"]} */ (["ignore", "ignore", "inherit"]),
  };
  console.error("No Chromium found: installing Debian's (apt-get install chromium) …");
  execFileSync("apt-get", ["update", "-qq"], options);
  execFileSync("apt-get", ["install", "-qq", "-y", "--no-install-recommends", "chromium"], options);
}

function main() {
  if (findChromium() === undefined && canInstall()) {
    try {
      install();
    } catch (error) {
      console.error(`The installation failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (findChromium() !== undefined) return;
  console.error(missingChromiumMessage);
  if (!process.argv.includes("--optional")) process.exitCode = 1;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
