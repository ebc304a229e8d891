/** A step with an element on the user agent: what it loads, in the words of what a browser's page sees of it. */

import type { Client, ElementLoad, LoadOptions } from "@crossorigin/useragent";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import type { ElementStep } from "./scenario.ts";

/** Null where a script sees nothing. */
export async function loadElement(client: Client, step: ElementStep): Promise<object | null> {
  const { element, texture, errorsIgnored, imports = [], importedBy, ...attributes } = step;
  const { crossorigin } = step;
  const importer =
    importedBy === undefined ? {} : { importedBy: await baseUrlOfScript(client, importedBy, crossorigin) };
  const isDrawn = element === "img" || element === "svg-image";
  const decode = isDrawn ? { decode: loadImage as (bytes: Uint8Array) => unknown } : {};
  const options = { ...attributes, ...importer, element: LOADED_AS.get(element) ?? element, ...decode };
  const handle = await client.load(options as LoadOptions);
  const own = resultOf(client, handle, texture === true, errorsIgnored === true);
  for (const src of handle.outcome === "load" ? imports : []) {
    const { outcome } = await client.load(importOf(handle, src, crossorigin));
    if (outcome === "error" && handle.element !== "link-stylesheet") return { event: "error" };
  }
  return own;
}

/** Loads the script that imports. One whose errors are muted has the base URL about:blank. */
async function baseUrlOfScript(client: Client, src: string, crossorigin: string | undefined): Promise<string> {
  const options = { element: "script", src, crossorigin } as LoadOptions & { element: "script" };
  const handle = await client.load(options);
  return handle.outcome === "load" && handle.errors === "muted" ? "about:blank" : src;
}

/** A module's imports are fetched with the credentials of its own. */
function importOf(handle: ElementLoad, src: string, crossorigin: string | undefined): LoadOptions {
  if (handle.element === "module-worker") return { element: "module-worker", src, importedBy: handle.url };
  if (handle.element !== "module" || handle.outcome === "error")
    return { element: "css-import", src, importedBy: handle.url };
  return { element: "module", src, importedBy: handle.baseUrl, crossorigin } as LoadOptions;
}

/** Steps that have the name of what a page does. */
const LOADED_AS: ReadonlyMap<ElementStep["element"], LoadOptions["element"]> = new Map([
  ["font-face", "font"],
  ["dynamic-import", "module"],
]);

function resultOf(client: Client, handle: ElementLoad, hasTexture: boolean, areErrorsIgnored: boolean): object | null {
  switch (handle.element) {
    case "background-image":
    case "mask-image":
    case "svg-fe-image":
    case "video-poster":
    case "link-icon":
    case "link-manifest":
      return null;
    case "shape-outside":
      return { image: handle.image };
    default:
      if (handle.outcome === "error") return { event: "error" };
  }
  switch (handle.element) {
    case "img":
    case "svg-image":
      return { event: "load", ...drawn(client, handle, hasTexture) };
    case "video":
      return { event: "load", pixels: securityErrorIf(handle.pixels === "tainted") };
    case "script":
    case "module":
    case "worker":
    case "module-worker":
    case "import-scripts":
      return { event: "load", ...(areErrorsIgnored ? {} : { errors: handle.errors }) };
    case "link-stylesheet":
    case "css-import":
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
