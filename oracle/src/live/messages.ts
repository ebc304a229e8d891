/** What the server of a live run and its page tell each other. */

import type { Ports } from "../names.ts";
import type { Scenario, Step, StepResult } from "../scenario.ts";

/** A scenario for the page. */
export interface Job {
  readonly id: string;
  readonly base: string;
  readonly steps: readonly Step[];
  readonly context: Scenario["context"] | null;
}

/** Steps for a frame or worker. */
export interface Errand {
  readonly ports: Ports;
  readonly base: string;
  readonly steps: readonly Step[];
}

/** What came of an errand. */
export interface Returned {
  readonly ready?: true;
  readonly results?: readonly StepResult[];
  readonly failure?: string;
}

/** What the page has done since it asked last. */
export interface Report {
  /** The page's URL. */
  readonly page: string;
  readonly batch: number | null;
  readonly results: Readonly<Record<string, readonly StepResult[]>>;
}

/** What the page is to do next. */
export type Assignment =
  | {
      readonly kind: "batch";
      readonly batch: number;
      readonly ports: Ports;
      readonly width: number;
      readonly jobs: readonly Job[];
    }
  | { readonly kind: "go"; readonly url: string };
