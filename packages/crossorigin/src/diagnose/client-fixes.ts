/**
 * What the page can change.
 *
 * @module
 */

import type { NetworkErrorReason } from "../fetching/index.ts";
import { escapeFromWire, shownUrl } from "../protocol/escape.ts";
import type { Fix } from "./explanation.ts";
import { type Story, isBodyBroken, isForElement, lastExchange } from "./story.ts";

/** The fixes on the page's side; empty where only the server can help. */
export function clientFixes(story: Story): Fix[] {
  const { failure, done } = story;
  if (failure === null) {
    if (done?.responseType === "opaque" && isForElement(story))
      return [fix('If scripts are to read it, give the element the attribute crossorigin="anonymous".')];
    if (done?.responseType === "opaque")
      return [
        fix('Take mode: "no-cors" off; it never makes a response readable. Let the server grant access instead.'),
      ];
    if (done?.responseType === "opaqueredirect") return [fix('Use redirect: "follow", or fetch the final URL.')];
    return [];
  }
  const codes: readonly NetworkErrorReason["code"][] =
    failure.defects.length > 0 ? failure.defects.map(({ code }) => code) : [failure.code];
  const texts = new Set(codes.flatMap((code) => FIXES[code]?.(story, failure) ?? []));
  for (const text of [...redirectTexts(story, failure), ...elementTexts(story, failure)]) texts.add(text);
  return [...texts].map(fix);
}

type Advice = (story: Story, failure: NetworkErrorReason) => string[];

const withoutCredentials: Advice = (story) => [
  isForElement(story)
    ? 'If the server needs no cookies, write crossorigin="anonymous" instead of "use-credentials".'
    : 'If the server needs no cookies, leave credentials: "include" (or withCredentials) off.',
];
const checkPath: Advice = () => ["Check the path of the URL."];
const finalUrl: Advice = () => ["Call the final URL, so that nothing has to be redirected."];

const FIXES: Readonly<Partial<Record<NetworkErrorReason["code"], Advice>>> = {
  "cors-check/wildcard-with-credentials": withoutCredentials,
  "cors-check/allow-credentials-missing": withoutCredentials,
  "cors-check/allow-credentials-not-true": withoutCredentials,
  "cors-preflight/wildcard-with-credentials": withoutCredentials,
  "cors-preflight/allow-credentials-missing": withoutCredentials,
  "cors-preflight/allow-credentials-not-true": withoutCredentials,
  "cors-preflight/redirect": finalUrl,
  "cors-preflight/status-not-ok": avoidPreflight,
  "cors-preflight/allow-origin-missing": avoidPreflight,
  "cors-preflight/method-not-allowed": methodAdvice,
  "cors-preflight/header-not-allowed": headerAdvice,
  "cors-preflight/authorization-not-allowed": headerAdvice,
  "main-fetch/same-origin-mode": ownOrigin,
  "main-fetch/integrity-mismatch": (story) =>
    story.fetch.mode === "no-cors"
      ? ['Give the element the attribute crossorigin="anonymous": without it no digest can be checked.']
      : ["Compute the digest of what is served now, and write that into integrity."],
  "element-load/url-invalid": () => [
    "Write a URL into the element: an absolute one, or one that the page's own completes.",
  ],
  "element-load/status": checkPath,
  "event-source/status-not-200": checkPath,
  "event-source/mime-type": checkPath,
  "websocket/status-not-101": checkPath,
  "main-fetch/no-cors-redirect-mode": () => ['Use redirect: "follow" with mode: "no-cors", or mode: "cors".'],
  "main-fetch/scheme-not-http": () => [
    "Use an http or https URL; a missing http:// makes a host name read as a scheme.",
  ],
  "scheme-fetch/unsupported-scheme": () => [
    "Use an http or https URL; a missing http:// makes a host name read as a scheme.",
  ],
  "scheme-fetch/blob-method-not-get": () => ["Use the method GET."],
  "scheme-fetch/blob-url-unknown": () => ["Fetch the URL before it is revoked, or keep the Blob itself."],
  "scheme-fetch/blob-url-of-other-partition": () => [
    "Send the Blob itself with postMessage, and make a URL of it there.",
  ],
  "scheme-fetch/blob-range-invalid": () => ["Ask for one range of bytes that are there."],
  "main-fetch/mixed-content": () => ["Use the https URL of the resource."],
  "main-fetch/mime-type-blocked": () => ["Load a URL that is served as JavaScript."],
  "main-fetch/nosniff": () => ["Load a URL whose Content-Type is what the element needs."],
  "main-fetch/opaque-response-blocked": () => [
    "Load a URL that answers with what the element needs; to read data, use fetch() with CORS.",
  ],
  "main-fetch/url-not-local": () => ["Put the resource into a data: URL, or into a Blob with a blob: URL."],
  "main-fetch/bad-port": () => ["Use another port."],
  "local-network-access/insecure-context": () => ["Serve the page over https."],
  "local-network-access/permissions-policy": () => [
    'Add allow="local-network; loopback-network" to the iframe that the page is in.',
  ],
  "local-network-access/permission-denied": () => [
    "Ask the user to let the site reach the local network, in the site's settings; no response header helps.",
  ],
  "local-network-access/target-address-space-mismatch": () => [
    "Take targetAddressSpace off, or let it say where the server is.",
  ],
  "http-fetch/redirect-mode-error": () => ['Use redirect: "follow", or fetch the final URL.'],
  "http-redirect-fetch/location-with-credentials": finalUrl,
  "http-redirect-fetch/body-not-replayable": () => ["Send the body as a string, Blob or buffer instead of a stream."],
  "http-network-or-cache-fetch/keepalive-quota": () => ["Leave keepalive off, or send less at a time."],
  "http-network-or-cache-fetch/only-if-cached": () => ['Use another cache mode than "only-if-cached".'],
  "network/stream-needs-http2": () => [
    "Send the body as a string, Blob or buffer instead of a stream, or use a server with HTTP/2.",
  ],
  "network/request-body-failed": () => [
    "Look for what makes the stream fail; every chunk of it must be a Uint8Array: pipe text through a TextEncoderStream.",
  ],
  "network/http-malformed": perhapsHttps,
  "network/connection-reset": perhapsHttps,
  "cors-check/allow-origin-missing": perhapsHttps,
  "network/timeout": (story) =>
    isBodyBroken(story)
      ? []
      : ["Check the host name and the port: where a firewall drops packets, nothing ever answers."],
  "network/name-not-resolved": () => ["Check the host name for a typing error."],
  "network/connection-refused": () => ["Check that the server runs, and the port."],
  "network/tls-client-certificate": (story, { isPreflight }) =>
    isPreflight
      ? ["No setting of the page gives a preflight a client certificate.", ...avoidPreflight(story)]
      : story.fetch.credentialsMode === "include"
        ? []
        : ['A client certificate is a credential: fetch with credentials: "include".'],
  "network/tls-protocol": () => ["Check whether the URL should begin with http:// instead of https://."],
};

