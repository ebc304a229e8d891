import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { parsePolicy } from "crossorigin";

const root = join(import.meta.dirname, "..");
const documents = globSync(["README.md", "packages/*/README.md", "docs/**/*.md"], { cwd: root }).toSorted();

interface CodeBlock {
  readonly document: string;
  readonly language: string;
  /** Of the first line of code, from 1 on. */
  readonly line: number;
  readonly code: string;
}

const blocks = documents.flatMap((document) => codeBlocksOf(document, readFileSync(join(root, document), "utf8")));
const modules = blocks.filter(({ language }) => language === "ts" || language === "js");
const policies = blocks.filter(({ document, language }) => language === "json" && !document.startsWith("docs/codes/"));

/** What an application has anyway, and no document declares. */
const SURROUNDINGS = `
  import type { IncomingMessage, ServerResponse } from "node:http";
  import type { Policy } from "crossorigin";

  declare global {
    const policy: Policy;
    /** An application of Express, or of its kin. */
    const app: {
      use(
        path: string,
        middleware: (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void,
      ): void;
    };
    /** The application's own handler, for Node.js and for fetch handlers. */
    function answer(request: Request): Promise<Response>;
    function answer(request: IncomingMessage, response: ServerResponse): void;
    function isLoggedIn(request: IncomingMessage | Request): boolean;
    const body: string;
  }
`;

const folders: string[] = [];
/** A compiler on a machine that does much else. */
const COMPILE_MILLISECONDS = 180_000;

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test(
  "every block of TypeScript or JavaScript in the documents compiles, strictly",
  async () => {
    expect(modules.length).toBeGreaterThan(10);
    expect(await compile(modules)).toBe("");
  },
  COMPILE_MILLISECONDS,
);

test.each([
  ["a type that does not fit", `export const count: number = "one";`],
  ["a name that nobody exports", `import { createPolice } from "crossorigin";\nexport default createPolice;`],
  ["a policy that the types refuse", `import { createPolicy } from "crossorigin";\ncreatePolicy({ origin: "*" });`],
])(
  "%s would not pass",
  async (_, code) => {
    const lines = `Words.\n\n\`\`\`ts\n${code}\n\`\`\`\n`;
    expect(await compile(codeBlocksOf("docs/wrong.md", lines))).toMatch(/docs__wrong\.md\.4\.ts[(:][45]\b.*error/s);
  },
  COMPILE_MILLISECONDS,
);

describe("the JSON of README and guides", () => {
  test("is there", () => expect(policies.length).toBeGreaterThan(1));

  test.each(policies)("$document, line $line, is a sound policy", ({ code }) => {
    const parsed = parsePolicy(JSON.parse(code));
    expect(parsed.ok ? [] : parsed.issues).toEqual([]);
  });
});

function codeBlocksOf(document: string, text: string): CodeBlock[] {
  return [...text.matchAll(/^( *)```(\w+)\n(.*?)^\1```$/gms)].map(({ index, 2: language = "", 3: code = "" }) => {
    return { document, language, line: text.slice(0, index).split("\n").length + 1, code };
  });
}

/** What the compiler says, with the documents' own line numbers; empty if nothing. */
async function compile(sources: readonly CodeBlock[]): Promise<string> {
  // Below the root, so that the workspaces are found as a user would find the packages.
  mkdirSync(join(root, ".reports"), { recursive: true });
  const folder = mkdtempSync(join(root, ".reports/code-blocks-"));
  folders.push(folder);
  const write = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return name;
  };
  const files = sources.map(({ document, language, line, code }) =>
    write(`${document.replaceAll("/", "__")}.${line}.${language}`, "\n".repeat(line - 1) + code),
  );
  files.push(write("surroundings.d.ts", SURROUNDINGS));
  // A block may end before it uses everything that it names.
  const compilerOptions = { checkJs: true, incremental: false, noUnusedLocals: false, noUnusedParameters: false };
  write("package.json", JSON.stringify({ type: "module" }));
  const project = write(
    "tsconfig.json",
    JSON.stringify({ extends: "../../tsconfig.test.json", compilerOptions, files }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    await promisify(execFile)(process.execPath, [tsc, "--project", join(folder, project), "--pretty", "false"], {
      cwd: folder,
    });
    return "";
  } catch (error) {
    return error instanceof Error && "stdout" in error ? String(error.stdout) || error.message : String(error);
  }
}
