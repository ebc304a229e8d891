/**
 * What the server has to change: exact header lines, and the same as policy.
 *
 * @module
 */

import type { NetworkErrorReason } from "../fetching/index.ts";
import { type Header, byteLowercase, extractTokenList, isCorsSafelistedMethod } from "../protocol/index.ts";
import { escapeFromWire } from "./escape.ts";
import type { Fix } from "./explanation.ts";
import { type Story, lastExchange, lastRequest, originAtTheEnd } from "./story.ts";

/** The fixes for a failed fetch; empty where no server can help. Applying the first one's lines makes the failed check pass. */
export function serverFixes(story: Story): Fix[] {
  const { failure } = story;
  if (failure === null) return exposureFixes(story);
  if (failure.code.startsWith("cors-preflight/")) return preflightFixes(story, failure);
  if (failure.code.startsWith("cors-check/")) return checkFixes(story, failure);
  if (failure.code.startsWith("cross-origin-resource-policy/")) {
    return [
      headerFix(
        "If other origins may embed this resource, say so.",
        ["Cross-Origin-Resource-Policy: cross-origin"],
        "response",
        null,
      ),
      ...checkFixes(story, failure),
    ];
  }
  const text = OTHER_FIXES[failure.code];
  return text === undefined ? [] : [{ text, headers: [], on: null, policy: null }];
}

const OTHER_FIXES: Readonly<Partial<Record<NetworkErrorReason["code"], string>>> = {
  "main-fetch/mixed-content": "Serve the resource over https.",
  "main-fetch/bad-port": "Serve the resource on another port.",
  "http-redirect-fetch/location-invalid": "Send one Location with a valid URL.",
  "http-redirect-fetch/scheme-not-http": "Redirect to http and https URLs only.",
  "http-redirect-fetch/too-many-redirects": "End the chain of redirects; look for two rules that undo each other.",
  "http-redirect-fetch/location-with-credentials": "Take the user name and password out of Location.",
  "network/tls-certificate":
    "Serve a certificate that browsers trust, with every intermediate certificate and this host name.",
  "network/tls-protocol": "Speak TLS on this port, or use the port that does.",
  "network/http-malformed": "Answer with valid HTTP; check that the port belongs to the web server.",
  "network/headers-too-large": "Send smaller response headers.",
  "network/connection-reset":
    "Look at the server's own log: the connection was closed while the request was being answered.",
};

function checkFixes(story: Story, failure: NetworkErrorReason): Fix[] {
  const lines = grantLines(story);
  if (lines === null) return [nullOriginFix()];
  const fixes = [
    headerFix(
      "Send these lines on every response of this URL, errors and redirects included.",
      lines,
      "response",
      grantPolicy(story),
    ),
  ];
  if (failure.received !== null && failure.code === "cors-check/allow-origin-multiple") fixes.unshift(oneLayerFix());
  return fixes;
}

function preflightFixes(story: Story, failure: NetworkErrorReason): Fix[] {
  const lines = grantLines(story);
  if (lines === null) return [nullOriginFix()];
  const { methods, names } = preflightGrant(story);
  const preflightLines = [...lines];
  if (methods.length > 0) preflightLines.push(`Access-Control-Allow-Methods: ${methods.join(", ")}`);
  if (names.length > 0) preflightLines.push(`Access-Control-Allow-Headers: ${names.join(", ")}`);
  const policy = {
    ...grantPolicy(story),
    ...(methods.length > 0 ? { methods: methods.filter((method) => !isCorsSafelistedMethod(method)) } : {}),
    ...(names.length > 0 ? { requestHeaders: names } : {}),
  };
  const fixes = [
    headerFix(
      "Answer the OPTIONS request with status 204 and these lines, before any login, redirect or routing.",
      preflightLines,
      "preflight",
      policy,
    ),
    headerFix("Send these lines on the response itself as well.", lines, "response", null),
  ];
  if (failure.defects.some(({ code }) => code === "cors-preflight/allow-origin-multiple")) fixes.unshift(oneLayerFix());
  return fixes;
}

