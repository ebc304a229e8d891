import { expect, test } from "vitest";
import { agent, serve } from "./loopback.ts";
import { traced } from "./xml-http-request-trace.ts";

test("a GET over a real socket tells the page of every state, in order", async () => {
  const server = await serve((_, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.end("hello");
  });
  const { page } = agent();
  const { xhr, events } = traced(page);
  xhr.open("GET", `http://bar.other:${server.port}/`);
  xhr.send();
  await events.end();
  expect(events.seen).toEqual([
    "readystatechange 1",
    "loadstart 1 0/0",
    "readystatechange 2",
    "readystatechange 3",
    "progress 3 5/5",
    "readystatechange 4",
    "load 4 5/5",
    "loadend 4 5/5",
  ]);
  expect(xhr.responseText).toBe("hello");
  expect(xhr.status).toBe(200);
});
