/**
 * What every element, and every use of a URL in CSS, asks of its request and of the response.
 *
 * @see https://html.spec.whatwg.org/multipage/urls-and-fetching.html#create-a-potential-cors-request
 * @module
 */

import type { CredentialsMode, Profile, RequestDestination, RequestMode } from "crossorigin/protocol";

/**
 * Elements by their tag, links by their `rel`, uses of a URL in CSS by their property; `font` is `@font-face`. `worker` is
 * what `new Worker()` loads, `module-worker` the same of type `module`.
 */
export type LoadElement =
  | "img"
  | "svg-image"
  | "svg-fe-image"
  | "input-image"
  | "video-poster"
  | "background-image"
  | "shape-outside"
  | "mask-image"
  | "script"
  | "module"
  | "worker"
  | "module-worker"
  | "import-scripts"
  | "link-stylesheet"
  | "css-import"
  | "link-preload"
  | "link-prefetch"
  | "link-icon"
  | "link-manifest"
  | "font"
  | "video"
  | "audio"
  | "track";

/** What makes a response one that the element can use. */
type ContentCheck =
  | "image"
  | "font"
  | "media"
  | "text-track"
  | "style-sheet"
  | "javascript"
  /** Of other schemes than http and https anything. */
  | "javascript-of-http"
  | "json"
  | "none";

export interface ElementSettings {
  /** Of a `link-preload`, `as` decides. */
  readonly destination: RequestDestination;
  /**
   * `potential`: no-cors where there is no `crossorigin` attribute; `potential-or-same-origin`: mode same-origin there;
   * `always`: the attribute chooses the credentials only; `fixed`: always, without an attribute; `never`: no-cors, likewise;
   * `own-origin`: mode same-origin.
   */
  readonly cors: "potential" | "potential-or-same-origin" | "always" | "fixed" | "never" | "own-origin";
  readonly initiator?: "prefetch" | "preload";
  readonly hasIntegrity: boolean;
  readonly isOkStatusRequired: boolean;
  readonly content: ContentCheck;
}

const IMAGE = { destination: "image", hasIntegrity: false, isOkStatusRequired: false, content: "image" } as const;
const SCRIPT = { destination: "script", hasIntegrity: true, isOkStatusRequired: true } as const;
const WORKER = { destination: "worker", cors: "own-origin", hasIntegrity: false, isOkStatusRequired: true } as const;
const MEDIA = { cors: "potential", hasIntegrity: false, isOkStatusRequired: true, content: "media" } as const;

export const ELEMENTS: Readonly<Record<LoadElement, ElementSettings>> = {
  // https://html.spec.whatwg.org/multipage/images.html#update-the-image-data — of any status.
  img: { ...IMAGE, cors: "potential" },
  // https://svgwg.org/svg2-draft/embedded.html#ImageElement
  "svg-image": { ...IMAGE, cors: "potential" },
  // https://drafts.fxtf.org/filter-effects-1/#feImageElement
  "svg-fe-image": { ...IMAGE, cors: "potential" },
  // https://html.spec.whatwg.org/multipage/input.html#image-button-state-(type=image) — Chromium heeds crossorigin here and
  // for posters, too, which no standard has.
  "input-image": { ...IMAGE, cors: "never" },
  // https://html.spec.whatwg.org/multipage/media.html#poster-frame
  "video-poster": { ...IMAGE, cors: "never" },
  // https://drafts.csswg.org/css-images-4/#url-notation
  "background-image": { ...IMAGE, cors: "never" },
  // https://drafts.csswg.org/css-shapes-1/#shape-outside-property — the shape of text would tell of the pixels.
  "shape-outside": { ...IMAGE, cors: "fixed" },
  // https://drafts.fxtf.org/css-masking-1/#priv-sec
  "mask-image": { ...IMAGE, cors: "fixed" },
  // https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-script
  script: { ...SCRIPT, cors: "potential", content: "none" },
  // https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-single-module-script
  module: { ...SCRIPT, cors: "always", content: "javascript" },
  // https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-worker-script
  worker: { ...WORKER, content: "javascript-of-http" },
  // https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-worklet/module-worker-script-graph
  "module-worker": { ...WORKER, content: "javascript" },
  // https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-worker-imported-script
  // Deviation: the standard leaves the credentials mode at same-origin; Chromium sends cookies as to a script element.
  "import-scripts": { ...SCRIPT, hasIntegrity: false, cors: "never", content: "javascript" },
  // https://html.spec.whatwg.org/multipage/links.html#link-type-stylesheet
  "link-stylesheet": {
    destination: "style",
    cors: "potential",
    hasIntegrity: true,
    isOkStatusRequired: true,
    content: "style-sheet",
  },
  // https://drafts.csswg.org/css-cascade-5/#fetch-an-import
  "css-import": {
    destination: "style",
    cors: "never",
    hasIntegrity: false,
    isOkStatusRequired: true,
    content: "style-sheet",
  },
  // https://html.spec.whatwg.org/multipage/links.html#link-type-preload
  "link-preload": {
    destination: "",
    initiator: "preload",
    cors: "potential",
    hasIntegrity: true,
    isOkStatusRequired: false,
    content: "none",
  },
  // https://html.spec.whatwg.org/multipage/links.html#link-type-prefetch — of any status.
  "link-prefetch": {
    destination: "",
    initiator: "prefetch",
    cors: "potential",
    hasIntegrity: false,
    isOkStatusRequired: false,
    content: "none",
  },
  // https://html.spec.whatwg.org/multipage/links.html#rel-icon
  "link-icon": { ...IMAGE, cors: "potential", isOkStatusRequired: true },
  // https://html.spec.whatwg.org/multipage/links.html#link-type-manifest
  "link-manifest": {
    destination: "manifest",
    cors: "always",
    hasIntegrity: false,
    isOkStatusRequired: true,
    content: "json",
  },
  // https://drafts.csswg.org/css-fonts-4/#font-fetching-requirements
  font: { destination: "font", cors: "fixed", hasIntegrity: false, isOkStatusRequired: true, content: "font" },
  // https://html.spec.whatwg.org/multipage/media.html#concept-media-load-resource
  video: { ...MEDIA, destination: "video" },
  audio: { ...MEDIA, destination: "audio" },
  // https://html.spec.whatwg.org/multipage/media.html#start-the-track-processing-model — the attribute is the media element's.
  track: {
    destination: "track",
    cors: "potential-or-same-origin",
    hasIntegrity: false,
    isOkStatusRequired: true,
    content: "text-track",
  },
};