/** The lists that the preflight should have had: what it has, made valid, with what was asked for. */
function preflightGrant(story: Story): { methods: string[]; names: string[] } {
  const preflight = lastExchange(story);
  const asked = preflight?.request.headers ?? [];
  const answered = preflight?.response?.headers ?? [];
  const value = (name: string): string => asked.find(([key]) => byteLowercase(key) === name)?.[1] ?? "";
  const method = value("access-control-request-method");
  const names = value("access-control-request-headers")
    .split(",")
    .filter((name) => name !== "");
  return {
    methods: merged(
      answered,
      "Access-Control-Allow-Methods",
      isCorsSafelistedMethod(method) ? [] : [method],
      (item) => item,
    ),
    names: merged(answered, "Access-Control-Allow-Headers", names, byteLowercase),
  };
}

/** The header's items and the wanted ones, each once; nothing of a header that does not parse, and no wildcard. */
function merged(
  headers: readonly Header[],
  name: string,
  wanted: readonly string[],
  keyOf: (item: string) => string,
): string[] {
  const extracted = extractTokenList(headers, name);
  const items = extracted.kind === "list" ? extracted.values.filter((item) => item !== "*").slice(0, 50) : [];
  const byKey = new Map([...items, ...wanted].map((item) => [keyOf(item), escapeFromWire(item, 100)]));
  return [...byKey.values()];
}

/** Null if the origin is `null` and credentials are included: nothing safe can be sent then. */
function grantLines(story: Story): string[] | null {
  const origin = originAtTheEnd(story);
  const isIncluding = story.fetch.credentialsMode === "include";
  if (origin === "null") return isIncluding ? null : ["Access-Control-Allow-Origin: *"];
  const lines = [`Access-Control-Allow-Origin: ${origin}`];
  if (isIncluding) lines.push("Access-Control-Allow-Credentials: true");
  lines.push("Vary: Origin");
  return lines;
}

function grantPolicy(story: Story): Record<string, unknown> {
  const origin = originAtTheEnd(story);
  if (origin === "null") return { origins: "*" };
  return { origins: [origin], ...(story.fetch.credentialsMode === "include" ? { credentials: true } : {}) };
}

/** For a response that is shared: the headers a page cannot read. */
function exposureFixes(story: Story): Fix[] {
  const names = hiddenHeaderNames(story);
  if (names.length === 0) return [];
  const text = "If pages should read these headers, name them on the response.";
  return [
    headerFix(text, [`Access-Control-Expose-Headers: ${names.join(", ")}`], "response", { exposedHeaders: names }),
  ];
}

/** Headers that came and are hidden from the page, without those no page needs. */
export function hiddenHeaderNames(story: Story): string[] {
  if (story.done?.responseType !== "cors") return [];
  const visible = new Set(story.done.headers.map(([name]) => byteLowercase(name)));
  const received = lastRequest(story)?.response?.headers ?? [];
  const names = new Set(received.map(([name]) => byteLowercase(name)));
  return [...names]
    .filter((name) => !visible.has(name) && !isUninteresting(name))
    .map((name) => escapeFromWire(name, 100));
}

function isUninteresting(name: string): boolean {
  const uninteresting = [
    "connection",
    "date",
    "keep-alive",
    "server",
    "set-cookie",
    "set-cookie2",
    "transfer-encoding",
    "vary",
  ];
  return uninteresting.includes(name) || name.startsWith("access-control-");
}

function nullOriginFix(): Fix {
  return {
    text: "Do not allow the origin null: every sandboxed page can claim it. Answer without a redirect through another origin, and let the page have an origin of its own.",
    headers: [],
    on: null,
    policy: null,
  };
}

function oneLayerFix(): Fix {
  return {
    text: "Let one layer set Access-Control-Allow-Origin: take it out of the application or out of the proxy in front of it.",
    headers: [],
    on: null,
    policy: null,
  };
}

function headerFix(
  text: string,
  headers: readonly string[],
  on: Fix["on"],
  policy: Readonly<Record<string, unknown>> | null,
): Fix {
  return { text, headers, on, policy };
}
