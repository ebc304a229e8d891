/**
 * What the server has to change: exact header lines, and the same as policy.
 *
 * @module
 */

import type { NetworkErrorReason } from "../fetching/index.ts";
import { byteLowercase, containsHeader, getHeader, isForbiddenResponseHeaderName } from "../protocol/index.ts";
import {
  type AdvisedGrant,
  type PolicyFields,
  advisedGrants,
  advisedLists,
  canonicalMethod,
  listedItems,
  soundPolicy,
} from "./advised-grant.ts";
import { escapeFromWire } from "../protocol/escape.ts";
import type { Fix } from "./explanation.ts";
import { hiddenHeaderNames } from "./hidden-headers.ts";
import { type Story, isBodyBroken, isForElement, lastExchange, lastRequest, originAtTheEnd } from "./story.ts";

/**
 * The fixes for a failed fetch; empty where no server can help. The first lines make the failed check pass, once what their text
 * asks of the page is done. A policy holds up before a policy's own rules; one without `origins` is to be added to a policy.
 */
export function serverFixes(story: Story): Fix[] {
  const { failure } = story;
  if (failure === null) return isForElement(story) ? opaqueElementFixes(story) : exposureFixes(story);
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
  if (failure.code === "network/timeout" && isBodyBroken(story))
    return [
      textFix("The head came in time: look for what keeps the body from ending, such as a stream that never does."),
    ];
  const text =
    failure.code === "main-fetch/nosniff" || failure.code.endsWith("/mime-type")
      ? `Serve it with the Content-Type ${escapeFromWire(failure.expected ?? "")}.`
      : OTHER_FIXES[failure.code];
  return text === undefined ? [] : [textFix(text)];
}

const OTHER_FIXES: Readonly<Partial<Record<NetworkErrorReason["code"], string>>> = {
  "main-fetch/mixed-content": "Serve the resource over https.",
  "main-fetch/bad-port": "Serve the resource on another port.",
  "http-redirect-fetch/location-invalid": "Send one Location with a valid URL.",
  "http-redirect-fetch/scheme-not-http": "Redirect to http and https URLs only.",
  "http-redirect-fetch/too-many-redirects": "End the chain of redirects; look for two rules that undo each other.",
  "http-redirect-fetch/location-with-credentials": "Take the user name and password out of Location.",
  "main-fetch/opaque-response-blocked":
    "Serve it with its own Content-Type, such as image/png or text/javascript, or share it with Access-Control-Allow-Origin and load it with crossorigin.",
  "main-fetch/mime-type-blocked": "Serve scripts with the Content-Type text/javascript.",
  "element-load/embedder-policy-missing":
    "Send Cross-Origin-Embedder-Policy: require-corp with the script of the worker, as with the page.",
  "element-load/status": "Find out from the server's own log why it answers so; elements show no error pages.",
  "element-load/not-decodable":
    "Look at what is really served: often it is a page of HTML, of a login or an error, under the URL of a file.",
  "event-source/status-not-200":
    "Answer with status 200, also when there is nothing to say yet; 204 ends an EventSource.",
  "event-source/event-too-long": "End every event with a blank line.",
  "websocket/status-not-101":
    "Find out from the server's own log why it refuses: often a guard of origins with 403, or a path that nobody upgrades.",
  "websocket/handshake-invalid":
    "Name one of the subprotocols that the page offers, and no extension that it does not.",
  "network/tls-certificate":
    "Serve a certificate that browsers trust, with every intermediate certificate and this host name.",
  "network/tls-client-certificate":
    "Let preflights through without a client certificate: ask for one without requiring it (optional mutual TLS), and refuse in HTTP what is no OPTIONS request and comes without one.",
  "network/tls-protocol": "Speak TLS on this port, or use the port that does.",
  "network/http-malformed": "Answer with valid HTTP; check that the port belongs to the web server.",
  "network/headers-too-large": "Send smaller response headers.",
  "network/body-too-large": "Send the body in parts, or less of it.",
  "network/timeout":
    "Look for a firewall that drops packets, and for a handler that is slow or waits for something; answer preflights before any slow work.",
  "network/connection-reset":
    "Look at the server's own log: the connection was closed while the request was being answered.",
};

