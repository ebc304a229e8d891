import { expect, test } from "vitest";
import {
  createOpaqueOrigin,
  isLoopbackHost,
  isPotentiallyTrustworthyOrigin,
  isPotentiallyTrustworthyUrl,
} from "../../src/protocol/index.ts";

test.each([
  "https://a.example/",
  "wss://a.example/",
  "http://127.0.0.1:8080/",
  "http://127.200.3.4/",
  "http://[::1]/",
  "http://localhost/",
  "ws://app.localhost/",
  "http://localhost./",
  "data:text/plain,x",
  "file:///a",
  "about:blank",
  "about:srcdoc",
])("trusts %s", (url) => {
  expect(isPotentiallyTrustworthyUrl(new URL(url))).toBe(true);
});

test.each([
  "http://a.example/",
  "ws://a.example/",
  "http://128.0.0.1/",
  "http://localhost.example/",
  "http://notlocalhost/",
  "about:config",
  "foo:bar",
])("does not trust %s", (url) => {
  expect(isPotentiallyTrustworthyUrl(new URL(url))).toBe(false);
});

test("5.12: does not trust opaque origins", () => {
  expect(isPotentiallyTrustworthyOrigin(createOpaqueOrigin())).toBe(false);
});

test("5.12: takes only whole loopback names and addresses for loopback", () => {
  expect(["localhost", "a.localhost", "127.0.0.1", "[::1]"].every(isLoopbackHost)).toBe(true);
  expect(["localhost.example", "127.0.0.1.example", "[::2]", "127.example"].some(isLoopbackHost)).toBe(false);
});
