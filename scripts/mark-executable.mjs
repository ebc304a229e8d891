// The compiler emits plain files; the commands among them must be executable for `npx crossorigin` inside the repository.
import { chmodSync, existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");

for (const path of globSync("packages/*/package.json", { cwd: root })) {
  const { bin = {} } = JSON.parse(readFileSync(join(root, path), "utf8"));
  for (const file of Object.values(bin)) {
    const command = join(root, dirname(path), String(file));
    if (existsSync(command)) chmodSync(command, 0o755);
  }
}
