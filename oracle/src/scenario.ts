/** The scenarios of `vectors/scenarios/`, as `vectors/scenarios/schema.json` describes them. */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ENGINES = ["chromium", "firefox", "webkit"] as const;
export type Engine = (typeof ENGINES)[number];

/** A body as data. */
export type ScenarioBody =
  | string
  | { readonly blob: string; readonly type?: string }
  | { readonly formData: readonly (readonly [string, string])[] }
  | { readonly urlSearchParams: string }
  | { readonly stream: string }
  | { readonly repeat: string; readonly times: number };

export interface FetchStep {
  readonly fetch: string;
  readonly init?: Readonly<Record<string, unknown>> & { readonly body?: ScenarioBody };
  readonly asRequest?: true;
  /** Fetches a blob: URL of this, which `fetch` is appended to. */
  readonly blobUrlOf?: { readonly blob: string; readonly type?: string };
  /** Takes the blob: URL back before it is fetched. */
  readonly isRevoked?: true;
  /** Fetches in a frame whose origin this is. */
  readonly fetchedIn?: string;
  /** Makes a Headers object of the headers first. */
  readonly asHeaders?: true;
  readonly abortAfterMilliseconds?: number;
  readonly padUrlTo?: number;
  readonly record?: "status" | "clone";
}

export interface XhrStep {
  readonly xhr: string;
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: ScenarioBody | null;
  readonly withCredentials?: boolean;
  readonly upload?: "listener" | "custom" | "log";
  readonly user?: string;
  readonly password?: string;
  readonly synchronous?: boolean;
  readonly timeoutMilliseconds?: number;
  readonly abortAfterMilliseconds?: number;
  readonly getResponseHeader?: readonly string[];
  readonly responseType?: string;
}

/** What loads: elements by their tag, links by their `rel`, uses of a URL in CSS by their property. */
type ElementKind =
  | "img"
  | "svg-image"
  | "svg-fe-image"
  | "input-image"
  | "video-poster"
  | "script"
  | "module"
  /** `import()`. */
  | "dynamic-import"
  | "worker"
  | "module-worker"
  /** In a classic worker of the page. */
  | "import-scripts"
  | "link-stylesheet"
  /** A rule of a style sheet in the page. */
  | "css-import"
  | "link-preload"
  | "link-prefetch"
  | "link-icon"
  | "link-manifest"
  /** `FontFace.load()`. */
  | "font"
  /** A rule of a style sheet in the page. */
  | "font-face"
  | "shape-outside"
  | "mask-image"
  | "background-image"
  | "video"
  | "audio"
  | "track";

export interface ElementStep {
  readonly element: ElementKind;
  readonly src: string;
  /** The attribute; of a track, its media element's. */
  readonly crossorigin?: string;
  readonly as?: string;
  readonly integrity?: string;
  readonly referrerPolicy?: string;
  /** Of a module worker. */
  readonly credentials?: "omit" | "same-origin" | "include";
  /** The script that calls `import()`; one in the page if absent. `crossorigin` is its. */
  readonly importedBy?: string;
  /** What the module or style sheet imports, as the server's answer has it. */
  readonly imports?: readonly string[];
  /** Give an image to WebGL, too. */
  readonly texture?: true;
  /** Of a script that does not throw, or that nothing can parse: what `window` hears is not told. */
  readonly errorsIgnored?: true;
}

export interface BeaconStep {
  readonly beacon: string;
  readonly body?: ScenarioBody | null;
}

export interface EventSourceStep {
  readonly eventSource: string;
  readonly withCredentials?: boolean;
  /** It is closed after so many; after one if absent. */
  readonly messages?: number;
  /** Tell how many whole seconds each new connection takes. */
  readonly record?: "reconnection-seconds";
}

export interface WebSocketStep {
  readonly webSocket: string;
  readonly protocols?: readonly string[];
  /** The page closes it after so many messages; if absent, the server's end is waited for. */
  readonly closesAfter?: number;
}

export type Step =
  | FetchStep
  | XhrStep
  | ElementStep
  | BeaconStep
  | EventSourceStep
  | WebSocketStep
  | { readonly cookie: string }
  | { readonly waitMilliseconds: number }
  | { readonly frame: string; readonly allow?: string; readonly steps: readonly Step[] }
  | { readonly worker: readonly Step[] }
  | { readonly parallel: readonly Step[] }
  | { readonly repeat: number; readonly steps: readonly Step[] };

/** What a server sends once there is a connection of a WebSocket. */
export type ScriptedFrame =
  | { readonly text: string }
  | { readonly close: number; readonly reason?: string }
  | { readonly waitMilliseconds: number };

export interface ScriptedResponse {
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** A file of `vectors/payloads/`, in the place of `body`. */
  readonly payload?: string;
  /** So many bodies, one behind the other. */
  readonly bodyTimes?: number;
  readonly raw?: string;
  /** Behind a head of status 101. */
  readonly frames?: readonly ScriptedFrame[];
  readonly close?: true;
  readonly reset?: true;
  readonly delayMilliseconds?: number;
}

/** Responses by resource and method; `*` stands for the others. */
export type ScriptedRoutes = Readonly<Record<string, Readonly<Record<string, readonly ScriptedResponse[]>>>>;

export interface ObservedRequest {
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type ObservedRequests = readonly (
  | ObservedRequest
  | { readonly repeat: number; readonly requests: readonly ObservedRequest[] }
)[];

/** What one step led to: any JSON value. */
export type StepResult = unknown;

export interface Observation {
  /** In the order of arrival. */
  readonly server: ObservedRequests;
  /** One for each step that has a result. */
  readonly script: readonly StepResult[];
}

interface EngineObservation extends Observation {
  readonly engines: readonly Engine[];
}

/** What the standard asks for where engines differ, or where all of them leave it. */
interface StandardExpectation {
  /** The engine that does as the standard says. */
  readonly as?: Engine;
  /** What the standard asks for, where no engine does so. */
  readonly observation?: Observation;
  /** The step of the standard that decides. */
  readonly because: string;
}

export interface Scenario {
  readonly id: string;
  readonly name: string;
  readonly page?: string;
  readonly embedderPolicy?: "credentialless" | "require-corp";
  readonly context?: "sandboxed-frame" | "data-frame" | "blob-frame" | "srcdoc-frame" | "worker";
  readonly keeps?: readonly string[];
  readonly volatile?: true;
  readonly steps: readonly Step[];
  readonly server?: ScriptedRoutes;
  readonly observed: readonly EngineObservation[];
  readonly unstable?: Readonly<Partial<Record<Engine, string>>>;
  readonly standard?: StandardExpectation;
}

export interface ScenarioFile {
  readonly subject: string;
  readonly title: string;
  readonly engines: Readonly<Record<Engine, string>>;
  readonly scenarios: readonly Scenario[];
}

export const SCENARIO_FOLDER: string = join(import.meta.dirname, "../../vectors/scenarios");

/** Every file but the schema, by name. */
export function readScenarioFiles(): readonly ScenarioFile[] {
  return globSync("*.json", { cwd: SCENARIO_FOLDER })
    .filter((name) => name !== "schema.json")
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(SCENARIO_FOLDER, name), "utf8")) as ScenarioFile);
}
