import { createCanvas, loadImage } from "@napi-rs/canvas";
import { describe, expect, test } from "vitest";
import type { Client, ElementLoad } from "@crossorigin/useragent";
import { answer, pathOf } from "./element-load-server.ts";
import { agent, rejection, serve } from "./loopback.ts";

interface Stage {
  readonly page: Client;
  readonly readable: ElementLoad<"img">;
  readonly tainted: ElementLoad<"img">;
  readonly broken: ElementLoad<"img">;
}

async function stage(): Promise<Stage> {
  const server = await serve(answer);
  const { page } = agent({}, `http://foo.example:${server.port}/`);
  const other = `http://bar.other:${server.port}`;
  const decode = loadImage as (bytes: Uint8Array) => unknown;
  const shared = `${other}${pathOf("/png", { allow: "*" })}`;
  return {
    page,
    readable: await page.load({ element: "img", src: shared, crossorigin: "anonymous", decode }),
    tainted: await page.load({ element: "img", src: `${other}/png`, decode }),
    broken: await page.load({ element: "img", src: "/page", decode }),
  };
}

/** The name of the `DOMException` that `act` throws; null if it throws nothing. */
function thrownBy(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof DOMException) return error.name;
    throw error;
  }
}

describe("a canvas", () => {
  test("27.11: draws an image that CORS allows, and can be read", async () => {
    const { page, readable } = await stage();
    const canvas = page.canvas(createCanvas(2, 2));
    const context = canvas.getContext("2d");
    context.drawImage(readable, 0, 0);
    expect([...context.getImageData(0, 0, 1, 1).data]).toEqual([255, 0, 0, 255]);
    expect(canvas.toDataURL()).toMatch(/^data:image\/png;base64,/);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    expect(blob).toMatchObject({ type: "image/png" });
  });

  test("27.03, 27.04: cannot be read by any means once a tainted image was drawn", async () => {
    const { page, tainted } = await stage();
    const canvas = page.canvas(createCanvas(2, 2));
    const context = canvas.getContext("2d");
    context.drawImage(tainted, 0, 0, 2, 2);
    const reads: Readonly<Record<string, () => unknown>> = {
      getImageData: () => context.getImageData(0, 0, 1, 1),
      toDataURL: () => canvas.toDataURL(),
      toBlob: () => canvas.toBlob(() => {}),
      toBuffer: () => canvas.toBuffer("image/png"),
      data: () => canvas.data(),
      encodeSync: () => canvas.encodeSync("png"),
      "by way of the context": () => context.canvas.toDataURL(),
      "by way of another wrapper": () => page.canvas(canvas).getContext("2d").getImageData(0, 0, 1, 1),
    };
    for (const [name, read] of Object.entries(reads)) expect([name, thrownBy(read)]).toEqual([name, "SecurityError"]);
    for (const read of [canvas.encode("png"), canvas.toDataURLAsync(), canvas.convertToBlob()])
      expect(await rejection(read)).toMatchObject({ name: "SecurityError" });
    expect(context.measureText("A").width).toBeGreaterThan(0);
  });

  test("27.03: stays tainted whatever is done to it", async () => {
    const { page, tainted } = await stage();
    const real = createCanvas(2, 2);
    const canvas = page.canvas(real);
    canvas.getContext("2d").drawImage(tainted, 0, 0);
    canvas.width = 4;
    expect(real.width).toBe(4);
    canvas.getContext("2d").reset();
    expect(thrownBy(() => canvas.toDataURL())).toBe("SecurityError");
    expect(thrownBy(() => page.canvas(real).toDataURL())).toBe("SecurityError");
  });

  test("taints the canvas that it is drawn on", async () => {
    const { page, tainted } = await stage();
    const [first, second, third] = [createCanvas(2, 2), createCanvas(2, 2), createCanvas(2, 2)];
    page.canvas(first).getContext("2d").drawImage(tainted, 0, 0);
    page.canvas(second).getContext("2d").drawImage(page.canvas(first), 0, 0);
    expect(thrownBy(() => page.canvas(second).toDataURL())).toBe("SecurityError");
    page.canvas(third).getContext("2d").drawImage(second, 0, 0);
    expect(thrownBy(() => page.canvas(third).toDataURL())).toBe("SecurityError");
  });

  test("27.03: is tainted by a pattern when it becomes a style, not when it is made", async () => {
    const { page, tainted, readable } = await stage();
    const canvas = page.canvas(createCanvas(2, 2));
    const context = canvas.getContext("2d");
    context.fillStyle = context.createPattern(readable, "repeat");
    context.fillRect(0, 0, 2, 2);
    expect([...context.getImageData(1, 1, 1, 1).data]).toEqual([255, 0, 0, 255]);
    const pattern = context.createPattern(tainted, "repeat");
    expect(thrownBy(() => canvas.toDataURL())).toBeNull();
    context.strokeStyle = pattern;
    expect(thrownBy(() => canvas.toDataURL())).toBe("SecurityError");
  });

  test("does not draw a broken image", async () => {
    const { page, broken } = await stage();
    const context = page.canvas(createCanvas(2, 2)).getContext("2d");
    expect(thrownBy(() => context.drawImage(broken, 0, 0))).toBe("InvalidStateError");
    expect(thrownBy(() => context.createPattern(broken, null))).toBe("InvalidStateError");
  });

  test("is tainted by what was not decoded, but cannot draw it where that would show", async () => {
    const server = await serve(answer);
    const { page } = agent({}, `http://foo.example:${server.port}/`);
    const canvas = page.canvas(createCanvas(2, 2));
    const own = await page.load({ element: "img", src: "/png" });
    expect(() => canvas.getContext("2d").drawImage(own, 0, 0)).toThrow(/decode: loadImage/);
    const src = `http://bar.other:${server.port}/sound`;
    const context = canvas.getContext("2d");
    const foreign = await page.load({ element: "img", src: `http://bar.other:${server.port}/png` });
    context.fillStyle = context.createPattern(foreign, "repeat");
    expect(thrownBy(() => canvas.toDataURL())).toBe("SecurityError");
    const second = page.canvas(createCanvas(2, 2));
    second.getContext("2d").drawImage(await page.load({ element: "video", src }), 0, 0);
    expect(thrownBy(() => second.toDataURL())).toBe("SecurityError");
  });
});

