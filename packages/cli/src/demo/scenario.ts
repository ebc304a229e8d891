/**
 * A scenario of the demonstration: what a page asks, and how that must end, in our user agent and in a browser.
 *
 * @module
 */

import type { Explanation } from "crossorigin/diagnose";
import type { CredentialsMode } from "crossorigin/protocol";

/** The page's host, as in the guides. */
export const PAGE_HOST = "foo.example";

/** Hosts of resources by their part in the play. */
export const RESOURCE_HOSTS = {
  /** As in the guides; another site than the page's. */
  resource: "bar.other",
  /**
   * Choice: cookies need a resource of the page's own site, another origin all the same. Browsers block third-party cookies or
   * ask for https, and a demonstration on loopback has no certificate.
   */
  sameSite: "bar.foo.example",
  /** Where a redirect leads to. */
  elsewhere: "baz.other",
  /** A port that nobody listens at. */
  nobody: "bar.other",
} as const;

export type ResourcePart = keyof typeof RESOURCE_HOSTS;

interface ScenarioRequest {
  readonly at: ResourcePart;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly credentials?: CredentialsMode;
  readonly mode?: "cors" | "no-cors" | "same-origin";
}

export interface ExpectedOutcome {
  readonly verdict: Explanation["verdict"];
  readonly code: Explanation["code"];
  readonly preflight: "not needed" | "sent" | "cached";
  /** What the resources' server answers, in order: `METHOD path status`. */
  readonly wire: readonly string[];
  /** The body that the page reads; null if it reads none. */
  readonly body: string | null;
  /** Response headers in lower case that the page can read, and cannot read, although both were sent. */
  readonly readable?: readonly string[];
  readonly hidden?: readonly string[];
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** What it shows, in one or two sentences. */
  readonly story: string;
  readonly request: ScenarioRequest;
  readonly expected: ExpectedOutcome;
}

/** The ports that this run was given. */
export interface DemoPorts {
  readonly page: number;
  readonly resource: number;
  readonly nobody: number;
}

/** The page's origin in this run. */
export function pageOrigin(ports: DemoPorts): string {
  return `http://${PAGE_HOST}:${ports.page}`;
}

/** The origin of a part in this run. */
export function resourceOrigin(part: ResourcePart, ports: DemoPorts): string {
  return `http://${RESOURCE_HOSTS[part]}:${part === "nobody" ? ports.nobody : ports.resource}`;
}

/** The URL that a scenario asks for in this run. */
export function scenarioUrl({ request }: Scenario, ports: DemoPorts): string {
  return resourceOrigin(request.at, ports) + request.path;
}
