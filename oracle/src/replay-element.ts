/** A step with an element on the user agent: what it loads, in the words of what a browser's page sees of it. */

import type { Client, LoadOptions } from "@crossorigin/useragent";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import type { ElementStep } from "./scenario.ts";

/** Null where a script sees nothing. */
export async function loadElement(client: Client, step: ElementStep): Promise<object | null> {
  const { element, texture, ...attributes } = step;
  const decode = element === "img" ? { decode: loadImage as (bytes: Uint8Array) => unknown } : {};
  const options = { element: element === "font-face" ? "font" : element, ...attributes, ...decode };
  const handle = await client.load(options as LoadOptions);
  switch (handle.element) {
    case "background-image":
    case "mask-image":
      return null;
    case "shape-outside":
      return { image: handle.image };
    default:
      if (handle.outcome === "error") return { event: "error" };
  }
  switch (handle.element) {
    case "img":
      return { event: "load", ...drawn(client, handle, texture === true) };
    case "video":
      return { event: "load", pixels: securityErrorIf(handle.pixels === "tainted") };
    case "script":
    case "module":
      return { event: "load", errors: handle.errors };
    case "link-stylesheet":
      return { event: "load", cssRules: securityErrorIf(handle.cssRules === "opaque") };
    case "track":
      return { event: "load", cues: handle.cues };
    default:
      return { event: "load" };
  }
}

function securityErrorIf(isRefused: boolean): string {
  return isRefused ? "SecurityError" : "readable";
}

/** What two ways to read a canvas say once the image was drawn, and what a texture made of it. */
function drawn(client: Client, image: object, hasTexture: boolean): object {
  const canvas = client.canvas(createCanvas(1, 1));
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const data = attempt(() => context.getImageData(0, 0, 1, 1), "readable");
  const url = attempt(() => canvas.toDataURL(), "readable");
  const pixels = data === url ? data : `getImageData ${data}, toDataURL ${url}`;
  return { pixels, ...(hasTexture ? { texture: textureOf(client, image) } : {}) };
}

/** A context that takes every texture: nothing here paints, and what is tainted must not get as far. */
function textureOf(client: Client, image: object): string {
  const gl = { texImage2D: (): void => {} };
  const context = client.canvas({ getContext: () => gl }).getContext("webgl") as typeof gl;
  return attempt(() => Reflect.apply(context.texImage2D, context, [image]) as unknown, "uploaded");
}

function attempt(run: () => unknown, success: string): string {
  try {
    run();
    return success;
  } catch (error) {
    if (error instanceof DOMException) return error.name;
    throw error;
  }
}
