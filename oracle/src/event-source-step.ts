/** A step with `EventSource`: what it fires up to a message, or to the error that closes it. */

import type { EventSourceStep, StepResult } from "./scenario.ts";

interface SourceEvent {
  readonly data?: unknown;
  readonly origin?: string;
  readonly lastEventId?: string;
}

/** What of the interface the steps use. */
interface Source {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: SourceEvent) => void): void;
  close(): void;
}

export type EventSourceClass = new (url: string, init: { withCredentials: boolean }) => Source;

const CLOSED = 2;

/** Listens until it has heard enough, and closes it. */
export async function runEventSourceStep(Class: EventSourceClass, step: EventSourceStep): Promise<StepResult> {
  const { eventSource: url, withCredentials = false, messages: wanted = 1, record } = step;
  const seconds: number[] = [];
  let lostAt = 0;
  const sequence: string[] = [];
  const messages: object[] = [];
  try {
    const source = new Class(url, { withCredentials });
    const readyState = await new Promise<number>((resolve) => {
      source.addEventListener("open", () => {
        sequence.push("open");
        if (lostAt > 0) seconds.push(Math.floor((performance.now() - lostAt) / 1000));
      });
      source.addEventListener("message", ({ data, origin = "", lastEventId = "" }) => {
        sequence.push("message");
        messages.push({ data, origin, ...(lastEventId === "" ? {} : { lastEventId }) });
        if (messages.length === wanted) resolve(source.readyState);
      });
      source.addEventListener("error", () => {
        sequence.push("error");
        lostAt = performance.now();
        if (source.readyState === CLOSED) resolve(CLOSED);
      });
    });
    source.close();
    // A second time it does nothing.
    source.close();
    return {
      sequence: sequence.join(" "),
      readyState,
      ...(messages.length === 0 ? {} : { messages }),
      ...(record === undefined ? {} : { reconnectionSeconds: seconds }),
    };
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error) };
  }
}
