import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "vitest/config";

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | { readonly default: string }>>;
}

const root = import.meta.dirname;

const workspaces = globSync(
  ["packages/*/package.json", "bench/package.json", "oracle/package.json", "examples/*/package.json"],
  {
    cwd: root,
  },
)
  .toSorted()
  .map((path) => ({
    folder: join(root, dirname(path)),
    manifest: JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest,
  }));

/** Published entries resolve to their sources (`dist/x.js` to `src/x.ts`), so that coverage counts and no build is stale. */
const alias = workspaces.flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) => {
    const output = typeof target === "string" ? target : target.default;
    if (!output.endsWith(".js")) return [];
    const specifier = manifest.name + entry.slice(1);
    const source = output.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");
    return [{ find: new RegExp(`^${specifier.replaceAll(/[./]/g, "\\$&")}$`), replacement: join(folder, source) }];
  }),
);

/** One project per workspace that has tests, and one for the tests of the repository itself. */
const projects = [
  ...workspaces.map(({ folder, manifest }) => ({ name: manifest.name, folder })),
  { name: "repository", folder: root },
]
  .filter(({ folder }) => existsSync(join(folder, "test")))
  .map(({ name, folder }) => ({
    extends: true as const,
    test: { name, root: folder, include: ["test/**/*.test.ts"] },
  }));

const everything = { branches: 100, functions: 100, lines: 100 };

export default defineConfig({
  resolve: { alias },
  test: {
    projects,
    passWithNoTests: false,
    reporters: [
      ["default", { summary: false }],
      ["json", { outputFile: ".reports/vitest.json" }],
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.d.ts", "**/*.data.ts"],
      reporter: [["text", { skipFull: true }], "json-summary", "html"],
      reportsDirectory: ".reports/coverage",
      thresholds: {
        "packages/crossorigin/src/protocol/**": everything,
        "packages/crossorigin/src/policy/**": everything,
      },
    },
  },
});
