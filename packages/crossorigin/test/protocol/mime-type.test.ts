import { describe, expect, test } from "vitest";
import { extractMimeType, isXmlMimeType, parseMimeType, serializeMimeType } from "../../src/protocol/index.ts";

describe("a MIME type that is parsed and serialized", () => {
  test.each([
    ["Text/HTML", "text/html"],
    ["text/html;charset=GBK", "text/html;charset=GBK"],
    ["text/html;CHARSET=gbk", "text/html;charset=gbk"],
    ["text/html; charset = gbk", "text/html"],
    ['text/html;charset="g b"', 'text/html;charset="g b"'],
    ['text/html;charset="gbk"', "text/html;charset=gbk"],
    ['text/html;charset="gbk"x;a=b', "text/html;charset=gbk;a=b"],
    ['text/html;a="\\"\\\\"', 'text/html;a="\\"\\\\"'],
    ['text/html;a="x\\', 'text/html;a="x\\\\"'],
    ['text/html;a="x', "text/html;a=x"],
    ['text/html;a=""', 'text/html;a=""'],
    ["text/html;a=;b=c", "text/html;b=c"],
    ["text/html;;;b=c ;", "text/html;b=c"],
    ["text/html;a=1;a=2", "text/html;a=1"],
    ["text/html;a", "text/html"],
    ["text/html;a;b=c", "text/html;b=c"],
    ["text/html;(=c", "text/html"],
    ["text/html;a=\u{100};b=c", "text/html;b=c"],
    ["text", null],
  ])("%j is %j", (input, expected) => {
    const parsed = parseMimeType(input);
    expect(parsed && serializeMimeType(parsed)).toBe(expected);
  });
});

describe("3.15: the MIME type of a response", () => {
  test.each([
    [[], null],
    [["text"], null],
    [["*/*"], null],
    [["text/html;charset=gbk"], "text/html;charset=gbk"],
    [["text/html;charset=gbk", "text/html"], "text/html;charset=gbk"],
    [["text/html;charset=gbk, text/html;a=1"], "text/html;a=1;charset=gbk"],
    [["text/html;charset=gbk", "text/html;charset=utf-8", "text/html"], "text/html;charset=gbk"],
    [["text/html;charset=gbk", "text/plain", "text/html"], "text/html"],
    [["text/html;charset=gbk", "*/*", "nonsense"], "text/html;charset=gbk"],
    [["text/html", "text/html;a=1"], "text/html;a=1"],
  ])("%j: %j", (values, expected) => {
    const extracted = extractMimeType(values.map((value) => ["Content-Type", value] as const));
    expect(extracted && serializeMimeType(extracted)).toBe(expected);
  });

  test.each([
    ["text/xml", true],
    ["application/xml", true],
    ["image/svg+xml", true],
    ["text/html", false],
  ])("%s is XML: %s", (essence, isXml) => {
    expect(isXmlMimeType({ essence, parameters: new Map() })).toBe(isXml);
  });
});
