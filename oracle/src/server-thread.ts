/** The thread of a {@link ThreadedServer}. */

import { parentPort, workerData } from "node:worker_threads";
import type { Certificate } from "./certificate.ts";
import { Names } from "./names.ts";
import { type ScriptedRun, ScriptedServer } from "./scripted-server.ts";
import type { ServerNotice, ServerOrder } from "./threaded-server.ts";

const server = await ScriptedServer.start(workerData as Certificate);
const runs = new Map<string, ScriptedRun>();
const tell = (notice: ServerNotice): void => parentPort?.postMessage(notice, []);

parentPort?.on("message", (order: ServerOrder) => {
  const { number, base } = order;
  const known = runs.get(base);
  if (order.kind === "add") {
    const names = new Names(server.ports, base);
    const run: ScriptedRun = {
      base,
      routes: order.routes,
      expand: (text) => names.expand(text),
      onRequest: (request, url) => tell({ kind: "request", base, request, url }),
    };
    runs.set(base, run);
    server.add(run);
  } else if (known !== undefined) {
    runs.delete(base);
    server.remove(known);
  }
  tell({ kind: "done", number });
});
tell({ kind: "ready", ports: server.ports });
