/**
 * How to see the scenarios in a browser.
 *
 * @module
 */

import type { Style } from "../style.ts";
import { type DemoPorts, PAGE_HOST, RESOURCE_HOSTS, pageOrigin } from "./scenario.ts";

/** The rules by which the demonstration's names lead to loopback, for Chromium. */
export function hostResolverRules(): string {
  return [...demoHosts()].map((host) => `MAP ${host} 127.0.0.1`).join(", ");
}

/** Where the page is and how a browser finds it. */
export function renderServing(ports: DemoPorts, style: Style): string {
  const url = `${pageOrigin(ports)}/`;
  return [
    style.paint("title", "The servers stay up. See the same scenarios in a browser:"),
    "",
    `  ${style.paint("name", url)}`,
    "",
    "Chromium or Chrome, with a profile of its own that knows the names:",
    "",
    `  chromium --user-data-dir="$(mktemp -d)" --no-first-run --host-resolver-rules="${hostResolverRules()}" ${url}`,
    "",
    "Any other browser, after this line went into /etc/hosts:",
    "",
    `  127.0.0.1 ${[...demoHosts()].join(" ")}`,
    "",
    style.paint("quiet", "Press Ctrl+C to stop."),
  ].join("\n");
}

function demoHosts(): ReadonlySet<string> {
  return new Set([PAGE_HOST, ...Object.values(RESOURCE_HOSTS)]);
}
