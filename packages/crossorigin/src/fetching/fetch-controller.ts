/**
 * Fetch controllers: how a caller ends a fetch early.
 *
 * @see https://fetch.spec.whatwg.org/#fetch-controller
 * @module
 */

/** `aborted`: by the page, with its reason. `terminated`: by the user agent, a plain network error. */
export type FetchControllerState = "ongoing" | "aborted" | "terminated";

export class FetchController {
  #state: FetchControllerState = "ongoing";
  #reason: unknown = null;
  readonly #listeners = new Set<() => void>();

  get state(): FetchControllerState {
    return this.#state;
  }

  /** What {@link FetchController.abort} was given. */
  get reason(): unknown {
    return this.#reason;
  }

  /** Aborted or terminated? @see https://fetch.spec.whatwg.org/#fetch-params-canceled */
  get isCanceled(): boolean {
    return this.#state !== "ongoing";
  }

  /** The page gives up; later calls do nothing. @see https://fetch.spec.whatwg.org/#fetch-controller-abort */
  abort(reason: unknown): void {
    this.#reason = this.isCanceled ? this.#reason : reason;
    this.#end("aborted");
  }

  /** The user agent gives up; later calls do nothing. @see https://fetch.spec.whatwg.org/#fetch-controller-terminate */
  terminate(): void {
    this.#end("terminated");
  }

  /** Calls `listener` once when the fetch is canceled. Returns a function that takes the listener off again. */
  onCancel(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #end(state: "aborted" | "terminated"): void {
    if (this.isCanceled) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
