/**
 * `ProgressEvent`: how far a transmission is.
 *
 * @see https://xhr.spec.whatwg.org/#interface-progressevent
 * @module
 */

import { finishInterface } from "../dom/interface.ts";
import { needArguments, toBoolean, toDouble } from "../dom/web-idl.ts";
import { createInternalSlot } from "../internal-slot.ts";
import { NodeEvent } from "../node-globals.ts";

interface Progress {
  readonly lengthComputable: boolean;
  readonly loaded: number;
  readonly total: number;
}

export interface ProgressEventInit {
  readonly bubbles?: boolean | undefined;
  readonly cancelable?: boolean | undefined;
  readonly composed?: boolean | undefined;
  readonly lengthComputable?: boolean | undefined;
  readonly loaded?: number | undefined;
  readonly total?: number | undefined;
}

const progressOf = createInternalSlot<Progress>();

export class ProgressEvent extends NodeEvent {
  /** Throws a `TypeError` for numbers that are not finite. */
  constructor(type: string, init: ProgressEventInit = {}) {
    needArguments("ProgressEvent", arguments.length, 1);
    const { bubbles = false, cancelable = false, composed = false, ...progress } = init;
    super(type, { bubbles, cancelable, composed });
    progressOf.set(this, {
      lengthComputable: toBoolean(progress.lengthComputable),
      loaded: toDouble(progress.loaded ?? 0, "loaded"),
      total: toDouble(progress.total ?? 0, "total"),
    });
  }

  get lengthComputable(): boolean {
    return stateOf(this).lengthComputable;
  }

  get loaded(): number {
    return stateOf(this).loaded;
  }

  get total(): number {
    return stateOf(this).total;
  }
}

finishInterface(ProgressEvent, 1);

/** A length of 0 stands for one that nobody knows. @see https://xhr.spec.whatwg.org/#concept-event-fire-progress */
export function createProgressEvent(type: string, transmitted: number, length: number): ProgressEvent {
  return new ProgressEvent(type, { loaded: transmitted, lengthComputable: length !== 0, total: length });
}

function stateOf(event: ProgressEvent): Progress {
  const state = progressOf.get(event);
  if (state === undefined) throw new TypeError("Illegal invocation: this is not a ProgressEvent object.");
  return state;
}
