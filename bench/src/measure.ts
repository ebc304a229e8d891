/**
 * Measuring several contenders side by side in one process.
 *
 * @module
 */

interface Contender {
  readonly name: string;
  /** One operation. */
  readonly run: () => unknown;
}

export interface Row {
  readonly name: string;
  /** The first one is what the others are compared with. */
  readonly contenders: readonly Contender[];
}

export interface Figures {
  readonly nanoseconds: number;
  /** The quarter and the three-quarter of the rounds' ratios to the first contender. */
  readonly ratio: number;
  readonly spread: readonly [number, number];
  /** Allocated by one operation. */
  readonly bytes: number;
}

const ROUNDS = 40;
const WARM_UP_ROUNDS = 6;
/** How long a batch is to take, within bounds on its calls. */
const BATCH_NANOSECONDS = 500_000;
const MAX_CALLS = 2000;

/** All rows in turn, and each row's contenders in turn, in every round; so that noise hits all alike. By row, by contender. */
export async function measure(rows: readonly Row[]): Promise<Map<Row, Map<string, Figures>>> {
  const times = new Map<Contender, number[]>();
  const calls = new Map<Contender, number>();
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const { contenders } of rows) {
      for (const contender of contenders) {
        const count = calls.get(contender) ?? 20;
        const nanoseconds = await time(contender.run, count);
        calls.set(contender, Math.min(MAX_CALLS, Math.max(1, Math.ceil(BATCH_NANOSECONDS / nanoseconds))));
        if (round >= 0) times.set(contender, [...(times.get(contender) ?? []), nanoseconds]);
      }
    }
  }
  return new Map(rows.map((row) => [row, figuresOf(row, times)]));
}

function figuresOf({ contenders }: Row, times: ReadonlyMap<Contender, number[]>): Map<string, Figures> {
  const [first] = contenders;
  const base = (first && times.get(first)) ?? [];
  return new Map(
    contenders.map((contender) => {
      const own = times.get(contender) ?? [];
      const ratios = own.map((nanoseconds, round) => nanoseconds / (base[round] ?? Number.NaN));
      return [
        contender.name,
        {
          nanoseconds: percentile(own, 0.2),
          ratio: percentile(own, 0.2) / percentile(base, 0.2),
          spread: [percentile(ratios, 0.25), percentile(ratios, 0.75)],
          bytes: allocated(contender.run),
        },
      ];
    }),
  );
}

/** With what the operations have put off. */
async function time(run: () => unknown, calls: number): Promise<number> {
  const started = process.hrtime.bigint();
  for (let index = 0; index < calls; index++) run();
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  return Number(process.hrtime.bigint() - started) / calls;
}

/** The middle of some batches: one in which the collector ran counts too little. */
function allocated(run: () => unknown): number {
  if (globalThis.gc === undefined) throw new Error("Run with --expose-gc, as `npm run bench` does.");
  const calls = 200;
  const samples: number[] = [];
  for (let index = 0; index < 9; index++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    for (let call = 0; call < calls; call++) run();
    samples.push((process.memoryUsage().heapUsed - before) / calls);
  }
  return percentile(samples, 0.5);
}

/** `fraction` from 0 to 1. NaN of nothing. */
export function percentile(values: readonly number[], fraction: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * fraction)] ?? Number.NaN;
}
