import { describe, expect, test } from "vitest";
import * as protocol from "../../src/protocol/index.ts";

function rulesOf(profile: "chromium" | "firefox"): protocol.OpaqueResponseBlocking {
  const rules = protocol.PROFILES[profile].opaqueResponseBlocking;
  if (rules === null) throw new Error(`${profile} has no Opaque Response Blocking.`);
  return rules;
}

const CHROMIUM = rulesOf("chromium");
const FIREFOX = rulesOf("firefox");
const NOSNIFF = ["X-Content-Type-Options", "nosniff"] as const;

function response(
  type: string | null,
  status = 200,
  ...headers: readonly protocol.Header[]
): { status: number; headers: readonly protocol.Header[] } {
  return { status, headers: [...(type === null ? [] : [["Content-Type", type] as const]), ...headers] };
}

describe("16.10: the head of an opaque response", () => {
  test.each([
    ["text/css", "allowed", "allowed"],
    ["image/svg+xml", "allowed", "allowed"],
    ["application/dash+xml", "allowed", "allowed"],
    ["audio/mpegurl", "allowed", "allowed"],
    ["video/mp4", "allowed", "sniff"],
    ["text/javascript", "sniff", "allowed"],
    ["Application/PDF; a=b", "blocked", "blocked"],
    ["text/csv", "blocked", "blocked"],
    ["text/html", "sniff", "sniff"],
    ["image/png", "sniff", "sniff"],
    ["", "sniff", "sniff"],
  ] as const)("as %j: %s in Chromium, %s in Firefox", (type, chromium, firefox) => {
    expect(protocol.judgeOpaqueResponseHead(response(type), CHROMIUM)).toBe(chromium);
    expect(protocol.judgeOpaqueResponseHead(response(type), FIREFOX)).toBe(firefox);
  });

  test.each([
    ["text/html", "blocked", "blocked"],
    ["application/problem+json", "blocked", "blocked"],
    ["application/atom+xml", "blocked", "blocked"],
    ["text/plain", "blocked", "sniff"],
    ["image/png", "sniff", "sniff"],
  ] as const)("with nosniff as %s: %s in Chromium, %s in Firefox", (type, chromium, firefox) => {
    expect(protocol.judgeOpaqueResponseHead(response(type, 200, NOSNIFF), CHROMIUM)).toBe(chromium);
    expect(protocol.judgeOpaqueResponseHead(response(type, 200, NOSNIFF), FIREFOX)).toBe(firefox);
  });

  test.each([
    ["image/png", "bytes 0-9/100", "sniff", "sniff"],
    ["image/png", "bytes 0-9/*", "sniff", "sniff"],
    ["image/png", "bytes 10-19/100", "blocked", "blocked"],
    ["image/png", "nonsense", "sniff", "blocked"],
    ["text/html", "bytes 0-9/100", "sniff", "blocked"],
  ] as const)("a part as %s, %s: %s in Chromium, %s in Firefox", (type, range, chromium, firefox) => {
    const part = response(type, 206, ["Content-Range", range]);
    expect(protocol.judgeOpaqueResponseHead(part, CHROMIUM)).toBe(chromium);
    expect(protocol.judgeOpaqueResponseHead(part, FIREFOX)).toBe(firefox);
  });

  test("a part that says nothing of where it begins must do so in Firefox", () => {
    expect(protocol.judgeOpaqueResponseHead(response("image/png", 206), CHROMIUM)).toBe("sniff");
    expect(protocol.judgeOpaqueResponseHead(response("image/png", 206), FIREFOX)).toBe("blocked");
  });

  test("of what is no image, sound or video", () => {
    expect(protocol.judgeUnrecognizedHead(response("text/plain", 200, NOSNIFF))).toBe("blocked");
    expect(protocol.judgeUnrecognizedHead(response("text/plain", 199))).toBe("blocked");
    expect(protocol.judgeUnrecognizedHead(response("text/plain", 404))).toBe("blocked");
    expect(protocol.judgeUnrecognizedHead(response(null))).toBe("allowed");
    expect(protocol.judgeUnrecognizedHead(response("image/png"))).toBe("blocked");
    expect(protocol.judgeUnrecognizedHead(response("text/plain"))).toBe("sniff");
  });
});

describe("16.10: what begins as nothing that a script could be", () => {
  test.each([
    "<!DOCTYPE html><p>",
    " \n<P>",
    "<!-- a --> b\n<!-- c -->\r\n <body>",
    '<?xml version="1.0"?>',
    " <?xml ",
    '{ "a\\"b" : 1 }',
    ")]}'\n{}",
    "for (;;);[]",
  ])("%j", (head) => {
    expect(protocol.isFetchOnlyResource(head)).toBe(true);
  });

  test.each([
    "",
    " ",
    "<!-- a",
    "<!-- a --> b",
    "<!-- a -->\nlet b;",
    "<svg",
    "<?XML",
    "{}",
    '{"a"; b}',
    '{"a',
    "[1]",
    '"a"',
    " for(;;);",
    '{"'.padEnd(1024, "\\"),
    "<!---->\n".repeat(128),
  ])("%j may be one", (head) => {
    expect(protocol.isFetchOnlyResource(head)).toBe(false);
  });
});

test("images and media are known by their first bytes", () => {
  expect(protocol.isImageTypePattern("\u0089PNG\r\n\u001A\n")).toBe(true);
  expect(protocol.isImageTypePattern("RIFF....WEBPVP8 ")).toBe(true);
  expect(protocol.isImageTypePattern("RIFF....WAVEfmt ")).toBe(false);
  expect(protocol.isMediaTypePattern("RIFF....WAVEfmt ")).toBe(true);
  expect(protocol.isMediaTypePattern("\u00ff\u00fb")).toBe(true);
  expect(protocol.isMediaTypePattern("text")).toBe(false);
});
