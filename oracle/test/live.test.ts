import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createCertificate } from "../src/certificate.ts";
import type { RunningBrowser } from "../src/live/browser.ts";
import type { Assignment, Report } from "../src/live/messages.ts";
import { LiveSession } from "../src/live/session.ts";
import { startSocksServer } from "../src/live/socks.ts";
import { HOSTNAMES } from "../src/names.ts";
import type { Scenario } from "../src/scenario.ts";

const scenario = (id: string): Scenario => ({ id, name: id, steps: [{ fetch: "{A}r" }], observed: [] });

/** A page without a browser: answers every scenario at once, and hangs where `hangs` says so. */
function fakeBrowser(port: number, hangs: (ids: readonly string[]) => boolean): RunningBrowser {
  const controller = new AbortController();
  const run = async (): Promise<void> => {
    const page = `http://localhost:${port}/page`;
    let report: Report = { page, batch: null, results: {} };
    for (;;) {
      const response = await fetch(`http://localhost:${port}/oracle/next`, {
        method: "POST",
        body: JSON.stringify(report),
        signal: controller.signal,
      });
      const assignment = (await response.json()) as Assignment;
      if (assignment.kind === "go") return;
      const ids = assignment.jobs.map(({ id }) => id);
      if (hangs(ids)) return;
      report = { page, batch: assignment.batch, results: Object.fromEntries(ids.map((id) => [id, [{ status: 200 }]])) };
    }
  };
  const running = run().catch(() => {});
  return {
    ended: new Promise(() => {}),
    close: async () => {
      controller.abort();
      await running;
    },
  };
}

/** What an engine may take that is to hang; the others are waited for, however busy the machine is. */
const HANG_MILLISECONDS = 2000;

async function observe(
  hangs: (ids: readonly string[], launches: number) => boolean,
  limitMilliseconds = HANG_MILLISECONDS,
): Promise<{
  readonly outcomes: Readonly<Record<string, readonly [hasObservation: boolean, isRetried: boolean]>>;
  readonly launches: number;
}> {
  let launches = 0;
  const session = await LiveSession.start(
    createCertificate(HOSTNAMES),
    (_, { ports }) => {
      launches++;
      const count = launches;
      return Promise.resolve(fakeBrowser(ports.http, (ids) => hangs(ids, count)));
    },
    limitMilliseconds,
  );
  try {
    const found = await session.observe(["a", "b", "c"].map((id) => ({ ...scenario(id), page: "K" })));
    const outcomes = [...found].map(([id, { observation, isRetried }]) => [id, [observation !== null, isRetried]]);
    return { outcomes: Object.fromEntries(outcomes) as never, launches };
  } finally {
    await session.close();
  }
}

test("an engine that reports is started once", async () => {
  const outcome: readonly [boolean, boolean] = [true, false];
  expect(await observe(() => false, 60_000)).toEqual({ outcomes: { a: outcome, b: outcome, c: outcome }, launches: 1 });
});

test("an engine that hangs is started anew, and what it had is run again and marked", async () => {
  const outcome: readonly [boolean, boolean] = [true, true];
  const found = await observe((_, launches) => launches === 1);
  expect(found).toEqual({ outcomes: { a: outcome, b: outcome, c: outcome }, launches: 2 });
});

test("a scenario that an engine always hangs in is not lost, and costs the others nothing", async () => {
  const found = await observe((ids) => ids.includes("b"));
  expect(found.outcomes).toEqual({ a: [true, true], b: [false, true], c: [true, true] });
});

test("what is asked for meanwhile waits, and the end waits for it", async () => {
  let launches = 0;
  const session = await LiveSession.start(createCertificate(HOSTNAMES), (_, { ports }) => {
    launches++;
    return Promise.resolve(fakeBrowser(ports.http, () => false));
  });
  const both = ["a", "b"].map((id) => session.observe([{ ...scenario(id), page: "K" }]));
  await session.close();
  const ids = (await Promise.all(both)).map((outcomes) => [...outcomes.keys()]);
  expect([ids, launches]).toEqual([[["a"], ["b"]], 1]);
});

test.runIf(process.platform === "linux")("what was started ends with the process, also on a signal", async () => {
  const module = join(import.meta.dirname, "../src/live/browser.ts");
  const source = `
    import { spawnGroup } from ${JSON.stringify(module)};
    const { child } = spawnGroup("sh", ["-c", "sleep 60 & echo $$ $! >&3; wait"], process.env);
    child.stdio[3].pipe(process.stdout);
    setInterval(() => {}, 1000);`;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", source]);
    const line = await new Promise<Buffer>((resolve) => child.stdout.once("data", resolve));
    const pids = line.toString().trim().split(" ");
    expect(pids.map(isRunning)).toEqual([true, true]);
    child.kill(signal);
    await expect.poll(() => pids.map(isRunning)).toEqual([false, false]);
  }
});

/** Not if it has ended and waits for somebody to notice. */
function isRunning(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test("the proxy takes nobody anywhere but to our names", async () => {
  const socks = await startSocksServer();
  const client = connect(socks.port, "127.0.0.1");
  const name = Buffer.from("evil.example");
  client.write(Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0, 3, name.length]), name, Buffer.from([0, 80])]));
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk as Buffer);
  socks.close();
  expect([...Buffer.concat(chunks).subarray(0, 4)]).toEqual([5, 0, 5, 2]);
});
