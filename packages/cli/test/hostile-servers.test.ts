import { createServer as createHttpsServer } from "node:https";
import { expect, test } from "vitest";
import { selfSignedCertificate } from "./certificate.ts";
import { parseJsonOutput } from "./json-output.ts";
import { runCommand } from "./run-command.ts";
import { rawAnswer, rawServer, start } from "./test-servers.ts";

const TIME_CEILING_MILLISECONDS = 5000;

/** Whatever the server does: one valid object, the right status, nothing on standard error, in time. */
async function checkHostile(url: string, args: readonly string[] = []) {
  const begin = performance.now();
  const { status, stdout, stderr } = await runCommand(["check", url, "--json", "--timeout", "1", ...args]);
  expect(performance.now() - begin).toBeLessThan(TIME_CEILING_MILLISECONDS);
  expect(stderr).toBe("");
  expect(stdout.length).toBeLessThan(2_000_000);
  return { status, explanation: parseJsonOutput(stdout) };
}

test.each([
  ["garbage", "\u0000\u0001\u0002 this is not HTTP\r\n\r\n", "network/http-malformed"],
  ["the greeting of another protocol", "SSH-2.0-OpenSSH_9.2\r\n", "network/http-malformed"],
  ["nothing, and closes", "", "network/connection-reset"],
  ["half a head, and closes", "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Or", "network/connection-reset"],
])("a server that sends %s is no usable answer", async (_name, answer, code) => {
  const { status, explanation } = await checkHostile(await rawAnswer(answer));
  expect(explanation.code).toBe(code);
  expect(status).toBe(3);
});

test("a connection reset in the middle of the head is no usable answer", async () => {
  const url = await rawServer((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n", () => socket.resetAndDestroy()));
  });
  const { status, explanation } = await checkHostile(url);
  expect(explanation.code).toBe("network/connection-reset");
  expect(status).toBe(3);
});

test("a server that never answers is given up after --timeout", async () => {
  const { status, explanation } = await checkHostile(await rawServer(() => {}));
  expect(explanation.code).toBe("network/timeout");
  expect(explanation.summary).toContain("the head of the response did not come");
  expect(explanation.fixes.server).toHaveLength(1);
  expect(status).toBe(3);
});

test("a head that drips for ever is given up after --timeout", async () => {
  const url = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const timer = setInterval(() => socket.write("x: 1\r\n"), 50);
    socket.on("close", () => clearInterval(timer));
  });
  const { status, explanation } = await checkHostile(url);
  expect(explanation.verdict).toBe("network-failure");
  expect(status).toBe(3);
});

test("redirects that are slow one by one are given up as a whole", async () => {
  let count = 0;
  const url = await rawServer((socket) => {
    socket.on("data", () => {
      const answer = `HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /${count++}\r\nContent-Length: 0\r\n\r\n`;
      setTimeout(() => socket.writable && socket.write(answer), 400);
    });
  });
  const { status, explanation } = await checkHostile(url);
  expect(explanation.code).toBe("network/timeout");
  expect(explanation.summary).toContain("the whole fetch took longer than 1 s");
  expect(status).toBe(3);
});

test("a head without end is refused", async () => {
  const url = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const line = `x-filler: ${"a".repeat(8000)}\r\n`;
    const more = (): void => {
      while (socket.writable && socket.write(line));
    };
    socket.on("drain", more);
    more();
  });
  const { status, explanation } = await checkHostile(url);
  expect(explanation.code).toBe("network/headers-too-large");
  expect(status).toBe(3);
});

test("a body without end does not keep the verdict waiting", async () => {
  const url = await rawServer((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\n");
      const more = (): void => {
        while (socket.writable && socket.write("a".repeat(65_536)));
      };
      socket.on("drain", more);
      more();
    });
  });
  const { status, explanation } = await checkHostile(url);
  expect(explanation.verdict).toBe("shared");
  expect(status).toBe(0);
});

const SHARED_HEAD = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n";

test("a body that breaks off is a failure of the network, behind a head that is shared", async () => {
  const url = await rawServer((socket) => {
    socket.once("data", () => {
      socket.write(`${SHARED_HEAD}Content-Length: 1000\r\n\r\nhalf`, () => socket.resetAndDestroy());
    });
  });
  const { status, explanation } = await checkHostile(url);
  expect(explanation).toMatchObject({
    verdict: "network-failure",
    code: "network/connection-reset",
    visible: { type: "cors", status: 200 },
  });
  expect(explanation.notes.map(({ text }) => text).join()).toContain("an error when it reads the body");
  expect(status).toBe(3);
  expect((await runCommand(["check", url])).stdout).toMatch(/status 200 and a body that fails when it is read/);
});

