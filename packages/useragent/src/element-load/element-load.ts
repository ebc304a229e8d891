/**
 * What came of a load, and what a page may do with it.
 *
 * @see https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-same-origin
 * @module
 */

import type { Profile } from "crossorigin/protocol";
import type { ExplainedNetworkError } from "../network-error.ts";
import type { LoadElement } from "./element-settings.ts";

/** What a page may do with a loaded element, by its kind. */
interface LoadedAs {
  /** `tainted`: drawing it makes a canvas one that cannot be read any more. */
  readonly img: { readonly pixels: "readable" | "tainted" };
  readonly "svg-image": { readonly pixels: "readable" | "tainted" };
  /** `tainted`: what a filter makes of its pixels must not tell of them, as `feDisplacementMap` would. */
  readonly "svg-fe-image": { readonly pixels: "readable" | "tainted" };
  readonly "input-image": { readonly image: "used" };
  readonly "video-poster": { readonly image: "used" };
  readonly "link-icon": { readonly image: "used" };
  readonly video: { readonly pixels: "readable" | "tainted" };
  /** `silent`: what Web Audio makes of it. */
  readonly audio: { readonly samples: "readable" | "silent" };
  readonly "background-image": { readonly image: "used" };
  readonly "shape-outside": { readonly image: "used" };
  readonly "mask-image": { readonly image: "used" };
  /** `muted`: `window.onerror` hears `Script error.` and nothing else. */
  readonly script: { readonly errors: "muted" | "reported" };
  /** `baseUrl`: where redirects led, which `import.meta.url` tells, and which what it imports is relative to. */
  readonly module: { readonly errors: "reported"; readonly baseUrl: string };
  readonly worker: { readonly errors: "reported" };
  readonly "module-worker": { readonly errors: "reported" };
  readonly "import-scripts": { readonly errors: "muted" | "reported" };
  /** `opaque`: the style sheet applies, and reading `cssRules` is a `SecurityError`. */
  readonly "link-stylesheet": { readonly cssRules: "readable" | "opaque" };
  readonly "css-import": { readonly cssRules: "readable" | "opaque" };
  readonly "link-preload": unknown;
  readonly "link-prefetch": unknown;
  readonly "link-manifest": { readonly manifest: "used" };
  readonly font: { readonly font: "usable" };
  readonly track: { readonly cues: "readable" };
}

interface FailedAs {
  readonly "input-image": { readonly image: "ignored" };
  readonly "video-poster": { readonly image: "ignored" };
  readonly "link-icon": { readonly image: "ignored" };
  readonly "link-manifest": { readonly manifest: "ignored" };
  readonly font: { readonly font: "refused" };
  readonly "background-image": { readonly image: "ignored" };
  readonly "shape-outside": { readonly image: "ignored" };
  readonly "mask-image": { readonly image: "ignored" };
}

/** A load that ended with a `load` event, or what stands for one. */
export type Loaded<E extends LoadElement> = LoadedAs[E] & {
  readonly element: E;
  readonly outcome: "load";
  /** What was asked for; where redirects led is not for a page to know. */
  readonly url: string;
  readonly responseType: "basic" | "cors" | "opaque";
  reason(): null;
};

/** A load that ended with an `error` event, or what stands for one. */
export type LoadFailed<E extends LoadElement> = (E extends keyof FailedAs ? FailedAs[E] : unknown) & {
  readonly element: E;
  readonly outcome: "error";
  /** What was asked for; as it was given if it is no URL. */
  readonly url: string;
  readonly responseType: "error";
  /** Why; a page hears nothing of it. */
  reason(): ExplainedNetworkError;
};

/** What came of a load of one kind of element; distributes over several. */
export type ElementLoad<E extends LoadElement = LoadElement> = E extends LoadElement
  ? Loaded<E> | LoadFailed<E>
  : never;

/** The members of a loaded element that depend on its kind. Opaque responses are CORS-cross-origin, wherever they ended. */
export function loadedAs(
  element: LoadElement,
  isOpaque: boolean,
  { opaqueScriptErrorsMuted }: Pick<Profile, "opaqueScriptErrorsMuted">,
): object {
  switch (element) {
    case "img":
    case "svg-image":
    case "svg-fe-image":
    case "video":
      return { pixels: isOpaque ? "tainted" : "readable" };
    case "audio":
      return { samples: isOpaque ? "silent" : "readable" };
    case "input-image":
    case "video-poster":
    case "link-icon":
    case "background-image":
    case "shape-outside":
    case "mask-image":
      return { image: "used" };
    case "link-manifest":
      return { manifest: "used" };
    case "worker":
    case "module-worker":
    case "import-scripts":
      return { errors: isOpaque ? "muted" : "reported" };
    case "script":
    case "module":
      return { errors: isOpaque && opaqueScriptErrorsMuted ? "muted" : "reported" };
    case "link-stylesheet":
    case "css-import":
      return { cssRules: isOpaque ? "opaque" : "readable" };
    case "font":
      return { font: "usable" };
    case "track":
      return { cues: "readable" };
    case "link-preload":
    case "link-prefetch":
      return {};
  }
}

/** The members of a failed element that depend on its kind. */
export function failedAs(element: LoadElement): object {
  switch (element) {
    case "font":
      return { font: "refused" };
    case "link-manifest":
      return { manifest: "ignored" };
    case "input-image":
    case "video-poster":
    case "link-icon":
    case "background-image":
    case "shape-outside":
    case "mask-image":
      return { image: "ignored" };
    default:
      return {};
  }
}
