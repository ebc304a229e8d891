/** Runs in a browser: a step with an element or a font, and what a script sees of it. */

import type { ElementStep } from "../scenario.ts";
import { importModule } from "./imports.ts";
import { importScript, loadWorker } from "./workers.ts";

/** Long enough for what fires no event. */
const SILENT_MILLISECONDS = 700;

/** Null where a script sees nothing. */
export async function runElementStep(step: ElementStep): Promise<object | null> {
  switch (step.element) {
    case "img":
      return loadImage(step);
    case "svg-image":
      return loadSvgImage(step);
    case "svg-fe-image":
      return loadFilterImage(step);
    case "input-image":
      return loadImageButton(step);
    case "video-poster":
      return loadPoster(step);
    case "video":
    case "audio":
      return loadMedia(step, step.element);
    case "script":
    case "module":
      return loadScript(step);
    case "dynamic-import":
      return importModule(step);
    case "worker":
    case "module-worker":
      return loadWorker(step);
    case "import-scripts":
      return importScript(step);
    case "link-stylesheet":
      return loadStyleSheet(step);
    case "css-import":
      return importStyleSheet(step);
    case "link-preload":
      return { event: await inserted(link(step, "preload")) };
    case "link-prefetch":
      return prefetch(step);
    case "link-icon":
    case "link-manifest":
      return askForMetadata(step);
    case "font":
      return loadFont(step);
    case "font-face":
      return loadFontOfRule(step);
    case "track":
      return loadTrack(step);
    case "shape-outside":
      return applyShape(step);
    case "mask-image":
    case "background-image":
      return applyPicture(step);
  }
}

const LONGEST_WAIT_FOR_FRAME = 3_000;

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function ended(target: EventTarget, success = "load"): Promise<string> {
  return new Promise((resolve) => {
    target.addEventListener(success, () => resolve("load"), { once: true });
    target.addEventListener("error", () => resolve("error"), { once: true });
  });
}

/** With the step's attributes, but for the source. */
function attributed<E extends Element>(element: E, step: ElementStep): E {
  const { crossorigin, integrity, referrerPolicy, as } = step;
  for (const [name, value] of Object.entries({ crossorigin, integrity, referrerpolicy: referrerPolicy, as }))
    if (value !== undefined) element.setAttribute(name, value);
  return element;
}

async function inserted(element: HTMLElement): Promise<string> {
  const end = ended(element);
  document.head.append(element);
  return end;
}

/** What `read` comes to: `readable`, or the name of what it throws. */
function attempt(read: () => unknown, success = "readable"): string {
  try {
    read();
    return success;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** The source on a new canvas. */
function drawn(source: CanvasImageSource): CanvasRenderingContext2D {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) throw new Error("There is no 2D context.");
  context.drawImage(source, 0, 0);
  return context;
}

/** What two ways to read a canvas say after the source was drawn; in one word if they agree. */
function pixelsOf(source: CanvasImageSource): string {
  const context = drawn(source);
  const data = attempt(() => context.getImageData(0, 0, 1, 1));
  const url = attempt(() => context.canvas.toDataURL());
  return data === url ? data : `getImageData ${data}, toDataURL ${url}`;
}

/** Once there is a frame to draw: WebKitGTK fires `loadeddata` before it, and what draws nothing taints nothing. */
async function pixelsOfFrame(video: HTMLVideoElement): Promise<string> {
  const deadline = performance.now() + LONGEST_WAIT_FOR_FRAME;
  while (performance.now() < deadline && !isDrawn(video)) await wait(20);
  return pixelsOf(video);
}

/** Whether it leaves anything on a canvas, or something that may not be read. */
function isDrawn(source: CanvasImageSource): boolean {
  const context = drawn(source);
  try {
    return context.getImageData(0, 0, 1, 1).data[3] !== 0;
  } catch {
    return true;
  }
}

function textureOf(source: TexImageSource): string {
  const gl = document.createElement("canvas").getContext("webgl");
  if (gl === null) return "no WebGL";
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  const outcome = attempt(
    () => gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, source),
    "uploaded",
  );
  // Engines keep few contexts alive.
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return outcome;
}

