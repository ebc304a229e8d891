import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CODES, type Code, anchorUrl, renderMessage } from "../../src/diagnose/index.ts";

const root = join(import.meta.dirname, "../../../..");
const codes = Object.keys(CODES) as Code[];

/** Tests and vectors: where a code must be provoked, not only defined. This file names none. */
const provocations = globSync(["packages/*/test/**/*.ts", "vectors/**/*.json"], { cwd: root })
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");

const pages = globSync("docs/codes/*/*.md", { cwd: root }).map((path) =>
  path.slice("docs/codes/".length, -".md".length),
);

describe.each(codes)("%s", (code) => {
  test("has a name of the form area/what-is-wrong", () => {
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  test("has a message that can be filled in", () => {
    const message = renderMessage(code, { url: "u", origin: "o", received: "r", expected: "e", subject: "s" });
    expect(message).toMatch(/^\S.{20,}$/);
    expect(message).not.toContain("(nothing)");
  });

  test("points into a document, or says that there is none", () => {
    expect(anchorUrl(code) ?? "https://example/#none").toMatch(/^https:\/\/[^ ]+#[A-Za-z0-9-]+\??$/);
  });

  test("has a page in the documentation that bears its name", () => {
    const page = join(root, "docs/codes", `${code}.md`);
    expect(existsSync(page)).toBe(true);
    expect(readFileSync(page, "utf8").startsWith(`# ${code}\n`)).toBe(true);
  });

  test("is provoked by a test or a vector", () => {
    expect(provocations.includes(`"${code}"`)).toBe(true);
  });
});

test("every page in the documentation is about a code", () => {
  expect(pages.filter((page) => !codes.some((code) => code === page))).toEqual([]);
});
