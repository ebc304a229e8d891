import { createServer } from "node:http";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, type LoadOptions, createUserAgent } from "@crossorigin/useragent";
// oxlint-disable-next-line no-restricted-imports -- the tests' one driver of the browser, which no package publishes
import { withChromium } from "../../cli/test/chromium.ts";
import { answer, pathOf } from "./element-load-server.ts";
import { listen } from "./loopback.ts";

/** One load, told in a word or two by each side. */
interface Case {
  readonly element: LoadOptions["element"];
  readonly crossorigin?: "anonymous" | "use-credentials";
  readonly src: string;
  readonly expected: string;
  /** Where Chromium leaves the standard. */
  readonly chromium?: string;
}

const FOREIGN = "http://api.other:0";
const SHARED = { allow: "*" } as const;

const CASES: readonly Case[] = [
  { element: "img", src: "/png", expected: "readable" },
  { element: "img", src: `${FOREIGN}/png`, expected: "tainted" },
  { element: "img", src: `${FOREIGN}${pathOf("/png", SHARED)}`, expected: "tainted" },
  { element: "img", crossorigin: "anonymous", src: `${FOREIGN}${pathOf("/png", SHARED)}`, expected: "readable" },
  { element: "img", crossorigin: "anonymous", src: `${FOREIGN}/png`, expected: "error" },
  { element: "img", crossorigin: "use-credentials", src: `${FOREIGN}${pathOf("/png", SHARED)}`, expected: "error" },
  { element: "img", src: `${FOREIGN}${pathOf("/png", { corp: "same-origin" })}`, expected: "error" },
  { element: "img", src: pathOf("/png", { status: "404" }), expected: "readable" },
  { element: "img", src: pathOf("/page", { type: "image/png" }), expected: "error" },
  { element: "script", src: "/throws", expected: "reported" },
  { element: "script", src: `${FOREIGN}${pathOf("/throws", SHARED)}`, expected: "muted" },
  { element: "script", crossorigin: "anonymous", src: `${FOREIGN}${pathOf("/throws", SHARED)}`, expected: "reported" },
  { element: "script", src: pathOf("/throws", { type: "text/csv" }), expected: "error" },
  { element: "script", src: pathOf("/throws", { type: "text/plain", nosniff: "nosniff" }), expected: "error" },
  { element: "script", src: pathOf("/throws", { status: "404" }), expected: "error" },
  { element: "module", src: `${FOREIGN}/throws`, expected: "error" },
  { element: "module", src: `${FOREIGN}${pathOf("/throws", SHARED)}`, expected: "reported" },
  { element: "module", src: pathOf("/throws", { type: "text/plain" }), expected: "error" },
  { element: "link-stylesheet", src: `${FOREIGN}/style`, expected: "opaque" },
  {
    element: "link-stylesheet",
    crossorigin: "anonymous",
    src: `${FOREIGN}${pathOf("/style", SHARED)}`,
    expected: "readable",
  },
  { element: "link-stylesheet", crossorigin: "anonymous", src: `${FOREIGN}/style`, expected: "error" },
  { element: "link-stylesheet", src: pathOf("/style", { status: "404" }), expected: "error" },
  {
    element: "link-stylesheet",
    src: pathOf("/style", { type: "text/plain" }),
    expected: "error",
    chromium: "load of an empty sheet",
  },
  { element: "font", src: `${FOREIGN}/font`, expected: "refused" },
  { element: "font", src: `${FOREIGN}${pathOf("/font", SHARED)}`, expected: "usable" },
  { element: "font", src: pathOf("/font", { status: "404" }), expected: "refused" },
  { element: "shape-outside", src: "/png", expected: "used" },
  { element: "shape-outside", src: `${FOREIGN}/png`, expected: "ignored" },
  { element: "shape-outside", src: `${FOREIGN}${pathOf("/png", SHARED)}`, expected: "used" },
  { element: "audio", src: `${FOREIGN}/sound`, expected: "load" },
  { element: "audio", crossorigin: "anonymous", src: `${FOREIGN}/sound`, expected: "error" },
];

