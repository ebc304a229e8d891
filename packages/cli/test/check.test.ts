import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPolicy } from "crossorigin";
import { withCors } from "crossorigin/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { selfSignedCertificate } from "./certificate.ts";
import { parseJsonOutput } from "./json-output.ts";
import { runCommand } from "./run-command.ts";
import { httpServer, start } from "./test-servers.ts";

const policy = createPolicy({
  origins: ["http://app.example"],
  methods: ["PUT"],
  requestHeaders: ["content-type"],
  maxAgeSeconds: 60,
});

function guarded(): Promise<string> {
  return httpServer(
    withCors(policy, (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/plain", "X-Request-Id": "7" }).end("ok"),
    ),
  );
}

async function temporaryFile(name: string, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "crossorigin-cli-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe("check", () => {
  test("says SHARED and exits 0 when the page can read the response", async () => {
    const url = await guarded();
    const { status, stdout, stderr } = await runCommand(["check", `${url}/items`, "--origin", "http://app.example"]);
    expect(status).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain(`GET ${url}/items\nfrom a page of origin http://app.example\n`);
    expect(stdout).toContain("> Origin: http://app.example\n");
    expect(stdout).toContain("< Access-Control-Allow-Origin: http://app.example\n");
    expect(stdout).toContain("✔ SHARED");
    expect(stdout).toContain("Access-Control-Expose-Headers: x-request-id");
    expect(stdout).toContain('add to your crossorigin policy:\n       {"exposedHeaders":["x-request-id"]}');
  });

  test("says WITHHELD, names code and fix, and exits 1 when it cannot", async () => {
    const url = await guarded();
    const { status, stdout } = await runCommand(["check", url, "-o", "http://other.example"]);
    expect(status).toBe(1);
    expect(stdout).toContain("✘ WITHHELD  cors-check/allow-origin-missing");
    expect(stdout).toContain("Fix on the server");
    expect(stdout).toContain("Access-Control-Allow-Origin: http://other.example\n");
    expect(stdout).toContain('as a crossorigin policy:\n       {"origins":["http://other.example"]}');
  });

  test("prints the preflight, why it was needed, and each rule", async () => {
    const url = await guarded();
    const { status, stdout } = await runCommand([
      "check",
      url,
      "-o",
      "http://app.example",
      "-X",
      "PUT",
      "-H",
      "content-type: application/json",
      "-d",
      "{}",
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain("Preflight  needed, and sent\n");
    expect(stdout).toContain("The method PUT is not one of GET, HEAD and POST.");
    expect(stdout).toContain("The header content-type says application/json");
    expect(stdout).toContain("Exchange 1 of 2: preflight");
    expect(stdout).toContain("> Access-Control-Request-Method: PUT");
    expect(stdout).toContain("[cors-preflight, step 7]");
    expect(stdout).toContain("Exchange 2 of 2: request");
  });

  test("makes up a page of the target's scheme and says so", async () => {
    const { stdout } = await runCommand(["check", await guarded()]);
    expect(stdout).toContain("from a page of origin http://page.example (made up; choose yours with --origin)");
  });

  test.each([["--origin", "null"], ["--opaque-origin"]])("sends Origin: null for %s", async (...args) => {
    const { stdout } = await runCommand(["check", await guarded(), ...args]);
    expect(stdout).toContain("> Origin: null\n");
    expect(stdout).not.toContain("made up");
  });

  test("checks Local Network Access for --address-space, as if the user agreed", async () => {
    const url = await guarded();
    const insecure = await runCommand(["check", url, "-o", "http://app.example", "--address-space", "public"]);
    expect(insecure.stdout).toContain("✘ WITHHELD  local-network-access/insecure-context");
    expect(insecure.stdout).toContain("Serve the page over https.");
    expect(insecure.status).toBe(1);
    const asked = await runCommand(["check", url, "-o", "https://app.example", "--address-space", "public"]);
    const words = asked.stdout.replaceAll(/\s+/g, " ");
    expect(words).toContain("and the user lets the page go there.");
    expect(words).toContain(
      "127.0.0.1 (loopback), less public than the page's address (public): browsers ask the user for the permission loopback-network first.",
    );
    const near = await runCommand(["check", url, "-o", "http://app.example", "--address-space", "loopback"]);
    expect(near.status).toBe(0);
  });

  test("shows all headers with -v, and says how many there are without", async () => {
    const url = await guarded();
    const short = await runCommand(["check", url]);
    const long = await runCommand(["check", url, "-v"]);
    expect(short.stdout).toMatch(/< \([0-9]+ more header lines; -v shows all\)/);
    expect(short.stdout).not.toContain("User-Agent");
    expect(long.stdout).toContain("> User-Agent: ");
    expect(long.stdout).toContain("< X-Request-Id: 7");
    expect(long.stdout).not.toContain("-v shows all");
  });

  test("notes headers that a browser drops silently", async () => {
    const { stdout } = await runCommand([
      "check",
      await guarded(),
      "-H",
      "Cookie: a=1",
      "-H",
      "X-Own: 1",
      "--mode",
      "no-cors",
    ]);
    expect(stdout).toContain("! The header Cookie is not sent");
    expect(stdout).toContain("! The header X-Own is not sent");
    expect(stdout).not.toContain("> Cookie");
  });

  test("notes a method that is only a lower-case one", async () => {
    const { stdout } = await runCommand(["check", await guarded(), "-X", "patch"]);
    expect(stdout).toContain("! Methods are case-sensitive: patch is sent as it is");
  });

  test("connects where --resolve says", async () => {
    const url = await guarded();
    const port = new URL(url).port;
    const { status, stdout } = await runCommand([
      "check",
      `http://api.test:${port}/`,
      "--resolve",
      `API.test:${port}:127.0.0.1`,
      "-o",
      "http://app.example",
    ]);
    expect(stdout).toContain(`GET http://api.test:${port}/`);
    expect(status).toBe(0);
  });

  test("connects where --resolve says for an IPv6 address, too", async () => {
    const port = new URL(await guarded()).port;
    const args = ["check", `http://[::1]:${port}/`, "--resolve", `[::1]:${port}:127.0.0.1`, "-o", "http://app.example"];
    expect((await runCommand(args)).status).toBe(0);
  });

  test("connects where --resolve says for any host", async () => {
    const port = new URL(await guarded()).port;
    const { status } = await runCommand([
      "check",
      `http://api.test:${port}/`,
      "--resolve",
      `*:${port}:127.0.0.2`,
      "--resolve",
      `api.test:${port}:127.0.0.1`,
      "-o",
      "http://app.example",
    ]);
    expect(status).toBe(0);
    const any = await runCommand(["check", `http://other.test:${port}/`, "--resolve", `*:${port}:127.0.0.1`]);
    expect(any.status).toBe(1);
  });

  test("says that a --resolve was of no use", async () => {
    const url = await guarded();
    const { stdout } = await runCommand(["check", url, "--resolve", "api.test:1234:127.0.0.1"]);
    expect(stdout).toContain("! --resolve api.test:1234:127.0.0.1 was of no use");
    const json = await runCommand(["check", url, "--json", "--resolve", "api.test:1234:127.0.0.1"]);
    expect(json.stderr).toContain("note: --resolve api.test:1234:127.0.0.1 was of no use");
  });

  test("says in the advice that the page is made up, where it is", async () => {
    const url = await guarded();
    const words = "No --origin was given, so http://page.example is made up";
    const fixTexts = async (...args: string[]): Promise<string> =>
      parseJsonOutput((await runCommand(["check", url, "--json", ...args])).stdout)
        .fixes.server.map(({ text }) => text)
        .join("\n");
    expect(await fixTexts()).toContain(words);
    expect(await fixTexts("-o", "http://page.example")).not.toContain(words);
    expect((await runCommand(["check", url])).stdout.replaceAll(/\s+/g, " ")).toContain(words);
  });

  test("leaves the fragment at home", async () => {
    const { stdout } = await runCommand(["check", `${await guarded()}/a?b#frag`]);
    expect(stdout).toMatch(/> GET \S+\/a\?b\n/);
  });

  test("follows a redirect and shows both hops", async () => {
    const url = await httpServer((request, response) => {
      const headers = { "Access-Control-Allow-Origin": "*" };
      if (request.url === "/old") response.writeHead(302, { ...headers, Location: "/new" }).end();
      else response.writeHead(200, headers).end();
    });
    const { status, stdout } = await runCommand(["check", `${url}/old`]);
    expect(status).toBe(0);
    expect(stdout).toContain(`Redirected (status 302) to ${url}/new.`);
    expect((await runCommand(["check", `${url}/old`, "--redirect", "error"])).status).toBe(1);
    expect((await runCommand(["check", `${url}/old`, "--redirect", "manual"])).stdout).toContain(
      "exposure/opaque-redirect",
    );
  });

  test("trusts the certificates of --cacert and no others", async () => {
    const { key, cert } = selfSignedCertificate("api.test");
    const port = await start(
      createHttpsServer(
        { key, cert },
        (_request, response) => void response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end(),
      ),
    );
    const args = ["check", `https://api.test:${port}/`, "--resolve", `api.test:${port}:127.0.0.1`];
    const refused = await runCommand(args);
    expect(refused.status).toBe(3);
    expect(refused.stdout).toContain("network/tls-certificate");
    const trusted = await runCommand([...args, "--cacert", await temporaryFile("ca.pem", cert)]);
    expect(trusted.stdout).toContain("SHARED");
    expect(trusted.status).toBe(0);
  });

  test.each([
    ["the text itself", "hello", "", "hello"],
    ["standard input with -", "-", "from a pipe", "from a pipe"],
    ["standard input with @-", "@-", "from a pipe", "from a pipe"],
  ])("sends as the body %s", async (_name, data, stdin, expected) => {
    let received = "";
    const url = await httpServer((request, response) => {
      received = `${request.method} ${request.headers["content-type"]} `;
      request.on("data", (chunk: Buffer) => void (received += chunk.toString()));
      request.on("end", () => response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end());
    });
    const { status, stdout } = await runCommand(["check", url, "-d", data], { stdin });
    expect(status).toBe(0);
    expect(stdout).toContain("Preflight  not needed");
    expect(received).toBe(`POST text/plain;charset=UTF-8 ${expected}`);
  });

  test("sends the bytes of a file with @FILE, under the type that was given", async () => {
    let received = "";
    const url = await httpServer((request, response) => {
      received = `${request.headers["content-type"]} `;
      request.on("data", (chunk: Buffer) => void (received += chunk.toString()));
      request.on("end", () => response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end());
    });
    const file = await temporaryFile("body.txt", "a=1&b=2\n");
    await runCommand(["check", url, "-d", `@${file}`, "-H", "content-type: application/x-www-form-urlencoded"]);
    expect(received).toBe("application/x-www-form-urlencoded a=1&b=2\n");
  });

  test("escapes what a hostile server sends to the terminal", async () => {
    const url = await httpServer((_request, response) => {
      response.writeHead(200, { "Access-Control-Allow-Origin": "\u009b31mred", Vary: "\u0085x" }).end();
    });
    const { stdout, status } = await runCommand(["check", url, "-v"], { isTTY: true, env: { NO_COLOR: "1" } });
    expect(status).toBe(1);
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stdout).toContain("\\x9b31mred");
  });
});

describe("check --json", () => {
  test.each([
    ["shared", "http://app.example", [], 0],
    ["withheld", "http://other.example", [], 1],
    ["withheld", "http://other.example", ["-X", "DELETE", "-H", "authorization: Bearer x", "-H", "x-own: 1"], 1],
    ["withheld", "http://app.example", ["--credentials", "include"], 1],
    ["withheld", "http://app.example", ["--mode", "no-cors"], 1],
    ["withheld", "http://app.example", ["--mode", "same-origin"], 1],
    ["shared", "http://app.example", ["-X", "PUT", "--profile", "chromium"], 0],
  ])("prints one object that fits the schema: %s for %s %j", async (verdict, origin, args, status) => {
    const result = await runCommand(["check", await guarded(), "--json", "-o", origin, ...args]);
    const explanation = parseJsonOutput(result.stdout);
    expect(explanation.verdict).toBe(verdict);
    expect(explanation.page.origin).toBe(origin);
    expect(explanation.code === null).toBe(verdict === "shared");
    expect(result.status).toBe(status);
  });

  test("prints it for network failures too", async () => {
    const { status, stdout, stderr } = await runCommand(["check", "http://127.0.0.1:1/", "--json"]);
    // Port 1 is one that browsers never connect to; the next is one where nobody is.
    expect(parseJsonOutput(stdout).code).toBe("main-fetch/bad-port");
    expect(status).toBe(1);
    expect(stderr).toBe("");
    const refused = await runCommand(["check", "http://127.0.0.1:2/", "--json"]);
    expect(parseJsonOutput(refused.stdout)).toMatchObject({
      verdict: "network-failure",
      code: "network/connection-refused",
    });
    expect(refused.status).toBe(3);
  });

  test("prints notes on standard error, so that the object stays alone", async () => {
    const { stdout, stderr } = await runCommand(["check", await guarded(), "--json", "-H", "Host: x"]);
    parseJsonOutput(stdout);
    expect(stderr).toBe(
      "crossorigin: note: The header Host is not sent: browsers drop it silently, as pages may not set it.\n",
    );
  });

  test("prints no object on wrong usage", async () => {
    const { status, stdout } = await runCommand(["check", "api.example", "--json"]);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });
});

describe("check --redact", () => {
  const SECRETS = /s3cret/;

  test.each([
    ["in text", ["-v"]],
    ["in JSON", ["--json"]],
  ])("leaves credentials, cookies and queries out, %s", async (_name, args) => {
    const url = await httpServer((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
      response.setHeader("Access-Control-Allow-Credentials", "true");
      response.setHeader("Access-Control-Allow-Headers", "authorization");
      response.setHeader("Set-Cookie", ["id=s3cret", "__Host-id=s3cret"]);
      response.setHeader("Link", "<https://a.example/?t=s3cret>; rel=next");
      if (request.url?.startsWith("/?") === true && request.method === "GET")
        response.writeHead(302, { Location: "/next?a,b;c='s3cret s3cret" });
      else response.setHeader("Location", "https://u:s3cret@a.example/#s3cret");
      response.end();
    });
    const { stdout, stderr, status } = await runCommand(
      [
        "check",
        `${url}/?key=a,s3cret#s3cret`,
        "-o",
        "http://app.example",
        "--credentials",
        "include",
        "-H",
        "Authorization: Bearer s3cret",
        "--redact",
        ...args,
      ],
      { isTTY: true, env: { NO_COLOR: "1" } },
    );
    expect(stdout).not.toMatch(SECRETS);
    expect(stderr).not.toMatch(SECRETS);
    expect(status).toBe(0);
    expect(stdout).toContain("/?[redacted, 12 characters]");
    expect(stdout).toContain("[redacted, 13 characters]");
    if (args.includes("--json")) parseJsonOutput(stdout);
  });

  test("leaves the query out of failures of the network and of redirects", async () => {
    const refused = await runCommand(["check", "http://127.0.0.1:2/?s3cret", "--redact"]);
    expect(refused.stdout).not.toMatch(SECRETS);
    expect(refused.status).toBe(3);
    const url = await httpServer((_request, response) => {
      response.writeHead(302, { "Access-Control-Allow-Origin": "*", Location: "ftp://a.example/?s3cret" }).end();
    });
    const redirected = await runCommand(["check", url, "--redact"]);
    expect(redirected.stdout).not.toMatch(SECRETS);
    expect(redirected.status).toBe(1);
  });

  test.each([
    ["api.example/?s3cret"],
    ["http://a.example/", "-H", 'Authorization "s3cret" s3cret'],
    ["http://a.example/", "-o", "http://s3cret"],
    ["http://a.example:x/?s3cret"],
  ])("leaves what was typed out of complaints: %s", async (...args) => {
    const { status, stderr } = await runCommand(["check", ...args, "--redact", "-d", "x", "-X", "GET"]);
    expect(stderr).not.toMatch(SECRETS);
    expect(status).toBe(2);
  });

  test("without it all is shown as it was", async () => {
    const { stdout } = await runCommand(["check", `${await guarded()}/?s3cret`]);
    expect(stdout).toMatch(SECRETS);
  });
});

describe("colour and progress", () => {
  test("a pipe gets plain text, a terminal colour", async () => {
    const url = await guarded();
    expect((await runCommand(["check", url])).stdout).not.toContain("\u{1b}");
    expect((await runCommand(["check", url], { isTTY: true })).stdout).toContain("\u{1b}[");
  });

  test.each([
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, false],
  ] satisfies [Record<string, string>, boolean, boolean][])(
    "with %j and a terminal: %s, colour: %s",
    async (env, isTTY, isColoured) => {
      const { stdout } = await runCommand(["check", await guarded()], { env, isTTY });
      expect(stdout.includes("\u{1b}[")).toBe(isColoured);
    },
  );

  test.each([0, 10, 80, 500])("a terminal of %i columns gets lines of 40 to 120", async (columns) => {
    const { stdout } = await runCommand(["check", await guarded()], { isTTY: true, columns, env: { NO_COLOR: "1" } });
    const longest = Math.max(...stdout.split("\n").map((line) => line.length));
    expect(longest).toBeGreaterThan(35);
    expect(longest).toBeLessThanOrEqual(120);
  });

  test("a terminal sees what is being waited for, and a pipe nothing", async () => {
    const slow = (): Promise<string> =>
      httpServer((_request, response) => {
        setTimeout(() => response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end(), 600);
      });
    const [terminal, pipe] = await Promise.all([
      runCommand(["check", await slow()], { isTTY: true }),
      runCommand(["check", await slow()], { isTTY: false }),
    ]);
    expect(terminal.stderr).toContain("GET http://127.0.0.1:");
    expect(terminal.stderr.endsWith("\r\u{1b}[K")).toBe(true);
    expect(pipe.stderr).toBe("");
  });
});
