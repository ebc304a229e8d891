import { expect, test } from "vitest";
import type { Header } from "../../src/protocol/index.ts";
import { FakeNetwork, scripted } from "../fake-network.ts";

const PAGE = "https://page.example/x";
const API = "https://api.example/x";
const GRANT: Header = ["Access-Control-Allow-Origin", "*"];
const ALL: Header = ["Timing-Allow-Origin", "*"];

test.each<[what: string, url: string, first: Header[], second: Header[] | null, timing: boolean, taint: string]>([
  ["of the page's own origin is the page's", PAGE, [], null, true, "same-origin"],
  ["of another origin is not", API, [GRANT], null, false, "same-origin"],
  ["of another origin is if it says so", API, [GRANT, ALL], null, true, "same-origin"],
  [
    "of another origin is if it names the page",
    API,
    [GRANT, ["Timing-Allow-Origin", "https://x.example, https://page.example"]],
    null,
    true,
    "same-origin",
  ],
  ["is not once a redirect kept it", API, [GRANT], [GRANT, ALL], false, "cross-site"],
  ["is if all of a chain say so", API, [GRANT, ALL], [GRANT, ALL], true, "cross-site"],
])(
  "7.24, 9.05, 16.05: the timing of a response %s",
  async (_what, url, first, second, timingAllowPassed, redirectTaint) => {
    const end = "https://end.test/";
    const network = new FakeNetwork(
      scripted({
        [`GET ${url}`]: second === null ? { headers: first } : { status: 302, headers: [...first, ["Location", end]] },
        [`GET ${end}`]: { headers: second ?? [] },
      }),
    );
    const { trace } = await network.fetch({ url });
    expect(trace.at(-1)).toMatchObject({ type: "done", timingAllowPassed, redirectTaint });
  },
);
