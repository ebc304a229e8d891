/**
 * What a page can ask for a URL with, and what it may do with what comes: the words of `--as`.
 *
 * @see https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-settings-attributes
 * @module
 */

import type { LoadElement } from "@crossorigin/useragent";

/** Options of `check` that go with some consumers only, as they are written. */
export type ConsumerOption =
  | "--request"
  | "--header"
  | "--data"
  | "--credentials"
  | "--mode"
  | "--redirect"
  | "--upload-listener"
  | "--crossorigin"
  | "--integrity"
  | "--preload-as";

/** One thing that a page may do, or may not. */
interface AbilityWords {
  /** Stable, for JSON. */
  readonly ability: string;
  /** Behind "the page may". */
  readonly allowed: string;
  /** Behind "the page may not", where the response is opaque; empty if that does not matter. */
  readonly denied: string;
}

export interface ConsumerWords {
  /** The element whose load it is; null for what scripts ask with. */
  readonly element: LoadElement | null;
  readonly options: readonly ConsumerOption[];
  /** The first is what the consumer is there for, unless `needs` names another. */
  readonly abilities: readonly AbilityWords[];
  /** What is of no use without this ability: a texture has to be readable, a picture does not. */
  readonly needs: string;
  /** What the page sees of a failure. */
  readonly failure: string;
}

/** A word of `--as`. */
export type ConsumerName =
  | "fetch"
  | "xhr"
  | "event-source"
  | "beacon"
  | "img"
  | "canvas"
  | "webgl"
  | "svg-image"
  | "svg-fe-image"
  | "input-image"
  | "video-poster"
  | "background-image"
  | "shape-outside"
  | "mask-image"
  | "font"
  | "script"
  | "module"
  | "worker"
  | "module-worker"
  | "import-scripts"
  | "link"
  | "css-import"
  | "link-preload"
  | "link-prefetch"
  | "link-icon"
  | "link-manifest"
  | "video"
  | "audio"
  | "track";

const READ_RESPONSE: AbilityWords = {
  ability: "read-response",
  allowed: "read status, exposed headers and body",
  denied: "read anything of the response: it is opaque",
};

const READ_PIXELS: AbilityWords = {
  ability: "read-pixels",
  allowed: "read its pixels: getImageData(), toDataURL(), toBlob()",
  denied:
    "read its pixels: drawing it taints the canvas, and getImageData(), toDataURL() and toBlob() throw a SecurityError",
};

const USE_AS_TEXTURE: AbilityWords = {
  ability: "use-as-texture",
  allowed: "use it as a WebGL texture: texImage2D()",
  denied: "use it as a WebGL texture: texImage2D() throws a SecurityError",
};

const READ_ERRORS: AbilityWords = {
  ability: "read-errors",
  allowed: "read its errors: window.onerror hears message, file and line",
  denied: 'read its errors: they are muted, and window.onerror hears "Script error." and nothing else',
};

const RUN_SCRIPT: AbilityWords = { ability: "run", allowed: "run the script", denied: "" };
const WORKER_FAILURE = "a worker that does not run: it hears error, without a reason, or new Worker() throws a SecurityError";

const STYLE_ABILITIES: readonly AbilityWords[] = [
  { ability: "apply", allowed: "apply the styles", denied: "" },
  {
    ability: "read-rules",
    allowed: "read and change its rules: sheet.cssRules",
    denied: "read its rules: sheet.cssRules throws a SecurityError",
  },
];

const SHOW_IMAGE: AbilityWords = { ability: "show", allowed: "show the image", denied: "" };
const PLAY: AbilityWords = { ability: "play", allowed: "play it", denied: "" };

const IMAGE: Pick<ConsumerWords, "element" | "options" | "abilities"> = {
  element: "img",
  options: ["--crossorigin"],
  abilities: [SHOW_IMAGE, READ_PIXELS, USE_AS_TEXTURE],
};
const BROKEN_IMAGE = "a broken image: the element hears error, without a reason";

