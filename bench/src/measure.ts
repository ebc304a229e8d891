/**
 * Measuring several contenders side by side in one process.
 *
 * @module
 */

export interface Contender {
  readonly name: string;
  /** One operation. */
  readonly run: () => void;
}

export interface Row {
  readonly name: string;
  /** The first one is what the others are compared with. */
  readonly contenders: readonly Contender[];
}

export interface Figures {
  readonly nanoseconds: number;
  /** Allocated by one operation. */
  readonly bytes: number;
}

const ROUNDS = 60;
const WARM_UP_ROUNDS = 8;
const BATCH = 1000;

/** All rows in turn, and each row's contenders in turn, in every round; so that noise hits all alike. By row, by contender. */
export function measure(rows: readonly Row[]): Map<Row, Map<string, Figures>> {
  const times = new Map<Contender, number[]>();
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const { contenders } of rows) {
      for (const contender of contenders) {
        const nanoseconds = time(contender.run);
        if (round >= 0) times.set(contender, [...(times.get(contender) ?? []), nanoseconds]);
      }
    }
  }
  return new Map(
    rows.map((row) => [
      row,
      new Map(
        row.contenders.map((contender) => [
          contender.name,
          { nanoseconds: percentile(times.get(contender) ?? [], 0.2), bytes: allocated(contender.run) },
        ]),
      ),
    ]),
  );
}

function time(run: () => void): number {
  const started = process.hrtime.bigint();
  for (let index = 0; index < BATCH; index++) run();
  return Number(process.hrtime.bigint() - started) / BATCH;
}

/** The least of some batches: a batch in which the collector ran counts too little or too much. */
function allocated(run: () => void): number {
  if (globalThis.gc === undefined) throw new Error("Run with --expose-gc, as `npm run bench` does.");
  const samples: number[] = [];
  for (let index = 0; index < 9; index++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    for (let call = 0; call < BATCH; call++) run();
    samples.push((process.memoryUsage().heapUsed - before) / BATCH);
  }
  return percentile(samples, 0.5);
}

/** `fraction` from 0 to 1. NaN of nothing. */
export function percentile(values: readonly number[], fraction: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * fraction)] ?? Number.NaN;
}
