/** The files of a live run's page: modules of this folder, their types stripped, and documents that load them. */

import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import type { ScriptedResponse } from "../scenario.ts";

/** By path below `/oracle/`. */
const MODULES: Readonly<Record<string, string>> = {
  "event-source-step.ts": import.meta.resolve("../event-source-step.ts"),
  "names.ts": import.meta.resolve("../names.ts"),
  "normalize.ts": import.meta.resolve("../normalize.ts"),
  "steps.ts": import.meta.resolve("../steps.ts"),
  "web-socket-step.ts": import.meta.resolve("../web-socket-step.ts"),
  "xhr-step.ts": import.meta.resolve("../xhr-step.ts"),
  "live/elements.ts": import.meta.resolve("./elements.ts"),
  "live/importing-worker.ts": import.meta.resolve("./importing-worker.ts"),
  "live/imports.ts": import.meta.resolve("./imports.ts"),
  "live/page.ts": import.meta.resolve("./page.ts"),
  "live/place.ts": import.meta.resolve("./place.ts"),
  "live/workers.ts": import.meta.resolve("./workers.ts"),
};

const stripped = new Map<string, string>();

/** A script in its own encoding, for a server whose bodies are latin-1. */
function source(url: string): string {
  const known = stripped.get(url);
  if (known !== undefined) return known;
  const text = stripTypeScriptTypes(readFileSync(new URL(url), "utf8"));
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  stripped.set(url, bytes);
  return bytes;
}

function html(name: string, headers: readonly string[] = []): ScriptedResponse {
  const script = `<script type="module" src="/oracle/${name}"></script>`;
  return {
    headers: ["Content-Type: text/html; charset=utf-8", "Cache-Control: no-store", ...headers],
    body: `<!doctype html><link rel="icon" href="data:,"><body>${script}</body>`,
  };
}

/** `/page` is the page, `/page/…` one with that embedder policy, `/` a frame. Null if there is no such file. */
export function file(path: string): ScriptedResponse | null {
  if (path === "/page") return html("live/page.ts");
  const [, policy] = /^\/page\/(credentialless|require-corp)$/.exec(path) ?? [];
  if (policy !== undefined) return html("live/page.ts", [`Cross-Origin-Embedder-Policy: ${policy}`]);
  if (path === "/") return html("live/place.ts");
  const url = MODULES[path.replace(/^\/oracle\//, "")];
  if (url === undefined) return null;
  const headers = ["Content-Type: text/javascript; charset=utf-8", "Access-Control-Allow-Origin: *"];
  return { headers: [...headers, "Cache-Control: max-age=600"], body: source(url) };
}