/** Runs in the browser's page. A source of its own for every load keeps caches out of it. */
async function loadInPage({ element, crossorigin, src }: Case): Promise<string> {
  const ended = async (target: EventTarget, load = "load"): Promise<string> =>
    new Promise((resolve) => {
      target.addEventListener(load, () => resolve("load"), { once: true });
      target.addEventListener("error", () => resolve("error"), { once: true });
    });
  const attributed = <E extends HTMLElement>(target: E): E => {
    if (crossorigin !== undefined) target.setAttribute("crossorigin", crossorigin);
    return target;
  };
  const readable = (read: () => unknown): boolean => {
    try {
      read();
      return true;
    } catch {
      return false;
    }
  };
  switch (element) {
    case "img": {
      const image = attributed(new Image());
      const end = ended(image);
      image.src = src;
      if ((await end) === "error") return "error";
      const canvas = document.createElement("canvas");
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0);
      return readable(() => context?.getImageData(0, 0, 1, 1)) ? "readable" : "tainted";
    }
    case "script":
    case "module": {
      const script = attributed(document.createElement("script"));
      if (element === "module") script.type = "module";
      let message: string | null = null;
      window.onerror = (told) => {
        message = typeof told === "string" ? told : null;
        return true;
      };
      const end = ended(script);
      script.src = src;
      document.body.append(script);
      if ((await end) === "error") return "error";
      await new Promise((resolve) => setTimeout(resolve, 20));
      return message === "Script error." ? "muted" : "reported";
    }
    case "link-stylesheet": {
      const link = attributed(document.createElement("link"));
      link.rel = "stylesheet";
      const end = ended(link);
      link.href = src;
      document.head.append(link);
      if ((await end) === "error") return "error";
      if (link.sheet === null) return "load without a sheet";
      if (!readable(() => link.sheet?.cssRules)) return "opaque";
      return link.sheet.cssRules.length > 0 ? "readable" : "load of an empty sheet";
    }
    case "font":
      return new FontFace("tested", `url(${JSON.stringify(src)})`).load().then(
        () => "usable",
        () => "refused",
      );
    case "shape-outside": {
      // The picture is stretched over the float: text beside it starts at its right edge, or at the left if there is no shape.
      const box = document.createElement("div");
      box.style.width = "400px";
      const float = document.createElement("div");
      float.style.cssText = `float: left; width: 100px; height: 100px; shape-outside: url(${JSON.stringify(src)})`;
      const text = document.createElement("span");
      text.textContent = "A";
      box.append(float, text);
      document.body.append(box);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return text.getBoundingClientRect().left - box.getBoundingClientRect().left < 50 ? "used" : "ignored";
    }
    default: {
      const audio = attributed(document.createElement("audio"));
      const end = ended(audio, "loadedmetadata");
      audio.src = src;
      return end;
    }
  }
}

/** The same in the words of our handles; images are drawn and read, too. */
async function loadHere(page: Client, { element, crossorigin, src }: Case): Promise<string> {
  const decode = element === "img" ? { decode: loadImage as (bytes: Uint8Array) => unknown } : {};
  const given = { element, src, ...(crossorigin === undefined ? {} : { crossorigin }), ...decode };
  const handle = await page.load(given as LoadOptions);
  switch (handle.element) {
    case "img": {
      if (handle.outcome === "error") return "error";
      const context = page.canvas(createCanvas(2, 2)).getContext("2d");
      context.drawImage(handle, 0, 0);
      try {
        context.getImageData(0, 0, 1, 1);
        return "readable";
      } catch {
        return "tainted";
      }
    }
    case "script":
    case "module":
      return handle.outcome === "error" ? "error" : handle.errors;
    case "link-stylesheet":
      return handle.outcome === "error" ? "error" : handle.cssRules;
    case "font":
      return handle.font;
    case "shape-outside":
      return handle.image;
    default:
      return handle.outcome;
  }
}

describe("loads in Chromium and in our user agent", () => {
  let ours: readonly string[] = [];
  let theirs: readonly string[] = [];

  beforeAll(async () => {
    const server = createServer(answer);
    const port = await listen(server);
    const cases = CASES.map((one) => ({ ...one, src: one.src.replace(":0", `:${port}`) }));
    const url = `http://app.example:${port}/page`;
    const userAgent = createUserAgent({ profile: "chromium", resolve: () => "127.0.0.1" });
    try {
      const page = userAgent.client({ url });
      ours = await Promise.all(cases.map((one) => loadHere(page, one)));
      theirs = await withChromium("MAP app.example 127.0.0.1, MAP api.other 127.0.0.1", async (browser) => {
        const shown: string[] = [];
        const page = await browser.newPage();
        for (const one of cases) {
          await page.goto(url);
          shown.push((await page.evaluate(`(${loadInPage.toString()})(${JSON.stringify(one)})`)) as string);
        }
        return shown;
      });
    } finally {
      await userAgent.close();
      server.closeAllConnections();
      server.close();
    }
  }, 90_000);

  test.each(CASES.map((one, index) => ({ ...one, index })))(
    "agree: $element $src, crossorigin $crossorigin: $expected",
    ({ expected, chromium = expected, index }) => {
      expect({ ours: ours[index], chromium: theirs[index] }).toEqual({ ours: expected, chromium });
    },
  );
});