export const CONSUMERS: Readonly<Record<ConsumerName, ConsumerWords>> = {
  fetch: {
    element: null,
    options: ["--request", "--header", "--data", "--credentials", "--mode", "--redirect", "--integrity"],
    abilities: [READ_RESPONSE],
    needs: "read-response",
    failure: "a TypeError without a reason",
  },
  xhr: {
    element: null,
    options: ["--request", "--header", "--data", "--credentials", "--upload-listener"],
    abilities: [READ_RESPONSE],
    needs: "read-response",
    failure: "an event error without a reason, and status 0",
  },
  "event-source": {
    element: null,
    options: ["--credentials"],
    abilities: [{ ability: "receive-events", allowed: "receive the server's events", denied: "" }],
    needs: "receive-events",
    failure: "an event error without a reason, and no events",
  },
  beacon: {
    element: null,
    options: ["--header", "--data"],
    abilities: [{ ability: "send", allowed: "send the data; it hears nothing of the answer", denied: "" }],
    needs: "send",
    failure: "nothing, as sendBeacon() returned true before",
  },
  img: { ...IMAGE, needs: "show", failure: BROKEN_IMAGE },
  canvas: { ...IMAGE, needs: "read-pixels", failure: BROKEN_IMAGE },
  webgl: { ...IMAGE, needs: "use-as-texture", failure: BROKEN_IMAGE },
  "svg-image": { ...IMAGE, element: "svg-image", needs: "show", failure: BROKEN_IMAGE },
  "svg-fe-image": {
    element: "svg-fe-image",
    options: ["--crossorigin"],
    abilities: [
      { ability: "use-in-filter", allowed: "use the image in the filter", denied: "" },
      {
        ability: "displace",
        allowed: "move pixels by it: feDisplacementMap",
        denied: "move pixels by it: feDisplacementMap leaves them where they are",
      },
    ],
    needs: "use-in-filter",
    failure: "a filter without the image: the element hears error, without a reason",
  },
  "input-image": {
    element: "input-image",
    options: [],
    abilities: [SHOW_IMAGE],
    needs: "show",
    failure: "a button with its text: the element hears error, without a reason",
  },
  "video-poster": {
    element: "video-poster",
    options: [],
    abilities: [SHOW_IMAGE],
    needs: "show",
    failure: "a video without its poster, and no event",
  },
  "background-image": {
    element: "background-image",
    options: [],
    abilities: [SHOW_IMAGE],
    needs: "show",
    failure: "nothing painted, and no event",
  },
  "shape-outside": {
    element: "shape-outside",
    options: [],
    abilities: [{ ability: "use-as-shape", allowed: "let text flow around the image's shape", denied: "" }],
    needs: "use-as-shape",
    failure: "text that flows around the box, as the shape is ignored, and no event",
  },
  "mask-image": {
    element: "mask-image",
    options: [],
    abilities: [{ ability: "use-as-mask", allowed: "mask elements with the image", denied: "" }],
    needs: "use-as-mask",
    failure: "an element that is not painted, as the mask counts as transparent, and no event",
  },
  font: {
    element: "font",
    options: [],
    abilities: [{ ability: "use-font", allowed: "use the font", denied: "" }],
    needs: "use-font",
    failure: "the next font of the list; FontFace.load() rejects without a reason",
  },
  script: {
    element: "script",
    options: ["--crossorigin", "--integrity"],
    abilities: [RUN_SCRIPT, READ_ERRORS],
    needs: "run",
    failure: "a script that does not run: the element hears error, without a reason",
  },
  module: {
    element: "module",
    options: ["--crossorigin", "--integrity"],
    abilities: [RUN_SCRIPT, READ_ERRORS],
    needs: "run",
    failure: "a script that does not run: the element hears error, without a reason",
  },
  worker: {
    element: "worker",
    options: [],
    abilities: [RUN_SCRIPT],
    needs: "run",
    failure: WORKER_FAILURE,
  },
  "module-worker": {
    element: "module-worker",
    options: ["--credentials"],
    abilities: [RUN_SCRIPT],
    needs: "run",
    failure: WORKER_FAILURE,
  },
  "import-scripts": {
    element: "import-scripts",
    options: [],
    abilities: [
      RUN_SCRIPT,
      {
        ability: "read-errors",
        allowed: "read its errors: the worker's onerror hears message, file and line",
        denied: 'read its errors: they are muted, and the worker\'s onerror hears "Script error." and nothing else',
      },
    ],
    needs: "run",
    failure: "importScripts() throw a NetworkError without a reason",
  },
  link: {
    element: "link-stylesheet",
    options: ["--crossorigin", "--integrity"],
    abilities: STYLE_ABILITIES,
    needs: "apply",
    failure: "styles that do not apply: the element hears error, without a reason",
  },
  "css-import": {
    element: "css-import",
    options: [],
    abilities: STYLE_ABILITIES,
    needs: "apply",
    failure: "styles that do not apply, and no event of the rule itself",
  },
  "link-preload": {
    element: "link-preload",
    options: ["--crossorigin", "--integrity", "--preload-as"],
    abilities: [
      {
        ability: "preload",
        allowed: "use it later, from an element with the same crossorigin",
        denied: "",
      },
    ],
    needs: "preload",
    failure: "nothing that was kept: the element hears error, without a reason",
  },
  "link-prefetch": {
    element: "link-prefetch",
    options: ["--crossorigin"],
    abilities: [{ ability: "prefetch", allowed: "find it in the HTTP cache later, if it may be stored", denied: "" }],
    needs: "prefetch",
    failure: "nothing that was kept: the element hears error, without a reason",
  },
  "link-icon": {
    element: "link-icon",
    options: ["--crossorigin"],
    abilities: [{ ability: "show", allowed: "have the image as its icon", denied: "" }],
    needs: "show",
    failure: "another icon, or none, and no event",
  },
  "link-manifest": {
    element: "link-manifest",
    options: ["--crossorigin"],
    abilities: [{ ability: "use-manifest", allowed: "be installed by the manifest", denied: "" }],
    needs: "use-manifest",
    failure: "a page without a manifest, and no event",
  },
  video: {
    element: "video",
    options: ["--crossorigin"],
    abilities: [PLAY, READ_PIXELS, USE_AS_TEXTURE],
    needs: "play",
    failure: "nothing that plays: the element hears error, without a reason",
  },
  audio: {
    element: "audio",
    options: ["--crossorigin"],
    abilities: [
      PLAY,
      {
        ability: "read-samples",
        allowed: "process its sound: createMediaElementSource()",
        denied: "process its sound: createMediaElementSource() gives silence",
      },
    ],
    needs: "play",
    failure: "nothing that plays: the element hears error, without a reason",
  },
  track: {
    element: "track",
    options: ["--crossorigin"],
    abilities: [{ ability: "read-cues", allowed: "show its cues, and read them: track.cues", denied: "" }],
    needs: "read-cues",
    failure: "no cues: the element hears error, without a reason",
  },
};

export const CONSUMER_NAMES: readonly ConsumerName[] = Object.keys(CONSUMERS) as ConsumerName[];