async function loadImage(step: ElementStep): Promise<object> {
  const image = attributed(new Image(), step);
  const end = ended(image);
  image.src = step.src;
  if ((await end) === "error") return { event: "error" };
  const pixels = pixelsOf(image);
  return { event: "load", pixels, ...(step.texture === true ? { texture: textureOf(image) } : {}) };
}

const SVG = "http://www.w3.org/2000/svg";

function svgElement(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

async function loadSvgImage(step: ElementStep): Promise<object> {
  const image = attributed(svgElement("image", { width: "10", height: "10" }), step);
  const end = ended(image);
  image.setAttribute("href", step.src);
  const svg = svgElement("svg", { width: "10", height: "10" });
  svg.append(image);
  document.body.append(svg);
  const event = await end;
  const pixels = event === "load" ? { pixels: pixelsOf(image as SVGImageElement) } : {};
  svg.remove();
  return { event, ...pixels };
}

let filterCount = 0;

/** A script sees nothing of it. */
async function loadFilterImage(step: ElementStep): Promise<null> {
  filterCount++;
  const id = `filter-${filterCount}`;
  const svg = svgElement("svg", { width: "10", height: "10" });
  const filter = svgElement("filter", { id });
  const image = attributed(svgElement("feImage", {}), step);
  image.setAttribute("href", step.src);
  filter.append(image);
  svg.append(filter, svgElement("rect", { width: "10", height: "10", filter: `url(#${id})` }));
  document.body.append(svg);
  await wait(SILENT_MILLISECONDS);
  svg.remove();
  return null;
}

async function loadImageButton(step: ElementStep): Promise<object> {
  const button = attributed(document.createElement("input"), step);
  button.type = "image";
  const end = ended(button);
  button.src = step.src;
  document.body.append(button);
  const event = await end;
  button.remove();
  return { event };
}

/** A script sees nothing of it. */
async function loadPoster(step: ElementStep): Promise<null> {
  const video = attributed(document.createElement("video"), step);
  video.poster = step.src;
  document.body.append(video);
  await wait(SILENT_MILLISECONDS);
  video.remove();
  return null;
}

async function loadMedia(step: ElementStep, tag: "video" | "audio"): Promise<object> {
  const media = attributed(document.createElement(tag), step);
  media.preload = "auto";
  media.muted = true;
  const end = ended(media, "loadeddata");
  media.src = step.src;
  document.body.append(media);
  try {
    if ((await end) === "error") return { event: "error" };
    return { event: "load", ...(media instanceof HTMLVideoElement ? { pixels: await pixelsOfFrame(media) } : {}) };
  } finally {
    media.remove();
    media.removeAttribute("src");
    media.load();
  }
}

/** The only one in the page at that time: an error that is muted does not tell whose it is. */
async function loadScript(step: ElementStep): Promise<object> {
  const script = attributed(document.createElement("script"), step);
  if (step.element === "module") script.type = "module";
  script.src = step.src;
  let errors: string | null = null;
  const listener = (event: ErrorEvent): void => {
    if (!(event instanceof ErrorEvent)) return;
    event.preventDefault();
    const { message, filename, lineno, colno } = event;
    const isMuted = message === "Script error." && filename === "" && lineno === 0 && colno === 0;
    errors = isMuted && event.error === null ? "muted" : message.includes("thrown") ? "reported" : message;
  };
  window.addEventListener("error", listener);
  try {
    const event = await inserted(script);
    return { event, ...(errors === null || step.errorsIgnored === true ? {} : { errors }) };
  } finally {
    window.removeEventListener("error", listener);
    script.remove();
  }
}

function link(step: ElementStep, rel: string): HTMLLinkElement {
  const element = attributed(document.createElement("link"), step);
  element.rel = rel;
  element.href = step.src;
  return element;
}

async function loadStyleSheet(step: ElementStep): Promise<object> {
  const element = link(step, "stylesheet");
  const event = await inserted(element);
  try {
    if (event === "error") return { event };
    const { sheet } = element;
    return { event, cssRules: sheet === null ? "no sheet" : attempt(() => sheet.cssRules.length) };
  } finally {
    element.remove();
  }
}

async function importStyleSheet({ src }: ElementStep): Promise<object> {
  const style = document.createElement("style");
  style.textContent = `@import url(${JSON.stringify(src)});`;
  const event = await inserted(style);
  try {
    const rule = style.sheet?.cssRules[0];
    const sheet = rule instanceof CSSImportRule ? rule.styleSheet : null;
    if (event === "error") return { event };
    return { event, cssRules: sheet === null ? "no sheet" : attempt(() => sheet.cssRules.length) };
  } finally {
    style.remove();
  }
}

/** An engine that does not prefetch fires nothing. */
async function prefetch(step: ElementStep): Promise<object> {
  const element = link(step, "prefetch");
  const event = await Promise.race([inserted(element), wait(2 * SILENT_MILLISECONDS).then(() => "none")]);
  element.remove();
  return { event };
}

/** What a browser asks for itself: a script sees nothing of it. */
async function askForMetadata(step: ElementStep): Promise<null> {
  const element = link(step, step.element === "link-icon" ? "icon" : "manifest");
  document.head.append(element);
  await wait(2 * SILENT_MILLISECONDS);
  element.remove();
  return null;
}

async function loadFont({ src }: ElementStep): Promise<object> {
  const event = await new FontFace("tested", `url(${JSON.stringify(src)})`).load().then(
    () => "load",
    () => "error",
  );
  return { event };
}

let fontCount = 0;

async function loadFontOfRule({ src }: ElementStep): Promise<object> {
  fontCount++;
  const family = `rule-${fontCount}`;
  const style = document.createElement("style");
  style.textContent = `@font-face { font-family: ${family}; src: url(${JSON.stringify(src)}) }`;
  document.head.append(style);
  // The rule counts from the next style on, which this asks for.
  document.body.getBoundingClientRect();
  const faces = await document.fonts.load(`10px ${family}`, "A").catch(() => []);
  const isLoaded = faces.length > 0 && faces.every(({ status }) => status === "loaded");
  style.remove();
  return { event: isLoaded ? "load" : "error" };
}

async function loadTrack(step: ElementStep): Promise<object> {
  const { src, crossorigin } = step;
  const video = document.createElement("video");
  if (crossorigin !== undefined) video.setAttribute("crossorigin", crossorigin);
  const track = document.createElement("track");
  const end = ended(track);
  track.src = src;
  video.append(track);
  document.body.append(video);
  track.track.mode = "hidden";
  const event = await end;
  video.remove();
  return { event, ...(event === "load" ? { cues: track.track.cues?.length === 1 ? "readable" : "none" } : {}) };
}

/** The text beside the float starts behind its margin, at 150 pixels, and before that if there is a shape. */
async function applyShape({ src }: ElementStep): Promise<object> {
  const box = document.createElement("div");
  // What floats in other boxes must not reach it.
  box.style.cssText = "display: flow-root; width: 400px";
  const float = document.createElement("div");
  float.style.cssText = `float: left; width: 100px; height: 100px; margin-right: 50px; shape-outside: url(${JSON.stringify(src)})`;
  const text = document.createElement("span");
  text.textContent = "A";
  box.append(float, text);
  document.body.append(box);
  const isMoved = (): boolean => text.getBoundingClientRect().left - box.getBoundingClientRect().left < 150;
  const deadline = performance.now() + SILENT_MILLISECONDS;
  while (!isMoved() && performance.now() < deadline) await wait(20);
  const isUsed = isMoved();
  box.remove();
  return { image: isUsed ? "used" : "ignored" };
}

async function applyPicture({ element, src }: ElementStep): Promise<null> {
  const box = document.createElement("div");
  box.style.cssText = `width: 10px; height: 10px; ${element}: url(${JSON.stringify(src)})`;
  document.body.append(box);
  await wait(SILENT_MILLISECONDS);
  box.remove();
  return null;
}
