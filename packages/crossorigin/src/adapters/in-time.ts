/**
 * Waiting no longer than a limit.
 *
 * @module
 */

/** Rejects when the time is up. A timer that runs keeps no process alive. */
export function inTime<Value>(answer: PromiseLike<Value>, milliseconds: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer: unknown = setTimeout(() => {
      reject(new Error(`The look-up has not answered for ${milliseconds} ms.`));
    }, milliseconds);
    if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref(): void }).unref();
    const clear = (): void => clearTimeout(timer as number);
    void Promise.resolve(answer).then(resolve, reject).finally(clear);
  });
}
