/**
 * What a load is asked for, checked.
 *
 * @module
 */

import { isReferrerPolicy } from "crossorigin/fetching";
import type { CredentialsMode, ReferrerPolicy } from "crossorigin/protocol";
import { show, toUsvString } from "../byte-string.ts";
import { refuseUnknownOptions } from "../option-names.ts";
import {
  type CorsSettingsState,
  ELEMENTS,
  type ElementSettings,
  type LoadElement,
  PRELOAD_DESTINATIONS,
  type PreloadAs,
  corsSettingsState,
} from "./element-settings.ts";

/** Makes a picture of an image's bytes, as `loadImage` of `@napi-rs/canvas` does; throws or rejects for what is no image. */
export type DecodeImage = (bytes: Uint8Array) => unknown;

interface AnyLoadOptions<E extends LoadElement> {
  readonly element: E;
  /** Resolved against the page. */
  readonly src: string | URL;
  readonly referrerPolicy?: ReferrerPolicy | undefined;
}

interface WithCrossorigin {
  /** The attribute; null for none. What is no keyword, the empty string too, is `anonymous`. */
  readonly crossorigin?: "anonymous" | "use-credentials" | "" | null | undefined;
}

interface WithIntegrity {
  /** Digests, one of which the body must have. */
  readonly integrity?: string | undefined;
}

interface ImageLoadOptions extends AnyLoadOptions<"img" | "svg-image">, WithCrossorigin {
  /** Decides whether the bytes are an image, and makes what a canvas can draw. Without it, their signature decides. */
  readonly decode?: DecodeImage | undefined;
}

interface WithImporter {
  /** The script, module or style sheet that imports it, which is its referrer; the page if absent. */
  readonly importedBy?: string | URL | undefined;
}

interface PreloadOptions extends AnyLoadOptions<"link-preload">, WithCrossorigin, WithIntegrity {
  readonly as: PreloadAs;
}

interface ModuleWorkerOptions extends AnyLoadOptions<"module-worker">, WithImporter {
  /** Default: same-origin. */
  readonly credentials?: CredentialsMode | undefined;
}

/** Options of {@link Client.load}: attributes that the element does not have are a `TypeError`. */
export type LoadOptions =
  | ImageLoadOptions
  | PreloadOptions
  | ModuleWorkerOptions
  | (AnyLoadOptions<"script" | "link-stylesheet"> & WithCrossorigin & WithIntegrity)
  | (AnyLoadOptions<"module"> & WithCrossorigin & WithIntegrity & WithImporter)
  | (AnyLoadOptions<"css-import"> & WithImporter)
  | (AnyLoadOptions<"video" | "audio" | "track" | "svg-fe-image" | "link-prefetch" | "link-icon" | "link-manifest"> &
      WithCrossorigin)
  | AnyLoadOptions<
      | "font"
      | "background-image"
      | "shape-outside"
      | "mask-image"
      | "input-image"
      | "video-poster"
      | "worker"
      | "import-scripts"
    >;

export interface ConvertedLoadOptions {
  readonly element: LoadElement;
  readonly settings: ElementSettings;
  /** As it was given. */
  readonly src: string;
  readonly corsState: CorsSettingsState;
  /** Of a module worker; of nothing else does it matter. */
  readonly credentials: CredentialsMode;
  readonly integrity: string;
  /** As it was given; null for the page itself. */
  readonly importedBy: string | null;
  readonly referrerPolicy: ReferrerPolicy;
  readonly decode: DecodeImage | null;
}

/** Throws a `TypeError` that names the option, its value and what to pass instead. */
export function convertLoadOptions(options: LoadOptions): ConvertedLoadOptions {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`The load's options are ${show(options)}: pass an object such as { element: "img", src }.`);
  const { element } = options;
  if (typeof element !== "string" || !Object.hasOwn(ELEMENTS, element)) {
    throw new TypeError(`The option element is ${show(element)}: pass one of ${Object.keys(ELEMENTS).join(", ")}.`);
  }
  const settings = ELEMENTS[element];
  refuseUnknownOptions(options, optionNames(element, settings));
  const given: Readonly<Record<string, unknown>> = { ...options };
  const { src, crossorigin, integrity, credentials = "same-origin", referrerPolicy = "", decode = null } = given;
  if (typeof src !== "string" && !(src instanceof URL))
    throw new TypeError(`The option src is ${show(src)}: pass a URL, which is resolved against the page.`);
  if (typeof referrerPolicy !== "string" || (referrerPolicy !== "" && !isReferrerPolicy(referrerPolicy)))
    throw new TypeError(`The option referrerPolicy is ${show(referrerPolicy)}: pass a policy such as "no-referrer".`);
  if (!isCredentialsMode(credentials))
    throw new TypeError(`The option credentials is ${show(credentials)}: pass omit, same-origin or include.`);
  if (decode !== null && typeof decode !== "function")
    throw new TypeError(`The option decode is ${show(decode)}: pass a function such as loadImage of @napi-rs/canvas.`);
  return {
    element,
    settings: element === "link-preload" ? { ...settings, destination: preloadDestination(given["as"]) } : settings,
    src: toUsvString(src, "The option src"),
    corsState: corsSettingsState(attribute(crossorigin, "The option crossorigin")),
    credentials,
    integrity: attribute(integrity, "The option integrity") ?? "",
    importedBy: attribute(given["importedBy"], "The option importedBy"),
    referrerPolicy,
    decode: decode as DecodeImage | null,
  };
}

function optionNames(element: LoadElement, { cors, hasIntegrity }: ElementSettings): string[] {
  return [
    "element",
    "src",
    "referrerPolicy",
    ...(["fixed", "never", "own-origin"].includes(cors) ? [] : ["crossorigin"]),
    ...(hasIntegrity ? ["integrity"] : []),
    ...(element === "img" || element === "svg-image" ? ["decode"] : []),
    ...(element === "link-preload" ? ["as"] : []),
    ...(element === "module-worker" ? ["credentials"] : []),
    ...(["module", "module-worker", "css-import"].includes(element) ? ["importedBy"] : []),
  ];
}

function isCredentialsMode(value: unknown): value is CredentialsMode {
  return value === "omit" || value === "same-origin" || value === "include";
}

/** Null where it is absent. */
function attribute(value: unknown, what: string): string | null {
  return value === undefined || value === null ? null : toUsvString(value, what);
}

function preloadDestination(as: unknown): ElementSettings["destination"] {
  if (typeof as === "string" && Object.hasOwn(PRELOAD_DESTINATIONS, as)) return PRELOAD_DESTINATIONS[as as PreloadAs];
  throw new TypeError(`The option as is ${show(as)}: pass one of ${Object.keys(PRELOAD_DESTINATIONS).join(", ")}.`);
}
