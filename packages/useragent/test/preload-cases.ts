/** Preloads, and what asks for the same afterwards: how many requests the server sees. For our user agent and for Chromium. */

import type { PreloadAs } from "@crossorigin/useragent";
import { pathOf } from "./element-load-server.ts";

type CrossOrigin = "anonymous" | "use-credentials";

export interface PreloadCase {
  readonly as: PreloadAs;
  readonly crossorigin?: CrossOrigin;
  readonly integrity?: string;
  readonly file: string;
  readonly consumers: readonly Consumer[];
  /** Of the server. */
  readonly requests: number;
  /** Where Chromium leaves the standard. */
  readonly chromium?: number;
}

interface Consumer {
  readonly by: "fetch" | "font" | "script" | "img" | "link-stylesheet";
  readonly crossorigin?: CrossOrigin;
  readonly init?: { readonly credentials?: "include" | "omit"; readonly headers?: Readonly<Record<string, string>> };
}

/** Of another origin, which grants anonymous requests. */
const fileOf = (file: string): string => pathOf(file, { allow: "*" });

const ANONYMOUS = { crossorigin: "anonymous" } as const;

export const PRELOAD_CASES: readonly PreloadCase[] = [
  { as: "font", ...ANONYMOUS, file: fileOf("/font"), consumers: [{ by: "font" }], requests: 1 },
  { as: "font", file: fileOf("/font"), consumers: [{ by: "font" }], requests: 2 },
  { as: "fetch", ...ANONYMOUS, file: fileOf("/page"), consumers: [{ by: "fetch" }], requests: 1 },
  { as: "fetch", file: fileOf("/page"), consumers: [{ by: "fetch" }], requests: 2 },
  { as: "fetch", ...ANONYMOUS, file: fileOf("/page"), consumers: [{ by: "fetch" }, { by: "fetch" }], requests: 2 },
  {
    as: "fetch",
    ...ANONYMOUS,
    file: fileOf("/page"),
    consumers: [{ by: "fetch", init: { credentials: "omit" } }],
    requests: 2,
  },
  { as: "script", file: fileOf("/script"), consumers: [{ by: "script" }], requests: 1 },
  { as: "script", ...ANONYMOUS, file: fileOf("/script"), consumers: [{ by: "script" }], requests: 2 },
  { as: "script", ...ANONYMOUS, file: fileOf("/script"), consumers: [{ by: "script", ...ANONYMOUS }], requests: 1 },
  { as: "image", file: fileOf("/png"), consumers: [{ by: "img" }], requests: 1 },
  { as: "image", file: fileOf("/png"), consumers: [{ by: "img", ...ANONYMOUS }], requests: 2 },
  { as: "style", file: fileOf("/style"), consumers: [{ by: "link-stylesheet" }], requests: 1 },
  { as: "style", ...ANONYMOUS, file: fileOf("/style"), consumers: [{ by: "fetch" }], requests: 2 },
];
