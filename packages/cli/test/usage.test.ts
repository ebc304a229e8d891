import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runCommand } from "./run-command.ts";
import { httpServer } from "./test-servers.ts";

/** Wrong usage, and words of the one line that says so. */
const MISTAKES: readonly (readonly [args: readonly string[], words: string])[] = [
  [["chekc"], "unknown command 'chekc' (Did you mean check?)"],
  [["nonsense"], "unknown command 'nonsense'; see crossorigin --help"],
  [["--nonsense"], "unknown option '--nonsense'; see crossorigin --help"],
  [["help", "nonsense"], "see crossorigin --help"],
  [["check"], "missing required argument 'url'; see crossorigin check --help"],
  [["check", "http://a.example/", "http://b.example/"], "too many arguments for 'check'"],
  [["check", "http://a.example/", "--originn", "x"], "unknown option '--originn' (Did you mean --origin?)"],
  [["check", ""], "the URL is empty, as from a variable that is not set; write it as https://api.example/items"],
  [
    ["check", "http://a.example/", "-o", "https://a.example", "--opaque-origin"],
    "--opaque-origin cannot go with --origin",
  ],
  [["check", "http://a.example/", "-o", "https://a.example", "-o", "https://b.example"], "--origin is given twice"],
  [["check", "http://a.example/", "-X", "PUT", "--request", "POST"], "--request is given twice"],
  [["check", "http://a.example/", "-d", "a", "-d", "b"], "--data is given twice"],
  [["check", "http://a.example/", "--as", "img", "--as", "font"], "--as is given twice; there can be one"],
  [["check", "http://a.example/", "--mode", "cors", "--mode=cors"], "--mode is given twice"],
  [["check", "http://a.example/", "--profile", "firefox", "--profile", "webkit"], "--profile is given twice"],
  [["check", "http://a.example/", "--timeout", "1", "--timeout", "2"], "--timeout is given twice"],
  [["migrate", "cors.json", "--from", "express", "--from", "koa"], "--from is given twice"],
  [["demo", "--page-port", "1", "--page-port", "2"], "--page-port is given twice"],
  [["check", "http://a.example/", "--timeout", "0.001"], "give seconds from 0.1 to 3600"],
  [["check", "api.example/items"], 'the URL "api.example/items" has no scheme; try "https://api.example/items"'],
  [["check", "//api.example/items"], 'has no scheme; try "https://api.example/items"'],
  [["check", "localhost:3000/x"], 'the URL "localhost:3000/x" has no scheme; try "http://localhost:3000/x"'],
  [["check", "http://"], 'the URL "http://" cannot be parsed'],
  [["check", "http://a.example:99999/"], "cannot be parsed; check its host name and its port"],
  [["check", "ftp://a.example/"], "is neither http nor https"],
  [["check", "https://u:secret@a.example/"], "holds a user name or a password"],
  [
    ["check", "http://a.example/", "-o", "https://app.example/"],
    'the origin "https://app.example/" is no origin as a browser sends it; try "https://app.example"',
  ],
  [["check", "http://a.example/", "-o", "HTTPS://App.example:443"], 'try "https://app.example"'],
  [["check", "http://a.example/", "-o", "app.example"], 'try "https://app.example"'],
  [["check", "http://a.example/", "-o", "*"], "write it as https://app.example, or null"],
  [["check", "http://a.example/", "-o", "capacitor://localhost"], "is no web page's"],
  [["check", "http://a.example/", "-X", "GE T"], 'the method "GE T" is no method'],
  [["check", "http://a.example/", "-X", "trace"], "browsers refuse to send"],
  [["check", "http://a.example/", "-X", "get", "-d", "x"], "--data cannot go with GET"],
  [["check", "http://a.example/", "-X", "PUT", "--mode", "no-cors"], "--mode no-cors allows GET, HEAD and POST only"],
  [["check", "http://a.example/", "-H", "nonsense"], "has no colon; write it as 'name: value'"],
  [["check", "http://a.example/", "-H", "a b: c"], "has no valid name"],
  [["check", "http://a.example/", "-H", ": c"], "has no valid name"],
  [["check", "http://a.example/", "-H", "a: b\r\nc: d"], "holds a line break"],
  [["check", "http://a.example/", "-H", "a: \u2603"], "beyond Latin-1"],
  [["check", "http://a.example/", "--mode", "navigate"], "Allowed choices are cors, no-cors, same-origin"],
  [["check", "http://a.example/", "--credentials", "yes"], "Allowed choices are include, same-origin, omit"],
  [["check", "http://a.example/", "--profile", "lynx"], "Allowed choices are standard, chromium, firefox, webkit"],
  [["check", "http://a.example/", "--resolve", "a.example:80"], "write it as host:port:address"],
  [["check", "http://a.example/", "--resolve", "a.example:99999:127.0.0.1"], "no valid port"],
  [["check", "http://a.example/", "--resolve", "a.example:80:b.example"], "must end in an IP address"],
  [["check", "http://a.example/", "--resolve", "a.example:80:1.2.3.999"], "must end in an IP address"],
  [["check", "http://a.example/", "--timeout", "0"], '--timeout "0" is no time to wait'],
  [["check", "http://a.example/", "--timeout", "soon"], '--timeout "soon" is no time'],
  [
    ["check", "http://a.example/", "--cacert", "/does/not/exist.pem"],
    'the certificate in "/does/not/exist.pem" cannot be read: there is no such file',
  ],
  [["check", "http://a.example/", "--cacert", "/dev/null"], "holds no certificate in PEM format"],
  [["check", "http://a.example/", "--key", "k.pem"], '--key "k.pem" cannot go without --cert'],
  [["check", "http://a.example/", "--cert", "a.pem", "--cert", "b.pem"], "--cert is given twice"],
  [
    ["check", "http://a.example/", "-d", "@/does/not/exist"],
    'the body in "/does/not/exist" cannot be read: there is no such file',
  ],
  [["check", "http://a.example/", "-d", "@/tmp"], "cannot be read: it is a directory"],
  [["lint"], "missing required argument 'file'"],
  [["lint", "/does/not/exist.json"], 'the policy in "/does/not/exist.json" cannot be read: there is no such file'],
  [["demo", "--page-port", "http"], 'the port "http" is none; use 0 to 65535'],
  [["demo", "--page-port", "65536"], "use 0 to 65535"],
  [["demo", "--page-port", "5555", "--resource-port", "5555"], "--page-port and --resource-port are both 5555"],
  [["completion", "tcsh"], "Allowed choices are bash, zsh, fish"],
];

