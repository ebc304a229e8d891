import { expect, test } from "vitest";
import { withCors } from "../../src/adapters/fetch.ts";
import { type PolicyConfig, PolicyError } from "../../src/index.ts";

const APP = "https://app.example";
const policy: PolicyConfig = { origins: [APP], methods: ["PUT"] };

function ask(method: string, headers: Readonly<Record<string, string>>): Request {
  return new Request("https://api.example/", { method, headers });
}

test("the response itself gets the grant, beside what it says already", async () => {
  const response = new Response("x", { headers: { Vary: "Accept" } });
  const answered = await withCors(policy, () => response)(ask("GET", { Origin: APP }));
  expect(answered).toBe(response);
  expect([answered.headers.get("Access-Control-Allow-Origin"), answered.headers.get("Vary")]).toEqual([
    APP,
    "Accept, Origin",
  ]);
});

test("a response that cannot be changed is copied with status and cookies", async () => {
  const immutable = Response.redirect("https://api.example/x", 303);
  const answered = await withCors(policy, () => Promise.resolve(immutable))(ask("GET", { Origin: APP }));
  expect([
    answered.status,
    answered.headers.get("Location"),
    answered.headers.get("Access-Control-Allow-Origin"),
  ]).toEqual([303, "https://api.example/x", APP]);
});

test("a preflight is answered and never reaches the handler", async () => {
  const handler = withCors(policy, () => {
    throw new Error("reached");
  });
  const preflight = (origin: string): Request =>
    ask("OPTIONS", { Origin: origin, "Access-Control-Request-Method": "PUT" });
  const granted = await handler(preflight(APP));
  expect([granted.status, granted.headers.get("Access-Control-Allow-Methods")]).toEqual([204, "PUT"]);
  const refused = await handler(preflight("https://evil.test"));
  expect([refused.status, [...refused.headers.keys()]]).toEqual([403, ["vary"]]);
});

test("further arguments reach the handler", async () => {
  const handler = withCors(
    { origins: "*" },
    (_request: Request, environment: { readonly name: string }) => new Response(environment.name),
  );
  expect(await (await handler(ask("GET", {}), { name: "env" })).text()).toBe("env");
});

test("a policy that is refused is refused when the handler is built", () => {
  expect(() => withCors({ origins: [] }, () => new Response())).toThrow(PolicyError);
});
