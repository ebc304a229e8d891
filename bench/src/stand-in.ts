/**
 * Requests as Node's parser makes them, and a response that only remembers its lines.
 *
 * @module
 */

export interface StandInRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Keeps lines as Node's `OutgoingMessage` does: by name in lower case, each with its spelling. */
export class StandInResponse {
  statusCode = 200;
  #headers: Record<string, [string, unknown]> | null = null;

  setHeader(name: string, value: unknown): this {
    (this.#headers ??= Object.create(null) as Record<string, [string, unknown]>)[name.toLowerCase()] = [name, value];
    return this;
  }

  getHeader(name: string): unknown {
    return this.#headers === null ? undefined : this.#headers[name.toLowerCase()]?.[1];
  }

  end(): void {}
}

/** Fresh strings, as from the wire: nothing about them is known to the engine yet. */
export function fresh(value: string): string {
  return Buffer.from(value, "latin1").toString("latin1");
}

/** Keeps results alive, so that nothing is folded away. */
const sink: unknown[] = Array.from({ length: 64 }, () => null);
let turn = 0;
export function keep(value: unknown): void {
  sink[turn++ & 63] = value;
}
