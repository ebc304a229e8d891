/** The server of the page scripts in a thread of its own, so that it answers while a script blocks the test's thread. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort } from "node:worker_threads";
import { createScriptListener } from "./xml-http-request-server.ts";

const lines: string[] = [];
const server = createServer(createScriptListener((line) => lines.push(line)));

// Any message asks for what was heard since the last one.
parentPort?.on("message", () => parentPort?.postMessage(lines.splice(0), []));
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port, []));