describe("WebGL", () => {
  test("27.05: takes readable images as textures, and throws for tainted ones at the call", async () => {
    const { page, readable, tainted } = await stage();
    const uploads: unknown[][] = [];
    const gl = {
      TEXTURE_2D: 3553,
      texImage2D: (...args: unknown[]) => void uploads.push(args),
      readPixels: () => "read",
    };
    const canvas = page.canvas({ getContext: (type: string): object | null => (type === "webgl2" ? gl : null) });
    expect(canvas.getContext("webgpu")).toBeNull();
    const context = canvas.getContext("webgl2") as typeof gl;
    context.texImage2D(context.TEXTURE_2D, 0, 1, 1, 1, readable);
    expect(uploads).toEqual([[3553, 0, 1, 1, 1, expect.objectContaining({ width: 2, height: 2 })]]);
    expect(thrownBy(() => context.texImage2D(context.TEXTURE_2D, 0, 1, 1, 1, tainted))).toBe("SecurityError");
    const drawnOn = page.canvas(createCanvas(2, 2));
    drawnOn.getContext("2d").drawImage(tainted, 0, 0);
    expect(thrownBy(() => context.texImage2D(context.TEXTURE_2D, 0, 1, 1, 1, drawnOn))).toBe("SecurityError");
    expect(uploads).toHaveLength(1);
    expect(context.readPixels()).toBe("read");
  });
});

test("what is no canvas is a TypeError", () => {
  const { page } = agent();
  expect(() => page.canvas({} as never)).toThrow(/The canvas is an object: pass one of createCanvas/);
});
