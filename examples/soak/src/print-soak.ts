import { megabytes, number } from "./figures.ts";
import { soak } from "./soak.ts";

const MOST_GROWTH_IN_MEGABYTES = 4;

/** Prints the figures; false if anything is not as it has to be. */
export async function printSoak(requests: number): Promise<boolean> {
  const result = await soak({ requests, replaceEveryMilliseconds: 100 });
  const { byKind, overlapping, heap, seconds } = result;
  const growth = (heap.end - heap.start) / 1e6;

  console.log(
    `requests answered        ${number(result.answered)} in ${seconds.toFixed(0)} s, ${number(result.answered / seconds)} a second`,
  );
  for (const [kind, count] of Object.entries(byKind)) console.log(`  ${kind.padEnd(23)}${number(count)}`);
  console.log(`  with a grant           ${number(result.granted)}`);
  console.log(`connections broken off   ${number(result.abandoned)}`);
  console.log(
    `policy replaced          ${number(result.replacements)} times, and ${number(result.refusedReplacements)} replacements refused`,
  );
  console.log(
    `answered meanwhile       ${number(overlapping.all)}; where it matters, ${number(overlapping.old)} by the old and ${number(overlapping.new)} by the new policy`,
  );
  console.log(`wrong or mixed answers   ${number(result.wrong)}`);
  console.log(`lines of the application ${number(result.problems)} reported`);
  console.log(`unhandled rejections     ${number(result.unhandledRejections)}, warnings ${number(result.warnings)}`);
  console.log(
    `heap after collection    ${megabytes(heap.start)} MB at the start, ${megabytes(heap.end)} MB at the end`,
  );
  for (const example of result.examples) console.log(example);

  return result.wrong + result.unhandledRejections + result.warnings === 0 && growth < MOST_GROWTH_IN_MEGABYTES;
}
