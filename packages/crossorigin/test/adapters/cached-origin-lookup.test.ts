import { expect, test } from "vitest";
import { cachedOriginLookup } from "../../src/adapters/dynamic.ts";
import type { OriginLookup } from "../../src/adapters/dynamic.ts";

const A = "https://a.example";
const B = "https://b.example";
const request = { headers: {} };

function counting(answer: OriginLookup): { lookup: OriginLookup; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    lookup: (origin, of) => {
      asked.push(origin);
      return answer(origin, of);
    },
  };
}

test("an answer is kept for its time, a refusal too", () => {
  let now = 0;
  const { lookup, asked } = counting((origin) => origin === A);
  const cached = cachedOriginLookup(lookup, { timeToLiveMilliseconds: 100, clock: { now: () => now } });
  for (const at of [0, 50, 99]) {
    now = at;
    expect(cached(A, request)).toBe(true);
    expect(cached(B, request)).toBe(false);
  }
  expect(asked).toEqual([A, B]);
  now = 100;
  expect(cached(A, request)).toBe(true);
  expect(asked).toEqual([A, B, A]);
});

test("requests at the same time wait for one answer, then it is there at once", async () => {
  const { lookup, asked } = counting(() => Promise.resolve(true));
  const cached = cachedOriginLookup(lookup, { timeToLiveMilliseconds: 1000 });
  expect(await Promise.all([cached(A, request), cached(A, request), cached(B, request)])).toEqual([true, true, true]);
  expect(asked).toEqual([A, B]);
  expect(cached(A, request)).toBe(true);
});

test("a failure is kept by nobody", async () => {
  let isDown = true;
  const { lookup, asked } = counting(() => (isDown ? Promise.reject(new Error("down")) : Promise.resolve(true)));
  const cached = cachedOriginLookup(lookup, { timeToLiveMilliseconds: 1000 });
  await expect(cached(A, request)).rejects.toThrow("down");
  isDown = false;
  expect(await cached(A, request)).toBe(true);
  expect(asked).toEqual([A, A]);
});

test("a function that does not answer in time has failed, and is asked again", async () => {
  const { lookup, asked } = counting(() => new Promise(() => {}));
  const cached = cachedOriginLookup(lookup, { timeToLiveMilliseconds: 1000, timeLimitMilliseconds: 10 });
  await expect(cached(A, request)).rejects.toThrow("has not answered for 10 ms");
  await expect(cached(A, request)).rejects.toThrow("has not answered for 10 ms");
  expect(asked).toEqual([A, A]);
});

test("an answer that is no boolean is kept by nobody", async () => {
  const { lookup, asked } = counting((() => Promise.resolve("row")) as never);
  const cached = cachedOriginLookup(lookup, { timeToLiveMilliseconds: 1000 });
  expect(await cached(A, request)).toBe("row");
  expect(await cached(A, request)).toBe("row");
  expect(asked).toEqual([A, A]);
});

test("no more are kept than the bound, the ones used longest ago go", () => {
  const { lookup, asked } = counting(() => true);
  const cached = cachedOriginLookup(lookup, { timeToLiveMilliseconds: 1000, maxEntries: 2 });
  for (const origin of [A, B, A, "https://c.example", A, B]) void cached(origin, request);
  expect(asked).toEqual([A, B, "https://c.example", B]);
});

test("what is forgotten is asked again, answers on the way included", async () => {
  const answers: ((isGranted: boolean) => void)[] = [];
  const { lookup, asked } = counting(() => new Promise((resolve) => answers.push(resolve)));
  const cached = cachedOriginLookup(lookup, { timeToLiveMilliseconds: 1000 });
  const first = cached(A, request);
  cached.forget(A);
  const second = cached(A, request);
  answers[0]?.(true);
  answers[1]?.(false);
  expect(await first).toBe(true);
  expect(await second).toBe(false);
  expect(cached(A, request)).toBe(false);
  cached.forget();
  void cached(A, request);
  expect(asked).toEqual([A, A, A]);
});

test.each([
  [{ timeToLiveMilliseconds: 0 }, "timeToLiveMilliseconds"],
  [{ timeToLiveMilliseconds: Number.NaN }, "timeToLiveMilliseconds"],
  [{ timeToLiveMilliseconds: 1, timeLimitMilliseconds: 0 }, "timeLimitMilliseconds"],
  [{ timeToLiveMilliseconds: 1, maxEntries: 0 }, "maxEntries"],
  [{ timeToLiveMilliseconds: 1, maxEntries: 1.5 }, "maxEntries"],
])("%o is refused", (options, name) => {
  expect(() => cachedOriginLookup(() => true, options)).toThrow(name);
});