/** A port that speaks TLS answers plain http with noise, with nothing, or with status 400 and a word about it. */
function perhapsHttps(story: Story, { code, url }: NetworkErrorReason): string[] {
  if (isBodyBroken(story)) return [];
  const { protocol, port } = new URL(url);
  if (protocol !== "http:") return [];
  const isStatus400 = lastExchange(story)?.response?.status === 400;
  if (code.startsWith("cors-") && !(isStatus400 && port.endsWith("443"))) return [];
  return ["If this port speaks TLS, use https:// instead of http://."];
}

/** What only the page's own origin may answer. */
function ownOrigin({ fetch }: Story): string[] {
  if (fetch.destination === "worker")
    return [
      "Serve the worker's script from the page's own origin, without a redirect to another one. A worker made of a blob: URL may load it with importScripts().",
    ];
  if (fetch.destination === "track")
    return [
      "Give the video or audio element around the track the attribute crossorigin, or serve the track from the page's own origin.",
    ];
  return ['Take mode: "same-origin" off, or fetch a URL of the page\'s own origin.'];
}

/** A method that is not safe needs its preflight whatever the rest is. */
function isMethodUnsafe({ decisions }: Story): boolean {
  return decisions.some(({ because }) => because.some(({ kind }) => kind === "method"));
}

function avoidPreflight(story: Story): string[] {
  if (isMethodUnsafe(story)) return [];
  return ["A request that needs no preflight would avoid this: no unusual headers, and a body that a form could send."];
}

function methodAdvice({ decisions }: Story): string[] {
  const method = decisions.flatMap(({ because }) => because).find((cause) => cause.kind === "method")?.method ?? "";
  const upper = method.toUpperCase();
  if (method === "" || method === upper) return [];
  return [
    `Methods are case-sensitive, and fetch does not correct this one: write ${escapeFromWire(upper)} instead of ${escapeFromWire(method)}.`,
  ];
}

function headerAdvice(story: Story, failure: NetworkErrorReason): string[] {
  return failure.defects.flatMap(({ code, subject }) => {
    if (subject === null || code === "cors-preflight/method-not-allowed") return [];
    if (subject === "content-type" && isMethodUnsafe(story)) return [];
    if (subject === "content-type")
      return ["A body sent as text/plain, or as a form sends it, needs no preflight for its Content-Type."];
    if (subject.startsWith("access-control-"))
      return [`${escapeFromWire(subject)} is a response header. Take it off the request: only the server can send it.`];
    return [`If the server does not need the request header ${escapeFromWire(subject)}, do not send it.`];
  });
}

/** Fonts, tracks and requests of scripts have no attribute that could be left off. */
const WITH_ATTRIBUTE: ReadonlySet<string> = new Set(["audio", "image", "script", "style", "video"]);

/** Showing needs no consent, reading does. */
function elementTexts({ fetch }: Story, { code }: NetworkErrorReason): string[] {
  if (!code.startsWith("cors-check/") || fetch.mode !== "cors" || !WITH_ATTRIBUTE.has(fetch.destination)) return [];
  const module = fetch.destination === "script" ? "; a module needs CORS without it, too" : "";
  return [`If the element has an attribute crossorigin, and no script reads what it loads, leave that off${module}.`];
}

/** After a redirect the cure is often not to be redirected. */
function redirectTexts(story: Story, failure: NetworkErrorReason): string[] {
  if (failure.hop === 0 || !failure.code.startsWith("cors-")) return [];
  return [
    `The request was redirected: fetch ${shownUrl(failure.url)} directly, so that it carries the page's own origin.`,
    ...opaquePage(story),
  ];
}

function opaquePage({ fetch }: Story): string[] {
  return fetch.origin === "null"
    ? ["The page has no origin of its own: serve it over http or https, or add allow-same-origin to its sandbox."]
    : [];
}

function fix(text: string): Fix {
  return { text, headers: [], on: null, policy: null };
}
