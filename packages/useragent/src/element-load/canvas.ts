/**
 * A canvas as a page has it: once something tainted was drawn, it cannot be read any more.
 *
 * @see https://html.spec.whatwg.org/multipage/canvas.html#concept-canvas-origin-clean
 * @module
 */

import { show } from "../byte-string.ts";
import { bitmapOf } from "./bitmap.ts";

/** A real canvas, such as one of `@napi-rs/canvas`, or whatever has contexts. */
export interface CanvasLike {
  getContext(type: "2d", attributes?: never): unknown;
}

/** A 2D context that also draws what a page has loaded, and canvases of the page. */
export type PageContext2D<Context> = Omit<Context, "drawImage" | "createPattern"> & {
  drawImage(source: object, ...coordinates: number[]): void;
  createPattern(
    source: object,
    repetition: "repeat" | "repeat-x" | "repeat-y" | "no-repeat" | null,
  ): Context extends { createPattern(...args: never[]): infer Pattern } ? NonNullable<Pattern> : never;
};

/** The real canvas with contexts that keep its origin-clean flag. */
export type PageCanvas<Canvas extends CanvasLike> = Omit<Canvas, "getContext"> & {
  /** Whatever the real canvas gives; `texImage2D` and all others refuse tainted sources at the call. */
  getContext<Type extends string>(type: Type extends "2d" ? never : Type, attributes?: object): object | null;
  getContext(type: "2d", attributes?: object): PageContext2D<ReturnType<Canvas["getContext"]>>;
};

interface OriginCleanFlag {
  isOriginClean: boolean;
}

/** By real canvas, so that two wrappers of one agree. */
const flags = new WeakMap<object, OriginCleanFlag>();

/** The real object behind what a page holds. */
const realObjects = new WeakMap<object, object>();

/** Patterns that were made of a tainted source: they taint when they are used. */
const taintedPatterns = new WeakSet();

/** Members of a tainted canvas that tell nothing of its pixels. All others throw, whatever a library calls its exports. */
const HARMLESS: ReadonlySet<PropertyKey> = new Set([
  "constructor",
  "getContext",
  "addEventListener",
  "removeEventListener",
  "dispatchEvent",
]);

const PROMISING: ReadonlySet<PropertyKey> = new Set(["convertToBlob", "toDataURLAsync", "encode"]);

/** Throws a `TypeError` for what has no contexts. */
export function createPageCanvas<Canvas extends CanvasLike>(canvas: Canvas): PageCanvas<Canvas> {
  const given: unknown = canvas;
  if (typeof given !== "object" || given === null || typeof canvas.getContext !== "function")
    throw new TypeError(`The canvas is ${show(given)}: pass one of createCanvas of @napi-rs/canvas.`);
  if (realObjects.has(canvas)) return canvas as unknown as PageCanvas<Canvas>;
  const flag = flags.get(canvas) ?? { isOriginClean: true };
  flags.set(canvas, flag);
  const contexts = new WeakMap<object, object>();
  const getContext = (type: string, attributes?: object): object | null => {
    const context: unknown = canvas.getContext(type as "2d", attributes as never);
    if (typeof context !== "object" || context === null) return null;
    const known = contexts.get(context) ?? createContext(context, type === "2d", flag, () => page);
    contexts.set(context, known);
    return known;
  };
  const page: object = new Proxy<object>(canvas, {
    get(target, name) {
      const value = read(target, name);
      if (name === "getContext") return getContext;
      if (typeof value !== "function" || name === "constructor") return value;
      return (...args: unknown[]): unknown => {
        if (flag.isOriginClean || HARMLESS.has(name)) return Reflect.apply(value, target, args);
        const error = tainted("The canvas has been tainted by cross-origin data, and cannot be read.");
        if (PROMISING.has(name)) return Promise.reject(error);
        throw error;
      };
    },
    set: write,
  });
  realObjects.set(page, canvas);
  return page as PageCanvas<Canvas>;
}

/** Not `receiver`: the members of real canvases work on themselves only. */
function read(target: object, name: PropertyKey): unknown {
  return Reflect.get(target, name, target) as unknown;
}

function write(target: object, name: PropertyKey, value: unknown): boolean {
  return Reflect.set(target, name, value, target);
}

function createContext(context: object, is2d: boolean, flag: OriginCleanFlag, page: () => object): object {
  return new Proxy(context, {
    get(target, name) {
      if (name === "canvas") return page();
      const value = read(target, name);
      if (typeof value !== "function" || name === "constructor") return value;
      return (...args: unknown[]): unknown => {
        if (name === "getImageData" && !flag.isOriginClean)
          throw tainted("The canvas has been tainted by cross-origin data, and cannot be read.");
        const sources = args.map((argument) => sourceOf(argument));
        const isClean = sources.every((source) => source?.isOriginClean !== false);
        if (!isClean && !is2d) throw tainted("The image contains cross-origin data, and may not be used as a texture.");
        if (!isClean && name !== "createPattern") flag.isOriginClean = false;
        // What is tainted and was not decoded needs no painting: nobody can tell.
        if (!isClean && sources.some((source) => source !== null && source.real === null)) return unpainted(name);
        const result: unknown = Reflect.apply(
          value,
          target,
          args.map((argument, index) => sources[index]?.real ?? argument),
        );
        if (!isClean && typeof result === "object" && result !== null) taintedPatterns.add(result);
        return result;
      };
    },
    set(target, name, value: unknown) {
      // A pattern taints when it becomes a style, not when it is made.
      if (typeof value === "object" && value !== null && taintedPatterns.has(value)) flag.isOriginClean = false;
      return write(target, name, isUnpainted(value) ? "transparent" : value);
    },
  });
}

/** A pattern of a picture that was not decoded. */
const unpaintedPatterns = new WeakSet();

function unpainted(name: PropertyKey): object | undefined {
  if (name !== "createPattern") return undefined;
  const pattern = Object.freeze({});
  taintedPatterns.add(pattern);
  unpaintedPatterns.add(pattern);
  return pattern;
}

function isUnpainted(value: unknown): boolean {
  return typeof value === "object" && value !== null && unpaintedPatterns.has(value);
}

/** An argument that stands for pixels; `real` is what the real context takes, null for nothing. */
interface ImageSource {
  readonly isOriginClean: boolean;
  readonly real: object | null;
}

/** Null for an argument that stands for no pixels, or for some that the embedder made. */
function sourceOf(argument: unknown): ImageSource | null {
  if (typeof argument !== "object" || argument === null) return null;
  const real = realObjects.get(argument) ?? argument;
  const flag = flags.get(real);
  if (flag !== undefined) return { isOriginClean: flag.isOriginClean, real };
  const bitmap = bitmapOf(argument);
  if (bitmap === undefined) return null;
  // Deviation: WebGL has an error of its own, INVALID_VALUE, for what is broken.
  if (bitmap.state === "broken")
    throw new DOMException("The image argument is in the broken state.", "InvalidStateError");
  const { isOriginClean, picture } = bitmap;
  if (picture === null && isOriginClean)
    throw new TypeError(
      "There is nothing to draw: load an img with decode: loadImage of @napi-rs/canvas. No video is decoded.",
    );
  return { isOriginClean, real: picture };
}

function tainted(message: string): DOMException {
  return new DOMException(message, "SecurityError");
}