function checkFixes(story: Story, failure: NetworkErrorReason): Fix[] {
  const fixes = eachGrant(story, (grant) => [
    grantFix(grant, "Send these lines on every response of this URL, errors and redirects included.", {
      on: "response",
      headers: grant.lines,
      policy: grant.policy,
    }),
  ]);
  if (failure.received !== null && failure.code === "cors-check/allow-origin-multiple")
    fixes.unshift(textFix(ONE_LAYER));
  return fixes;
}

function preflightFixes(story: Story, failure: NetworkErrorReason): Fix[] {
  const lists = advisedLists(story);
  const fixes = eachGrant(story, (grant) => [
    grantFix(
      grant,
      `Answer the OPTIONS request with status 204 and these lines, before any login, redirect or routing.${methodRemark(story)}`,
      {
        on: "preflight",
        headers: [...grant.lines, ...lists.lines],
        policy: grant.policy && { ...grant.policy, ...lists.policy },
      },
    ),
    grantFix({ ...grant, condition: "" }, "Send these lines on the response itself as well.", {
      on: "response",
      headers: grant.lines,
      policy: null,
    }),
  ]);
  if (failure.defects.some(({ code }) => code === "cors-preflight/allow-origin-multiple"))
    fixes.unshift(textFix(ONE_LAYER));
  return fixes;
}

/** Where no server should go along with the page's spelling. */
function methodRemark(story: Story): string {
  const method = getHeader(lastExchange(story)?.request.headers ?? [], "Access-Control-Request-Method") ?? "";
  const canonical = canonicalMethod(method);
  return method === canonical ? "" : ` The page has to write ${canonical} instead of ${method}.`;
}

/** The origin `null` is to be got rid of before anything else. */
function eachGrant(story: Story, fixesFor: (grant: AdvisedGrant) => Fix[]): Fix[] {
  const fixes = advisedGrants(story).flatMap(fixesFor);
  if (originAtTheEnd(story) === "null") fixes.unshift(textFix(NO_NULL_ORIGIN));
  return fixes;
}

/** For a response that an element uses and no script reads. */
function opaqueElementFixes(story: Story): Fix[] {
  if (story.done?.responseType !== "opaque") return [];
  const answered = lastRequest(story)?.response?.headers ?? [];
  if (containsHeader(answered, "Access-Control-Allow-Origin")) return [];
  // With the attribute, as the page is advised, cookies stay at home.
  const asked: Story = { ...story, fetch: { ...story.fetch, credentialsMode: "same-origin" } };
  return eachGrant(asked, (grant) => [
    grantFix(grant, "If scripts of the page are to read it, send these lines.", {
      on: "response",
      headers: grant.lines,
      policy: grant.policy,
    }),
  ]);
}

/** For a response that is shared: the headers a page cannot read. */
function exposureFixes(story: Story): Fix[] {
  const hidden = hiddenHeaderNames(story);
  if (hidden.length === 0) return [];
  const exposed = listedItems(lastRequest(story)?.response?.headers ?? [], "Access-Control-Expose-Headers")
    .map(byteLowercase)
    .filter((name) => name !== "*" && !isForbiddenResponseHeaderName(name));
  const names = [...new Set([...exposed, ...hidden])];
  return [
    headerFix(
      "If pages should read these headers, name them on the response.",
      [`Access-Control-Expose-Headers: ${names.join(", ")}`],
      "response",
      { exposedHeaders: names },
    ),
  ];
}

const NO_NULL_ORIGIN =
  "Do not grant the origin null: every sandboxed page can claim it. Find out why the origin is null: a sandboxed frame, a file: or data: page, or a redirect through another origin; let the page have an origin of its own, and answer without that redirect.";

const ONE_LAYER =
  "Let one layer set Access-Control-Allow-Origin: take it out of the application or out of the proxy in front of it.";

function grantFix({ condition }: AdvisedGrant, text: string, fix: Pick<Fix, "headers" | "on" | "policy">): Fix {
  return headerFix(condition === "" ? text : `${condition} ${text}`, fix.headers, fix.on, fix.policy);
}

function headerFix(text: string, headers: readonly string[], on: Fix["on"], policy: PolicyFields | null): Fix {
  return { text, headers, on, policy: soundPolicy(policy) };
}

function textFix(text: string): Fix {
  return { text, headers: [], on: null, policy: null };
}
