import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Locked {
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly engines?: { readonly node?: string };
}

const lock = JSON.parse(readFileSync(join(import.meta.dirname, "../package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

/** What is below `packages/`, and what is installed along with it. */
const published = Object.entries(lock.packages).filter(
  ([path, { dev, link }]) =>
    path.startsWith("packages/") || (path.startsWith("node_modules/") && dev !== true && link !== true),
);

test("no package that is published, and nothing it depends on, asks for a later Node.js than 22.12", () => {
  const demands = published.flatMap(([path, { engines }]) =>
    engines?.node === undefined ? [] : [{ path, engines: { node: engines.node } }],
  );
  expect(demands.map(({ path }) => path)).toContain("node_modules/undici");
  const late = demands.filter(({ engines }) => {
    // No other kind of range is understood, and is reported.
    const [, major = "Infinity", minor = "0"] = /^>=([0-9]+)(?:\.([0-9]+))?(?:\.[0-9]+)?$/.exec(engines.node) ?? [];
    return Number(major) > 22 || (Number(major) === 22 && Number(minor) > 12);
  });
  expect(late).toEqual([]);
});