describe("wrong usage", () => {
  test.each(MISTAKES)("%j is one line on standard error and status 2", async (args, words) => {
    const { status, stdout, stderr } = await runCommand(args);
    expect(stderr).toContain(words);
    expect(stderr).toMatch(/^crossorigin: [^\n]+\n$/);
    expect(stderr).not.toMatch(/\.;|\bat .*\.[jt]s/);
    expect(stderr).not.toContain("secret");
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  test("control sequences in arguments do not reach the terminal", async () => {
    for (const args of [["\u001b[31m"], ["check", "\u001b]0;x\u0007"], ["check", "http://a.example/", "--\u001b[2J"]]) {
      const { status, stderr } = await runCommand(args);
      expect(stderr.replace(/\n$/, "")).toMatch(/^[\x20-\x7e]+$/);
      expect(status).toBe(2);
    }
  });

  test("no command at all prints the help on standard error", async () => {
    const { status, stdout, stderr } = await runCommand([]);
    expect(stdout).toBe("");
    expect(stderr).toContain("Usage: crossorigin [options] [command]");
    expect(status).toBe(2);
  });

  test("an input without end is refused", async () => {
    const megabyte = Buffer.alloc(1024 * 1024);
    function* endless(): Generator<Buffer> {
      for (;;) yield megabyte;
    }
    const { status, stderr } = await runCommand(["lint", "-"], { stdin: Readable.from(endless()) });
    expect(stderr).toBe("crossorigin: the policy in standard input is larger than 67108864 bytes\n");
    expect(status).toBe(2);
  });

  test("a port in use is said so, with the way out", async () => {
    const port = new URL(await httpServer(() => {})).port;
    for (const option of ["--page-port", "--resource-port"]) {
      const { status, stderr } = await runCommand(["demo", option, port]);
      expect(stderr).toBe(
        `crossorigin: port ${port} cannot be used: another program uses it; choose another with ${option}\n`,
      );
      expect(status).toBe(2);
    }
  });
});

describe("help and version", () => {
  test.each([
    [["--help"]],
    [["help"]],
    [["help", "check"]],
    [["check", "--help"]],
    [["lint", "-h"]],
    [["demo", "--help"]],
    [["completion", "--help"]],
  ])("%j prints help and exits 0", async (args) => {
    const { status, stdout, stderr } = await runCommand(args);
    expect(stdout).toMatch(/^Usage: crossorigin /);
    expect(stdout.endsWith("\n")).toBe(true);
    if (args.length === 2) expect(stdout).toContain("Examples:");
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test.each(["--version", "-V"])("%s prints the version", async (flag) => {
    const { status, stdout } = await runCommand([flag]);
    expect(stdout).toMatch(/^[0-9]+\.[0-9]+\.[0-9]+\S*\n$/);
    expect(status).toBe(0);
  });
});

describe("lint", () => {
  async function policyFile(content: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "crossorigin-lint-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "cors.json");
    await writeFile(path, content);
    return path;
  }

  test("says that a sound policy is sound", async () => {
    const path = await policyFile('{ "origins": ["https://app.example"], "credentials": true }');
    const { status, stdout } = await runCommand(["lint", path]);
    expect(stdout).toBe(`✔ ${path}: the policy is sound\n`);
    expect(status).toBe(0);
  });

  test("prints every issue with place, reason, suggestion and code", async () => {
    const path = await policyFile('{ "origins": ["https://app.example/"], "methods": ["put"], "colour": 1 }');
    const { status, stdout } = await runCommand(["lint", path]);
    expect(stdout).toContain("the policy is refused, 3 issues");
    expect(stdout).toContain('origins[0] is "https://app.example/"');
    expect(stdout).toContain('Use "https://app.example" instead.');
    expect(stdout).toContain("policy/origin-trailing-slash");
    expect(stdout).toContain("policy/unknown-field");
    expect(status).toBe(1);
  });

  test("reads standard input, and prints an object with --json", async () => {
    const { status, stdout } = await runCommand(["lint", "-", "--json"], {
      stdin: '{ "origins": "*", "credentials": true }',
    });
    expect(JSON.parse(stdout)).toEqual({
      accepted: false,
      issues: [{ code: "policy/wildcard-with-credentials", path: ["origins"], received: "*", suggestion: null }],
    });
    expect(status).toBe(1);
  });

  test.each(["", "{", "null,", "\u001b[31m"])("refuses %j, which is not JSON, in one line", async (content) => {
    const { status, stdout, stderr } = await runCommand(["lint", "-"], { stdin: content });
    expect(stderr).toMatch(/^crossorigin: the policy in standard input is not JSON: [\x20-\x7e]+\n$/);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  test.each(["null", "[]", "1", '"x"'])("refuses %s as a policy", async (content) => {
    const { status, stdout } = await runCommand(["lint", "-"], { stdin: content });
    expect(stdout).toContain("policy/not-an-object");
    expect(status).toBe(1);
  });

  async function lintText(stdin: string, ...args: string[]) {
    const { status, stdout, stderr } = await runCommand(["lint", "-", ...args], { stdin });
    expect(stderr).toBe("");
    return { status, stdout };
  }

  test.each(["origins", "colour", "credentials"])("shows the top of a value without a bottom in %s", async (field) => {
    const deep = `{ "${field}": ${"[".repeat(100_000)}${"]".repeat(100_000)} }`;
    for (const args of [[], ["--json"]]) {
      const { status, stdout } = await lintText(deep, ...args);
      expect(status).toBe(1);
      expect(stdout.length).toBeLessThan(5000);
    }
  });

  test("shows the top of a long list, and of many issues", async () => {
    const long = JSON.stringify({ credentials: Array(10_000).fill(0), origins: Array(10_000).fill(0) });
    const { stdout } = await lintText(long);
    expect(stdout).toContain("10001 issues");
    expect(stdout).toContain("… and 9801 more");
    const { stdout: json } = await lintText(
      JSON.stringify({ colour: 1, credentials: Array(10_000).fill(0) }),
      "--json",
    );
    expect(json).toContain("... and 9900 more");
  });

  test("refuses a field that stands there twice, in whatever spelling", async () => {
    const { status, stdout } = await lintText('{"origins":["https://a.example"],"\\u006frigins":"*"}');
    expect(stdout).toContain("1 issue\n");
    expect(stdout).toContain("origins\n    The field stands in the file more than once.");
    expect(status).toBe(1);
    const nested = '{"origins":["https://a.example","https://b.example:{"],"methods":"*"}';
    expect((await lintText(nested)).stdout).not.toContain("more than once");
    expect(JSON.parse((await lintText('{"origins":"*","origins":"*"}', "--json")).stdout)).toEqual({
      accepted: false,
      issues: [{ code: "policy/duplicate", path: ["origins"], received: "origins", suggestion: null }],
    });
  });

  test.each([
    ['{"origins":"*","credentials":"yes"}', "It has to be true or false."],
    ['{"origins":1}', 'It has to be "*" or a list of strings.'],
    ['{"origins":[1]}', "It has to be a string."],
    ['{"origins":"*","preflightAnswer":1}', 'It has to be "full" or "requested".'],
  ])("says which type is wanted: %s", async (policy, words) => {
    const { stdout } = await lintText(policy);
    expect(stdout).toContain(words);
  });

  test.each([
    ["orgins", '"origins"'],
    ["credentails", '"credentials"'],
    ["exposedHeader", '"exposedHeaders"'],
    ["dangerouslyAllowNulOrigin", '"dangerouslyAllowNullOrigin"'],
    ["maxAge", '"maxAgeSeconds"'],
  ])("asks whether %s means %s, and shows its value", async (name, meant) => {
    const { stdout } = await lintText(JSON.stringify({ [name]: { a: [1] } }));
    expect(stdout).toContain(`  ${name} is {"a":[1]}\n`);
    expect(stdout).toContain(`Did you mean ${meant}?`);
  });

  test.each(["https://*", "https://*.*", "https://*:8443", "https://*.com", "https://*.intranet"])(
    "says of %s what its asterisk covers, and what to write",
    async (origin) => {
      const { stdout } = await lintText(JSON.stringify({ origins: [origin] }));
      expect(stdout).toContain("1 issue\n");
      expect(stdout.replaceAll(/\s+/g, " ")).toContain(
        "stands for every host, or for every host below a name without a dot",
      );
    },
  );

  test.each(["https://foo.*.example", "https://a.example.*", "https://[*]"])(
    "does not say so of %s, whose asterisk is somewhere else",
    async (origin) => {
      const { stdout } = await lintText(JSON.stringify({ origins: [origin] }));
      expect(stdout).toContain("A wildcard stands for whole labels before a domain");
      expect(stdout).not.toContain("every");
    },
  );

  test("does not guess at a field that is like none", async () => {
    expect((await lintText('{"origins":"*","colour":1}')).stdout).not.toContain("Did you mean");
  });

  test("escapes hostile values", async () => {
    const { stdout } = await runCommand(["lint", "-"], {
      stdin: JSON.stringify({ origins: ["\u001b[31m\u202e"], "\u001b[2J": 1 }),
    });
    for (const character of ["\u001b", "\u202e"]) expect(stdout).not.toContain(character);
  });
});
