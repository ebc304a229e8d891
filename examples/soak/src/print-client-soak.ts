import { soakClient } from "./client-soak.ts";
import { megabytes, number } from "./figures.ts";

const MOST_GROWTH_IN_MEGABYTES = 4;

/** Prints the figures; false if anything is not as it has to be. */
export async function printClientSoak(requests: number): Promise<boolean> {
  const result = await soakClient({ requests });
  const { byKind, heap, left, seconds } = result;

  console.log(
    `requests                 ${number(result.done)} in ${seconds.toFixed(0)} s, ${number(result.done / seconds)} a second`,
  );
  for (const [kind, count] of Object.entries(byKind)) console.log(`  ${kind.padEnd(33)}${number(count)}`);
  console.log(`pages                    ${number(result.pages)}`);
  console.log(`other outcomes           ${number(result.wrong)}`);
  console.log(`unhandled rejections     ${number(result.unhandledRejections)}, warnings ${number(result.warnings)}`);
  console.log(
    `heap after collection    ${megabytes(heap.start)} MB at the start, ${megabytes(heap.max)} MB at most, ${megabytes(heap.end)} MB at the end`,
  );
  console.log(`resident                 ${megabytes(result.residentBytes)} MB at the end`);
  console.log(
    `left after close()       resources: ${left.resources.join(", ") || "none"}; file descriptors: ${left.descriptors}; connections: ${left.connections}`,
  );
  for (const example of result.examples) console.log(example);

  const isNothingLeft = left.resources.length + left.descriptors + left.connections === 0;
  const growth = (heap.end - heap.start) / 1e6;
  return (
    result.wrong + result.unhandledRejections + result.warnings === 0 &&
    isNothingLeft &&
    growth < MOST_GROWTH_IN_MEGABYTES
  );
}
