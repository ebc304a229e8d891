/** `npm run soak` runs that of servers; `npm run soak -- client` that of the user agent; a number sets how many requests. */

const [first = "", second = ""] = process.argv.slice(2);
const isClient = first === "client";
const requests = Number((isClient ? second : first) || 1_000_000);
if (!Number.isInteger(requests) || requests < 1) {
  console.error(`"${isClient ? second : first}" is no number of requests.`);
  process.exitCode = 2;
} else if (isClient) {
  const { printClientSoak } = await import("./print-client-soak.ts");
  process.exitCode = (await printClientSoak(requests)) ? 0 : 1;
} else {
  const { printSoak } = await import("./print-soak.ts");
  process.exitCode = (await printSoak(requests)) ? 0 : 1;
}
