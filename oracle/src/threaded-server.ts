/** A scripted server in a thread of its own: it answers while the scenario's thread waits for a synchronous request. */

import { Worker } from "node:worker_threads";
import type { Certificate } from "./certificate.ts";
import type { Ports } from "./names.ts";
import type { ReceivedRequest } from "./request-reader.ts";
import type { ScriptedRoutes } from "./scenario.ts";
import type { ScenarioServer, ScriptedRun } from "./scripted-server.ts";

/** What the thread is asked to do; it answers with the number. */
export type ServerOrder =
  | { readonly kind: "add"; readonly number: number; readonly base: string; readonly routes: ScriptedRoutes }
  | { readonly kind: "remove"; readonly number: number; readonly base: string };

export type ServerNotice =
  | { readonly kind: "ready"; readonly ports: Ports }
  | { readonly kind: "done"; readonly number: number }
  | { readonly kind: "request"; readonly base: string; readonly request: ReceivedRequest; readonly url: string };

type Order =
  | Omit<Extract<ServerOrder, { kind: "add" }>, "number">
  | Omit<Extract<ServerOrder, { kind: "remove" }>, "number">;

export class ThreadedServer implements ScenarioServer {
  readonly answersWhileBlocked = true;
  readonly ports: Ports;
  readonly #worker: Worker;
  readonly #runs = new Map<string, ScriptedRun>();
  readonly #waiting = new Map<number, () => void>();
  #count = 0;

  private constructor(worker: Worker, ports: Ports) {
    this.#worker = worker;
    this.ports = ports;
    worker.on("message", (notice: ServerNotice) => {
      if (notice.kind === "request") this.#runs.get(notice.base)?.onRequest(notice.request, notice.url);
      if (notice.kind !== "done") return;
      this.#waiting.get(notice.number)?.();
      this.#waiting.delete(notice.number);
    });
  }

  static async start(certificate: Certificate): Promise<ThreadedServer> {
    const worker = new Worker(new URL("./server-thread.ts", import.meta.url), { workerData: certificate });
    const ports = await new Promise<Ports>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("message", (notice: ServerNotice) => {
        if (notice.kind === "ready") resolve(notice.ports);
      });
    });
    return new ThreadedServer(worker, ports);
  }

  async add(run: ScriptedRun): Promise<void> {
    this.#runs.set(run.base, run);
    await this.#order({ kind: "add", base: run.base, routes: run.routes });
  }

  /** Resolves when the run has heard of all its requests. */
  async remove({ base }: ScriptedRun): Promise<void> {
    await this.#order({ kind: "remove", base });
    this.#runs.delete(base);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #order(order: Order): Promise<void> {
    this.#count++;
    const number = this.#count;
    const done = new Promise<void>((resolve) => this.#waiting.set(number, resolve));
    this.#worker.postMessage({ ...order, number } satisfies ServerOrder, []);
    await done;
  }
}
