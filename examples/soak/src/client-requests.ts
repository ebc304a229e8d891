/** What the pages of the client's soak do, and what has to come of it. */

import { type Client, networkErrorReason } from "@crossorigin/useragent";

/** One thing that a page does; its `run` says what came of it. */
export interface ClientRequest {
  readonly kind: string;
  readonly expected: string;
  readonly run: (page: Client) => Promise<string>;
}

/** `number` is another one every time, so that nothing is found in a cache by chance. */
export function createClientRequest(number: number, [one, other]: readonly [string, string]): ClientRequest {
  const kind = KINDS[number % KINDS.length] ?? KINDS[0];
  return kind(one, other, number);
}

type Kind = (one: string, other: string, number: number) => ClientRequest;

/** The names of their kinds are those in the printed table. */
const KINDS: readonly [Kind, ...Kind[]] = [
  (one) => ({ kind: "GET", expected: "ok", run: async ({ fetch }) => (await fetch(`${one}/`)).text() }),
  (one) => ({
    kind: "GET, read as a stream",
    expected: "ok",
    run: async ({ fetch }) => streamed(await fetch(`${one}/`)),
  }),
  (one) => ({ kind: "GET, gzip", expected: "ok", run: async ({ fetch }) => (await fetch(`${one}/zipped`)).text() }),
  (one) => ({ kind: "GET by XMLHttpRequest", expected: "load ok", run: (page) => xhr(page, "GET", `${one}/`) }),
  (one, _, number) => ({
    kind: "PUT with a preflight",
    expected: "ok",
    run: async ({ fetch }) => (await fetch(`${one}/?number=${number}`, PUT)).text(),
  }),
  (one) => ({
    kind: "PUT by the preflight cache",
    expected: "ok",
    run: async ({ fetch }) => (await fetch(`${one}/?max-age=600`, PUT)).text(),
  }),
  (one, _, number) => ({
    kind: "PUT kept in the preflight cache",
    expected: "ok",
    run: async ({ fetch }) => (await fetch(`${one}/?max-age=600&number=${number}`, PUT)).text(),
  }),
  (_, other) => ({ kind: "PUT by XMLHttpRequest", expected: "load ok", run: (page) => xhr(page, "PUT", `${other}/`) }),
  (one, _, number) => ({
    kind: "cookies",
    expected: "ok",
    run: async ({ fetch }) =>
      (await fetch(`${one}/cookies?number=${number % 1000}`, { credentials: "include" })).text(),
  }),
  (one, other) => ({
    kind: "redirect to another origin",
    expected: "ok",
    run: async ({ fetch }) => (await fetch(`${one}/redirect?to=${other}/`)).text(),
  }),
  (one) => ({
    kind: "withheld",
    expected: "cors-check/allow-origin-missing",
    run: ({ fetch }) => reasonOf(fetch(`${one}/withheld`)),
  }),
  (one) => ({
    kind: "preflight refused",
    expected: "cors-preflight/method-not-allowed",
    run: ({ fetch }) => reasonOf(fetch(`${one}/refused`, PUT)),
  }),
  (one) => ({
    kind: "connection reset",
    expected: "network/connection-reset",
    run: ({ fetch }) => reasonOf(fetch(`${one}/reset`, { method: "POST", body: "x" })),
  }),
  (one) => ({ kind: "aborted before the head", expected: "AbortError", run: (page) => aborted(page, `${one}/silent`) }),
  (one) => ({ kind: "aborted in the body", expected: "AbortError", run: (page) => aborted(page, `${one}/stalled`) }),
  (_, other) => ({
    kind: "body cancelled",
    expected: "200",
    run: async ({ fetch }) => {
      const { status, body } = await fetch(`${other}/long`);
      await body?.cancel();
      return String(status);
    },
  }),
  // What nobody reads is let go when it is collected.
  (_, other) => ({
    kind: "body forgotten",
    expected: "200",
    run: async ({ fetch }) => String((await fetch(`${other}/long`)).status),
  }),
  (one) => ({
    kind: "no-cors",
    expected: "opaque",
    run: async ({ fetch }) => (await fetch(`${one}/withheld`, { mode: "no-cors" })).type,
  }),
  (one) => ({
    kind: "clone",
    expected: "ok ok",
    run: async ({ fetch }) => {
      const response = await fetch(`${one}/`);
      return (await Promise.all([response.clone().text(), response.text()])).join(" ");
    },
  }),
  (one) => ({
    kind: "script element",
    expected: "error",
    run: async (page) =>
      (await page.load({ element: "script", src: `${one}/withheld`, crossorigin: "anonymous" })).outcome,
  }),
];

const PUT = { method: "PUT", headers: { "X-Soak": "1", "Content-Type": "text/plain" }, body: "x" };

async function streamed({ body }: Awaited<ReturnType<Client["fetch"]>>): Promise<string> {
  let text = "";
  for await (const chunk of body ?? []) text += Buffer.from(chunk).toString("latin1");
  return text;
}

function xhr(page: Client, method: string, url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = new page.XMLHttpRequest();
    request.open(method, url);
    if (method === "PUT") {
      request.setRequestHeader("X-Soak", "1");
      request.upload.onprogress = () => {};
    }
    request.onloadend = ({ type }) =>
      resolve(`${type === "loadend" && request.status === 200 ? "load" : "error"} ${request.responseText}`);
    request.send(method === "PUT" ? "x" : null);
  });
}

async function aborted({ fetch }: Client, url: string): Promise<string> {
  const controller = new AbortController();
  try {
    const fetching = fetch(url, { signal: controller.signal }).then((response) => response.text());
    setTimeout(() => controller.abort(), 5);
    return await fetching;
  } catch (error) {
    return error instanceof Error || error instanceof DOMException ? error.name : String(error);
  }
}

async function reasonOf(fetching: Promise<unknown>): Promise<string> {
  try {
    await fetching;
    return "a response";
  } catch (error) {
    return networkErrorReason(error)?.code ?? String(error);
  }
}
