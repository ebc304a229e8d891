import { describe, expect, test } from "vitest";
import { processDataUrl } from "../../src/fetching/data-url.ts";

/** Type and body, with a character for each byte; null where there are none. */
function read(url: string): readonly [string, string] | null {
  const result = processDataUrl(new URL(url));
  return result && [result.mimeType, String.fromCharCode(...result.body)];
}

describe("a data: URL", () => {
  test.each([
    ["data:,x", ["text/plain;charset=US-ASCII", "x"]],
    ["data:text/plain,hi", ["text/plain", "hi"]],
    ["data:text/plain,a,b", ["text/plain", "a,b"]],
    ["data:text/html;charset=utf-8,%3Cp%3e%", ["text/html;charset=utf-8", "<p>%"]],
    ["data:text/plain,x#y", ["text/plain", "x"]],
    ["data:text/plain,x#", ["text/plain", "x"]],
    ["data:text/plain,a?b", ["text/plain", "a?b"]],
    ["data: text/plain ,x", ["text/plain", "x"]],
    ["data:;charset=utf-8,x", ["text/plain;charset=utf-8", "x"]],
    ["data:nonsense,x", ["text/plain;charset=US-ASCII", "x"]],
    ["data:,%FF", ["text/plain;charset=US-ASCII", "\xff"]],
    ["data:text/plain;base64,SGk=", ["text/plain", "Hi"]],
    ["data:text/plain;BASE64,SGk", ["text/plain", "Hi"]],
    ["data:text/plain;  base64,S G%20k=", ["text/plain", "Hi"]],
    ["data:;base64,AAECAwQ=", ["text/plain;charset=US-ASCII", "\0\x01\x02\x03\x04"]],
    ["data:;base64,", ["text/plain;charset=US-ASCII", ""]],
    ["data:base64,SGk=", ["text/plain;charset=US-ASCII", "SGk="]],
    ["data:;base64,SGl", ["text/plain;charset=US-ASCII", "Hi"]],
    ["data:text/plain", null],
    ["data:;base64,SGk-", null],
    ["data:;base64,A", null],
    ["data:;base64,AA=", null],
    ["data:;base64,AAA==", null],
    ["data:;base64,=", null],
  ] as const)("%s", (url, expected) => {
    expect(read(url)).toEqual(expected);
  });
});