test("a body that does not decode is a failure of the network", async () => {
  const url = await rawAnswer(`${SHARED_HEAD}Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip`);
  const { status, explanation } = await checkHostile(url);
  expect(explanation).toMatchObject({ verdict: "network-failure", code: "network/http-malformed" });
  expect(status).toBe(3);
});

test.each([
  ["is silent behind its beginning", false],
  ["drips", true],
])("a body of a known length that %s is a failure of the network", async (_name, isDripping) => {
  const url = await rawServer((socket) => {
    let timer: NodeJS.Timeout | undefined;
    socket.on("close", () => clearInterval(timer));
    socket.once("data", () => {
      socket.write(`${SHARED_HEAD}Content-Length: 50\r\n\r\nhello`);
      if (isDripping) timer = setInterval(() => socket.write("x"), 200);
    });
  });
  const { status, explanation } = await checkHostile(url);
  expect(explanation).toMatchObject({
    verdict: "network-failure",
    code: "network/timeout",
    visible: { type: "cors", status: 200 },
    fixes: { server: [{ text: expect.stringContaining("keeps the body from ending") as string }] },
  });
  expect(explanation.summary).toContain("did not come to its end in time (Content-Length is 50, and ");
  expect(explanation.notes.map(({ text }) => text).join()).toContain("waits when it reads the body");
  expect(status).toBe(3);
  const { stdout } = await runCommand(["check", url, "--timeout", "1"]);
  expect(stdout).toMatch(/status 200 and a body that does not come to its end/);
});

test.each([
  ["a body without end", "a".repeat(2 * 1024 * 1024), /the body \(not read beyond 1024 KiB\)/],
  ["a body that stays open, as of events,", "data: 1\n\n", /the body \(not read to its end: 9 bytes came/],
])("%s is shared, and it is said how far it was read", async (_name, body, words) => {
  const url = await rawAnswer(`${SHARED_HEAD}\r\n${body}`, { stayOpen: true });
  const { status, stdout } = await runCommand(["check", url, "--timeout", "1"]);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(words);
  expect(status).toBe(0);
});

test("a loop of redirects is shown by its ends", async () => {
  let count = 0;
  const url = await rawServer((socket) => {
    socket.on("data", () => {
      socket.write(
        `HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nSet-Cookie: a=1\r\nLocation: /${count++}\r\nContent-Length: 0\r\n\r\n`,
      );
    });
  });
  const short = await runCommand(["check", url]);
  expect(short.stdout).toContain("http-redirect-fetch/too-many-redirects");
  expect(short.stdout).toContain("… 17 more exchanges, left out here; -v shows all");
  expect(short.stdout).toContain("Exchange 21 of 21");
  expect(short.stdout.split("\n").length).toBeLessThan(80);
  expect((await runCommand(["check", url, "-v"])).stdout).toContain("Exchange 10 of 21");
  const { explanation } = await checkHostile(url);
  expect(explanation.exchanges).toHaveLength(21);
});

test("a thousand header lines are all told, escaped", async () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `x-${index}: \u001b[31m${index}\r\n`).join("");
  const url = await rawAnswer(
    Buffer.from(`HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n${lines}Content-Length: 0\r\n\r\n`, "latin1"),
  );
  const { explanation } = await checkHostile(url);
  expect(JSON.stringify(explanation)).not.toContain("\u001b");
});

test("plain http to a port that speaks TLS leads to the thought of https", async () => {
  const { key, cert } = selfSignedCertificate("api.test");
  const port = await start(createHttpsServer({ key, cert }, (_request, response) => void response.end()));
  const { status, explanation } = await checkHostile(`http://127.0.0.1:${port}/`);
  expect(explanation.fixes.client.map(({ text }) => text).join()).toContain("use https:// instead of http://");
  expect(status).toBe(3);
});

test("https to a plain-http port is a failure of TLS", async () => {
  const url = await rawAnswer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  const { status, explanation } = await checkHostile(url.replace("http:", "https:"));
  expect(explanation.code).toBe("network/tls-protocol");
  expect(status).toBe(3);
});

test("a name that does not exist is a failure of the network", async () => {
  const { status, explanation } = await checkHostile("https://does-not-exist.invalid/");
  expect(["network/name-not-resolved", "network/timeout"]).toContain(explanation.code);
  expect(status).toBe(3);
});
