/** The schema of `check --json`, as a check that throws. */

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ConsumerExplanation, PageUse } from "../src/page-use.ts";

interface JsonOutput extends ConsumerExplanation {
  readonly use: PageUse;
}

const schema: unknown = JSON.parse(
  readFileSync(new URL("../../../docs/json-output.schema.json", import.meta.url), "utf8"),
);
const validate = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictTuples: false,
  allErrors: true,
}).compile<JsonOutput>(schema as object);

/** Parses and checks what `check --json` printed. */
export function parseJsonOutput(text: string): JsonOutput {
  const value: unknown = JSON.parse(text);
  if (!validate(value))
    throw new Error(`The output does not fit the schema: ${JSON.stringify(validate.errors, null, 2)}\n${text}`);
  return value;
}
