import { expect, test } from "vitest";
import { soakClient } from "../src/client-soak.ts";

test(
  "a user agent does what pages do 4000 times, and leaves no socket, timer or rejection behind",
  { timeout: 120_000 },
  async () => {
    const result = await soakClient({ requests: 4000 });
    expect(result.examples).toEqual([]);
    expect(result).toMatchObject({ done: 4000, wrong: 0, unhandledRejections: 0, warnings: 0 });
    expect(Object.values(result.byKind)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(result.left).toEqual({ resources: [], descriptors: 0, connections: 0 });
    // Caches fill still; a leak of one response a request would be some kilobytes each.
    expect(result.heap.end - result.heap.start).toBeLessThan(12e6);
  },
);

test("the check sees what pages leave behind, and requests that fail", { timeout: 120_000 }, async () => {
  const timers: NodeJS.Timeout[] = [];
  const garbage: unknown[] = [];
  const { wrong, left, heap } = await soakClient({
    requests: 2000,
    onPage: (page) => {
      timers.push(setInterval(() => {}, 60_000));
      garbage.push(Array.from({ length: 10_000 }, () => ({})));
      void page.close();
    },
  });
  for (const timer of timers) clearInterval(timer);
  expect(wrong).toBeGreaterThan(1000);
  expect(left.resources.length).toBeGreaterThan(10);
  expect(heap.end - heap.start).toBeGreaterThan(12e6);
});