/** What a preload can be for. @see https://html.spec.whatwg.org/multipage/links.html#translate-a-preload-destination */
export type PreloadAs = "fetch" | "font" | "image" | "script" | "style" | "track";

export const PRELOAD_DESTINATIONS: Readonly<Record<PreloadAs, RequestDestination>> = {
  fetch: "",
  font: "font",
  image: "image",
  script: "script",
  style: "style",
  track: "track",
};

/** The state of a `crossorigin` attribute; null for No CORS. @see https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-settings-attributes */
export type CorsSettingsState = "anonymous" | "use-credentials" | null;

/** Absent is No CORS; what is no keyword, the empty string too, is Anonymous. */
export function corsSettingsState(attribute: string | null): CorsSettingsState {
  if (attribute === null) return null;
  return /^use-credentials$/i.test(attribute) ? "use-credentials" : "anonymous";
}

export interface RequestModes {
  readonly mode: RequestMode;
  readonly credentialsMode: CredentialsMode;
}

/**
 * Create a potential-CORS request, and what stands in its place where CORS is not for the attribute to choose.
 *
 * @param credentials - of a module worker, which has an option for them
 * @param importedBy - null for what is not imported; what a worker's module imports may be of any origin
 */
export function requestModes(
  { cors: settled, destination }: Pick<ElementSettings, "cors" | "destination">,
  {
    corsState: state,
    credentials,
    importedBy,
  }: {
    readonly corsState: CorsSettingsState;
    readonly credentials: CredentialsMode;
    readonly importedBy: string | null;
  },
  profile: Pick<Profile, "fontsFetchedWithCors" | "textTracksConfinedToOwnOrigin" | "manifestsFetchedWithCookies">,
): RequestModes {
  const cors = corsOf(settled, destination, profile);
  if (cors === "never") return { mode: "no-cors", credentialsMode: "include" };
  if (cors === "own-origin")
    return { mode: importedBy === null ? "same-origin" : "cors", credentialsMode: credentials };
  if (cors === "fixed") return { mode: "cors", credentialsMode: "same-origin" };
  if (cors !== "always" && state === null)
    return { mode: cors === "potential" ? "no-cors" : "same-origin", credentialsMode: "include" };
  if (state === "use-credentials") return { mode: "cors", credentialsMode: "include" };
  const isBare = destination === "manifest" && !profile.manifestsFetchedWithCookies;
  return { mode: "cors", credentialsMode: isBare ? "omit" : "same-origin" };
}

/** What the profile leaves of the settings. */
function corsOf(
  cors: ElementSettings["cors"],
  destination: RequestDestination,
  { fontsFetchedWithCors, textTracksConfinedToOwnOrigin }: Parameters<typeof requestModes>[2],
): ElementSettings["cors"] {
  if (cors === "fixed" && destination === "font" && !fontsFetchedWithCors) return "never";
  if (cors === "potential-or-same-origin" && !textTracksConfinedToOwnOrigin) return "potential";
  return cors;
}
