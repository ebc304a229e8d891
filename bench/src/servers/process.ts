/** One server in a process of its own: `process.ts FRAMEWORK CONTENDER`. Tells its port, and its processor time when asked. */

import { CONTENDERS } from "./contenders.ts";

const [framework = "", contender = ""] = process.argv.slice(2);
const start = CONTENDERS[framework]?.[contender];
if (start === undefined) throw new Error(`There is no ${contender} on ${framework}.`);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ microseconds: user + system });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ port: await start() });
