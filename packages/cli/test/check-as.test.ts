/** `check --as`: what a page may do with what it gets, by what it asks with. */

import { writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { CONSUMERS, CONSUMER_NAMES } from "../src/consumers.data.ts";
import { parseJsonOutput } from "./json-output.ts";
import { runCommand } from "./run-command.ts";
import { httpServer } from "./test-servers.ts";

const FILES: Readonly<Record<string, readonly [type: string, body: string]>> = {
  "/image": ["image/gif", "GIF89a"],
  "/script": ["text/javascript", "throw 1"],
  "/style": ["text/css", "a {}"],
  "/font": ["font/woff2", "wOF2"],
  "/media": ["video/webm", "\u001aE\u00df\u00a3"],
  "/track": ["text/vtt", "WEBVTT\n"],
  "/events": ["text/event-stream", "data: 1\n\n"],
  "/manifest": ["application/manifest+json", "{}"],
  "/page": ["text/html", "<!DOCTYPE html>"],
};

/** `/image?*` grants any origin, `/image?null` only one that asks; without a query nothing is granted. */
function files(): Promise<string> {
  return httpServer((request, response) => {
    const [path = "", allow] = (request.url ?? "").split("?");
    const [type, body] = FILES[path] ?? ["text/plain", "ok"];
    if (allow !== undefined) {
      response.setHeader("Access-Control-Allow-Origin", allow);
      response.setHeader("Access-Control-Allow-Headers", "content-type");
    }
    response.setHeader("Content-Type", type);
    response.end(Buffer.from(body, "latin1"));
  });
}

const ORIGIN = ["-o", "http://app.example"];

async function check(url: string, ...args: string[]) {
  const text = await runCommand(["check", url, ...ORIGIN, ...args]);
  const json = await runCommand(["check", url, ...ORIGIN, ...args, "--json"]);
  expect(json.status).toBe(text.status);
  return { status: text.status, text: text.stdout.replaceAll(/\s+/g, " "), json: parseJsonOutput(json.stdout) };
}

/** What has an attribute that makes it readable. */
const CAN_READ = ["img", "video", "audio", "script", "link", "svg-image", "svg-fe-image"];

describe("without CORS, what works is used without being shared", () => {
  test.each([
    ["img", "/image", "show", "may not read its pixels"],
    ["video", "/media", "play", "may not use it as a WebGL texture: texImage2D() throws a SecurityError"],
    ["audio", "/media", "play", "may not process its sound: createMediaElementSource() gives silence"],
    ["script", "/script", "run", 'window.onerror hears "Script error." and nothing else'],
    ["link", "/style", "apply", "sheet.cssRules throws a SecurityError"],
    ["background-image", "/image", "show", "may show the image"],
    ["svg-image", "/image", "show", "may not read its pixels"],
    ["svg-fe-image", "/image", "use-in-filter", "feDisplacementMap leaves them where they are"],
    ["input-image", "/image", "show", "may show the image"],
    ["video-poster", "/image", "show", "may show the image"],
    ["import-scripts", "/script", "run", 'the worker\'s onerror hears "Script error." and nothing else'],
    ["css-import", "/style", "apply", "sheet.cssRules throws a SecurityError"],
    ["link-prefetch", "/page", "prefetch", "may find it in the HTTP cache later"],
    ["link-icon", "/image", "show", "may have the image as its icon"],
  ])("%s", async (as, path, ability, says) => {
    const { status, text, json } = await check(`${await files()}${path}`, "--as", as);
    expect(status).toBe(0);
    expect(text).toContain("✔ USED WITHOUT BEING SHARED exposure/opaque-response");
    expect(text).toContain(says);
    expect(json).toMatchObject({ verdict: "opaque", page: { mode: "no-cors", credentials: "include" } });
    expect(json.use).toMatchObject({ as, crossorigin: null, works: true });
    expect(json.use.abilities.filter(({ allowed }) => allowed).map((told) => told.ability)).toEqual([ability]);
    expect(json.fixes.client).toHaveLength(CAN_READ.includes(as) ? 1 : 0);
  });
});

describe("with CORS everything is allowed", () => {
  test.each([
    ["img", "/image", true],
    ["canvas", "/image", true],
    ["webgl", "/image", true],
    ["video", "/media", true],
    ["audio", "/media", true],
    ["track", "/track", true],
    ["script", "/script", true],
    ["module", "/script", true],
    ["link", "/style", true],
    ["font", "/font", false],
    ["shape-outside", "/image", false],
    ["mask-image", "/image", false],
    ["svg-image", "/image", true],
    ["svg-fe-image", "/image", true],
    ["link-prefetch", "/page", true],
    ["link-icon", "/image", true],
    ["link-manifest", "/manifest", true],
    ["fetch", "/page", false],
    ["xhr", "/page", false],
    ["event-source", "/events", false],
  ])("%s", async (as, path, hasAttribute) => {
    const attribute = hasAttribute ? ["--crossorigin", "anonymous"] : [];
    const { status, text, json } = await check(`${await files()}${path}?*`, "--as", as, ...attribute);
    expect(status).toBe(0);
    expect(text).toContain("✔ SHARED");
    expect(text).not.toContain("may not");
    expect(json).toMatchObject({ verdict: "shared", code: null, fixes: { server: [], client: [] } });
    expect(json.use).toMatchObject({ as, works: true, crossorigin: hasAttribute ? "anonymous" : null });
    expect(json.use.abilities.map(({ allowed }) => allowed)).not.toContain(false);
  });
});

describe("what needs CORS fails without it, and says what the page sees", () => {
  test.each([
    ["font", "/font", [], "cors-check/allow-origin-missing", "the next font of the list"],
    ["shape-outside", "/image", [], "cors-check/allow-origin-missing", "as the shape is ignored"],
    ["mask-image", "/image", [], "cors-check/allow-origin-missing", "an element that is not painted"],
    ["module", "/script", [], "cors-check/allow-origin-missing", "a script that does not run"],
    ["track", "/track", [], "main-fetch/same-origin-mode", "no cues"],
    ["worker", "/script?*", [], "main-fetch/same-origin-mode", "a worker that does not run"],
    ["module-worker", "/script?*", [], "main-fetch/same-origin-mode", "a worker that does not run"],
    ["import-scripts", "/page", [], "element-load/mime-type", "throw a NetworkError without a reason"],
    ["link-manifest", "/manifest", [], "cors-check/allow-origin-missing", "a page without a manifest"],
    ["input-image", "/page", [], "element-load/not-decodable", "a button with its text"],
    ["video-poster", "/page", [], "element-load/not-decodable", "a video without its poster"],
    ["svg-fe-image", "/page", [], "element-load/not-decodable", "a filter without the image"],
    ["css-import", "/page", [], "element-load/mime-type", "styles that do not apply"],
    ["link-icon", "/page", [], "element-load/not-decodable", "another icon, or none"],
    [
      "link-prefetch",
      "/page",
      ["--crossorigin", "anonymous"],
      "cors-check/allow-origin-missing",
      "nothing that was kept",
    ],
    ["img", "/image", ["--crossorigin", "anonymous"], "cors-check/allow-origin-missing", "a broken image"],
    ["script", "/script?*", ["--crossorigin", "use-credentials"], "cors-check/wildcard-with-credentials", "not run"],
    ["xhr", "/page", [], "cors-check/allow-origin-missing", "an event error without a reason, and status 0"],
    ["fetch", "/page", [], "cors-check/allow-origin-missing", "a TypeError without a reason"],
    ["event-source", "/events", [], "cors-check/allow-origin-missing", "an event error without a reason"],
    ["event-source", "/events?*", ["--credentials", "include"], "cors-check/wildcard-with-credentials", "no events"],
    ["event-source", "/page?*", [], "event-source/mime-type", "an event error without a reason, and no events"],
    ["img", "/page", [], "element-load/not-decodable", "a broken image"],
    ["script", "/image", [], "main-fetch/mime-type-blocked", "a script that does not run"],
    ["script", "/script", ["--integrity", "sha256-AAAA"], "main-fetch/integrity-mismatch", "does not run"],
  ])("%s of %s %j: %s", async (as, path, args, code, sees) => {
    const { status, text, json } = await check(`${await files()}${path}`, "--as", as, ...args);
    expect(status).toBe(1);
    expect(text).toContain(`✘ WITHHELD ${code}`);
    expect(/The page sees [^.]*\./.exec(text)?.[0]).toContain(sees);
    expect(json).toMatchObject({ verdict: "withheld", code, visible: { type: "error" } });
    expect(json.use).toMatchObject({ as, works: false });
    expect(json.use.abilities.map(({ allowed }) => allowed)).not.toContain(true);
  });

  test.each(["canvas", "webgl"])("%s: a picture that is shown and cannot be read is of no use", async (as) => {
    const { status, text, json } = await check(`${await files()}/image?*`, "--as", as);
    expect(status).toBe(1);
    expect(text).toContain("✘ WITHHELD exposure/opaque-response");
    expect(text).toContain("✔ may show the image ✘ may not read its pixels");
    expect(text).toContain('give the element the attribute crossorigin="anonymous"');
    expect(json.use.works).toBe(false);
  });
});

describe("a worker", () => {
  test("of the page's own origin runs, and one of type module without cookies, if the page says so", async () => {
    const url = `${await files()}/script`;
    const own = ["--json", "-o", new URL(url).origin];
    const worker = parseJsonOutput((await runCommand(["check", url, ...own, "--as", "worker"])).stdout);
    expect(worker).toMatchObject({ verdict: "shared", page: { mode: "same-origin", credentials: "same-origin" } });
    const args = ["check", url, ...own, "--as", "module-worker", "--credentials", "omit"];
    const module = parseJsonOutput((await runCommand(args)).stdout);
    expect(module).toMatchObject({ verdict: "shared", page: { mode: "same-origin", credentials: "omit" } });
    expect(module.use).toMatchObject({ as: "module-worker", works: true });
  });
});

describe("an XMLHttpRequest", () => {
  test("asks first because of its upload listener, and for nothing else", async () => {
    const url = `${await files()}/page?*`;
    const args = ["--as", "xhr", "-X", "POST", "-d", "hello"];
    expect((await check(url, ...args)).json.preflight).toMatchObject({ needed: false, sent: false });
    const { status, text, json } = await check(url, ...args, "--upload-listener");
    expect(status).toBe(0);
    expect(json.preflight).toMatchObject({ needed: true, sent: true });
    expect(text).toContain("Preflight needed, and sent - The request has an upload listener");
    expect(text).toContain("The page sees status 200 and the body");
  });

  test("sends headers, and cookies with --credentials include", async () => {
    const { json } = await check(`${await files()}/page?*`, "--as", "xhr", "-H", "X-A: 1", "--credentials", "include");
    expect(json).toMatchObject({ page: { mode: "cors", credentials: "include" }, preflight: { needed: true } });
  });

  test("whose body breaks off or has no end is told of as fetch is", async () => {
    const url = await httpServer((request, response) => {
      const length = request.url === "/endless" ? {} : { "Content-Length": "50000000" };
      response.writeHead(200, { "Access-Control-Allow-Origin": "*", ...length });
      response.write("x");
      if (request.url === "/large") {
        const timer = setInterval(() => response.write("x".repeat(1_000_000)), 20);
        response.on("close", () => clearInterval(timer));
      }
      if (request.url === "/broken") setTimeout(() => response.destroy(), 20);
    });
    const broken = await check(`${url}/broken`, "--as", "xhr");
    expect(broken).toMatchObject({ status: 3, json: { verdict: "network-failure", code: "network/connection-reset" } });
    const large = await check(`${url}/large`, "--as", "xhr");
    expect(large.status).toBe(0);
    expect(large.text).toContain("the body (not read beyond 1024 KiB)");
    const slow = await check(`${url}/slow`, "--as", "xhr", "--timeout", "0.5");
    expect(slow).toMatchObject({ status: 3, json: { verdict: "network-failure", code: "network/timeout" } });
    expect(slow.text).toContain("Content-Length is 50000000, and 1 byte was read within 0.5 s");
    const endless = await check(`${url}/endless`, "--as", "xhr", "--timeout", "0.5");
    expect(endless.status).toBe(0);
    expect(endless.text).toContain("not read to its end: 1 byte came");
  });
});

describe("a beacon", () => {
  const JSON_TYPE = ["-H", "content-type: application/json", "-d", "{}"];

  test("of text is sent without asking, and nobody reads the answer", async () => {
    const { status, text, json } = await check(`${await files()}/page`, "--as", "beacon", "-d", "hello");
    expect(status).toBe(0);
    expect(text).toContain("The page ✔ may send the data; it hears nothing of the answer");
    expect(text).not.toMatch(/Could be better|Fix/);
    expect(json).toMatchObject({ verdict: "opaque", page: { method: "POST", mode: "no-cors" } });
    const sent = new Map(json.exchanges[0]?.request.headers);
    expect(sent.get("Content-Type")).toBe("text/plain;charset=UTF-8");
  });

  test("without data is sent, too, and bytes that are no text are", async () => {
    const url = `${await files()}/page`;
    expect((await check(url, "--as", "beacon")).status).toBe(0);
    const folder = await mkdtemp(join(tmpdir(), "crossorigin-cli-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    writeFileSync(join(folder, "bytes"), Buffer.from([0xff, 0xfe]));
    expect((await check(url, "--as", "beacon", "-d", `@${join(folder, "bytes")}`)).status).toBe(0);
  });

  test("of JSON asks first, with credentials, which an asterisk does not grant", async () => {
    const { status, text, json } = await check(`${await files()}/page?*`, "--as", "beacon", ...JSON_TYPE);
    expect(status).toBe(1);
    expect(json).toMatchObject({ code: "cors-preflight/wildcard-with-credentials", use: { works: false } });
    expect(text).toContain("The page sees nothing, as sendBeacon() returned true before");
    expect(text).toContain("use fetch() with keepalive: true");
  });

  test("that reached the server works, whatever the answer says", async () => {
    const url = await httpServer((request, response) => {
      if (request.method === "OPTIONS") {
        response.setHeader("Access-Control-Allow-Origin", "http://app.example");
        response.setHeader("Access-Control-Allow-Credentials", "true");
        response.setHeader("Access-Control-Allow-Headers", "content-type");
      }
      response.end();
    });
    const { status, json } = await check(url, "--as", "beacon", ...JSON_TYPE);
    expect(status).toBe(0);
    expect(json).toMatchObject({ verdict: "opaque", code: "cors-check/allow-origin-missing", use: { works: true } });
  });

  test("that reaches nobody is a failure of the network", async () => {
    expect(await check("http://127.0.0.1:2/", "--as", "beacon")).toMatchObject({
      status: 3,
      json: { verdict: "network-failure", use: { works: false } },
    });
  });
});

describe("a preload", () => {
  test("asks as what it is for", async () => {
    const args = ["--as", "link-preload", "--preload-as", "font", "--crossorigin", "anonymous"];
    const { status, json } = await check(`${await files()}/font?*`, ...args);
    expect(status).toBe(0);
    const sent = new Map(json.exchanges[0]?.request.headers);
    expect(sent.get("Sec-Fetch-Dest")).toBe("font");
  });
});

describe("an event source", () => {
  test("that stays open is closed, and the command ends", async () => {
    let isClosed = false;
    const url = await httpServer((_request, response) => {
      response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Content-Type": "text/event-stream", "X-A": "1" });
      response.write("data: 1\n\n");
      response.on("close", () => {
        isClosed = true;
      });
    });
    const { status, stdout } = await runCommand(["check", url, "--as", "event-source"]);
    expect(status).toBe(0);
    expect(stdout).toContain("✔ may receive the server's events");
    expect(stdout).not.toMatch(/exposure|Expose/);
    await expect.poll(() => isClosed).toBe(true);
  });

  test("that reaches nobody is a failure of the network, told at once", async () => {
    expect(await check("http://127.0.0.1:2/", "--as", "event-source")).toMatchObject({
      status: 3,
      json: { verdict: "network-failure", code: "network/connection-refused", use: { works: false } },
    });
  });
});

describe("an element whose body never ends", () => {
  test("is given up after --timeout, without a word of what page code reads", async () => {
    const url = await httpServer((_request, response) => {
      response.setHeader("Content-Type", "image/gif");
      response.write("GIF89a");
    });
    const { status, text, json } = await check(url, "--as", "img", "--timeout", "0.5");
    expect(status).toBe(3);
    expect(json).toMatchObject({ code: "network/timeout", visible: { type: "error" }, use: { works: false } });
    expect(text).toContain("its body did not come to its end in time");
    expect(text).not.toMatch(/page may read|page code gets|firewall/);
  });
});

describe("options that do not go together", () => {
  test.each([
    [["--as", "img", "-X", "PUT"], '--request "PUT" cannot go with --as img: it always asks with GET; leave it out'],
    [["--as", "img", "-d", "x"], "it has no body"],
    [["--as", "event", "-d", "x"], "Allowed choices are fetch, xhr, event-source"],
    [["--as", "script", "-H", "a: 1"], "the page cannot set headers of it"],
    [["--as", "img", "--mode", "cors"], "its attribute decides that; use --crossorigin"],
    [["--as", "img", "--credentials", "include"], "its attribute decides that; use --crossorigin"],
    [["--as", "font", "--credentials", "include"], "it leaves no choice"],
    [["--as", "font", "--mode", "cors"], "it leaves no choice"],
    [["--as", "font", "--crossorigin", "none"], "it has no such attribute"],
    [["--as", "worker", "--credentials", "omit"], "it leaves no choice"],
    [["--as", "link", "--redirect", "error"], "it always follows redirects"],
    [["--as", "img", "--integrity", "sha256-x"], "it has no such thing"],
    [["--as", "img", "--preload-as", "font"], "nothing else has it than --as link-preload"],
    [["--as", "img", "--upload-listener"], "use --as xhr"],
    [["--crossorigin", "anonymous"], "that is an attribute of elements; use --credentials include"],
    [["--as", "event-source", "-X", "POST"], "it always asks with GET"],
    [["--as", "event-source", "--credentials", "omit"], "it always sends those of its own origin"],
    [["--as", "xhr", "--mode", "no-cors"], "its mode is always cors"],
    [["--as", "xhr", "--credentials", "omit"], "it always sends those of its own origin"],
    [["--as", "beacon", "-X", "PUT"], "a beacon is always a POST"],
    [["--as", "beacon", "--mode", "cors"], "the type of its data decides that"],
    [["--as", "beacon", "--credentials", "omit"], "a beacon leaves no choice"],
    [["--as", "beacon", "-d", "x", "-H", "x-a: 1"], "it has no headers but the Content-Type of its data"],
    [["--as", "beacon", "-H", "content-type: a/b"], "without --data"],
    [["--as", "beacon", "-d", "x".repeat(65_537)], "--data holds 65537 bytes, and --as beacon takes 65536"],
    [["--as", "link-preload"], "--as link-preload needs --preload-as"],
    [["--as", "img", "--method", "PUT"], "Did you mean --request?"],
  ])("%j are refused, with the reason and the way out, and nothing is sent", async (args, says) => {
    const { status, stdout, stderr } = await runCommand(["check", "http://127.0.0.1:2/", ...args]);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(says);
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  test("an integrity without a digest is noted", async () => {
    const args = ["--as", "script", "--integrity", "nonsense", "--crossorigin", "anonymous"];
    const { text } = await check(`${await files()}/script?*`, ...args);
    expect(text).toContain('! The integrity "nonsense" holds no digest');
    expect(text).toContain("✔ SHARED");
  });
});

test("the schema, the help and the README know every consumer, and the schema every ability", async () => {
  const root = new URL("../../../", import.meta.url);
  const schema = await readFile(new URL("docs/json-output.schema.json", root), "utf8");
  const { properties } = (JSON.parse(schema) as { properties: { use: { properties: Record<string, unknown> } } })
    .properties.use;
  expect(properties["as"]).toEqual({ enum: CONSUMER_NAMES });
  const abilities = Object.values(CONSUMERS).flatMap((words) => words.abilities.map(({ ability }) => ability));
  const known = JSON.stringify(properties["abilities"]);
  for (const ability of abilities) expect(known).toContain(`"${ability}"`);
  for (const { needs, abilities: all } of Object.values(CONSUMERS)) {
    expect(all.map(({ ability }) => ability)).toContain(needs);
  }
  const readme = await readFile(new URL("packages/cli/README.md", root), "utf8");
  const { stdout } = await runCommand(["check", "--help"]);
  for (const name of CONSUMER_NAMES) {
    expect(readme).toContain(`\`${name}\``);
    expect(stdout).toContain(`"${name}"`);
  }
});
