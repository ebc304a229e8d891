/**
 * A load: the request of an element, its response, and what a page may do with it.
 *
 * Choice: where a browser decodes, the signature of the bytes decides, unless the embedder gives a decoder.
 *
 * @see https://html.spec.whatwg.org/multipage/urls-and-fetching.html#fetching-resources
 * @module
 */

import {
  FetchController,
  type FilteredResponse,
  type NetworkError,
  type NetworkErrorReason,
  type Request,
  type ResponseBody,
  type TraceEvent,
  bodyOfBytes,
  createRequest,
  currentUrl,
  fetch as runFetch,
  hasIntegrityDigest,
  networkError,
  preloadKey,
} from "crossorigin/fetching";
import {
  type Profile,
  extractMimeTypeEssence,
  getHeader,
  isHttpScheme,
  isJavaScriptMimeTypeEssence,
  serializeOrigin,
} from "crossorigin/protocol";
import { show } from "../byte-string.ts";
import { type FailureDetails, failureReason } from "../failure-reason.ts";
import type { FetchContext } from "../fetch-method.ts";
import type { ExplainedNetworkError } from "../network-error.ts";
import { networkFailureOf } from "../transport/network-failure.ts";
import { rememberBitmap } from "./bitmap.ts";
import { SIGNATURE_BYTES, isFont, isImage, isMedia, isTextTrack } from "./content-signature.ts";
import { type ElementLoad, failedAs, loadedAs } from "./element-load.ts";
import { type LoadElement, requestModes } from "./element-settings.ts";
import { mayStartWorker } from "./worker-embedder-policy.ts";
import { type ConvertedLoadOptions, type LoadOptions, convertLoadOptions } from "./load-options.ts";

/** What needs no document. */
const WORKER_ELEMENTS: readonly LoadElement[] = ["module", "worker", "module-worker", "import-scripts", "font"];

/** Attack: a body without an end must not fill the memory. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** @see https://mimesniff.spec.whatwg.org/#json-mime-type */
const JSON_ESSENCE = /\+json$|^(?:application|text)\/json$/;

/** Everything about one load. */
interface Load {
  readonly context: FetchContext;
  readonly options: ConvertedLoadOptions;
  readonly request: Request;
  readonly controller: FetchController;
  readonly trace: TraceEvent[];
  /** Adds to the trace, and tells the embedder. */
  readonly emit: (event: TraceEvent) => void;
}

type LoadResult =
  | { readonly ok: true; readonly response: FilteredResponse; readonly picture: object | null }
  | { readonly ok: false; readonly reason: ExplainedNetworkError };

/** Rejects only with a `TypeError` for options that cannot be. */
export async function loadMethod(context: FetchContext, given: LoadOptions): Promise<ElementLoad> {
  const options = convertLoadOptions(given);
  const { element, src } = options;
  if (context.environment.isWorker === true && !WORKER_ELEMENTS.includes(element))
    throw new TypeError(
      `The option element is ${show(element)}: in a worker, pass one of ${WORKER_ELEMENTS.join(", ")}.`,
    );
  const base = context.environment.url;
  const url = src === "" || !URL.canParse(src, base.href) ? null : new URL(src, base);
  const request = createRequest({
    url: url ?? base,
    client: context.environment,
    destination: options.settings.destination,
    initiator: options.settings.initiator ?? "",
    ...requestModes(options.settings, options, context.effects.profile),
    useUrlCredentials: element !== "module" && element !== "module-worker",
    integrityMetadata: integrityOf(options, context),
    referrer: referrerOf(options, context),
    referrerPolicy: options.referrerPolicy,
    // The one header that a media element brings; none of these requests asks for a preflight.
    headers: options.settings.content === "media" ? [["Range", "bytes=0-"]] : [],
  });
  const trace: TraceEvent[] = [];
  const listener = context.startTrace();
  const emit = (event: TraceEvent): void => {
    trace.push(event);
    listener(event);
  };
  const load: Load = { context, options, request, controller: new FetchController(), trace, emit };
  const result = url === null ? refuseSource(load) : await runLoad(load);
  return handleOf(element, url?.href ?? src, result, context.effects.profile) as ElementLoad;
}

function integrityOf({ integrity }: ConvertedLoadOptions, { effects }: FetchContext): string {
  return effects.profile.elementIntegrityNeedsDigest && !hasIntegrityDigest(integrity) ? "" : integrity;
}

/**
 * What imports is the referrer of what it imports.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#hostloadimportedmodule
 */
function referrerOf({ importedBy }: ConvertedLoadOptions, { environment, effects }: FetchContext): URL | "client" {
  if (importedBy === null) return "client";
  if (!URL.canParse(importedBy, environment.url.href))
    throw new TypeError(`The option importedBy is ${show(importedBy)}: pass the URL of what imports.`);
  return effects.profile.importerIsReferrer ? new URL(importedBy, environment.url) : "client";
}

function handleOf(
  element: LoadElement,
  url: string,
  result: LoadResult,
  profile: Pick<Profile, "opaqueScriptErrorsMuted">,
): object {
  if (!result.ok) {
    const { reason } = result;
    const failed = {
      element,
      outcome: "error",
      url,
      responseType: "error",
      ...failedAs(element),
      reason: () => reason,
    };
    rememberBitmap(failed, element, { state: "broken", isOriginClean: true, picture: null });
    return failed;
  }
  const { response, picture } = result;
  const isOpaque = response.type === "opaque";
  const loaded = {
    element,
    outcome: "load",
    url,
    responseType: response.type,
    ...loadedAs(element, isOpaque, profile),
    ...(element === "module" ? { baseUrl: baseUrlOf(response) } : {}),
    reason: () => null,
  };
  rememberBitmap(loaded, element, { state: "complete", isOriginClean: !isOpaque, picture });
  return loaded;
}

/** What `import.meta.url` tells the module. */
function baseUrlOf({ internalResponse: { urlList } }: FilteredResponse): string | undefined {
  return urlList.at(-1)?.href;
}

/** Nothing is asked for; the trace says so, as that of every other load does. */
function refuseSource(load: Load): LoadResult {
  const { options, request, emit } = load;
  const { method, origin, mode, credentialsMode, redirectMode, destination } = request;
  const { src } = options;
  emit({
    type: "fetch",
    method,
    url: src,
    origin: serializeOrigin(origin),
    mode,
    credentialsMode,
    redirectMode,
    destination,
  });
  return refuse(load, "element-load/url-invalid", { received: src === "" ? null : src });
}

async function runLoad(load: Load): Promise<LoadResult> {
  const { context, options, request, controller, trace, emit } = load;
  context.inFlight.add(controller);
  if (context.isClosed()) controller.terminate();
  try {
    const response = await (options.element === "link-preload"
      ? fetchPreload(load)
      : runFetch(request, context.effects, { controller, trace: emit }));
    if (response.type === "error") return { ok: false, reason: { ...response.reason, trace } };
    return await processResponse(load, response);
  } finally {
    context.inFlight.delete(controller);
  }
}

/**
 * Fetches, and leaves the response to the page's next request for the same, which may come while this is under way.
 *
 * @see https://html.spec.whatwg.org/multipage/links.html#preload
 */
async function fetchPreload(load: Load): Promise<FilteredResponse | NetworkError> {
  const { context, request } = load;
  const key = preloadKey(request); // Step 9
  const response = fetchWhole(load); // Step 11
  context.environment.preloadedResources?.store(key, { integrityMetadata: request.integrityMetadata, response }); // Step 12
  return response;
}

/** Deviation: a response without a body stays one, and is no network error. */
async function fetchWhole(load: Load): Promise<FilteredResponse | NetworkError> {
  const { context, request, controller, emit } = load;
  const response = await runFetch(request, context.effects, { controller, trace: emit });
  if (response.type === "error" || response.internalResponse.body === null) return response;
  const read = await readBody(load, response.internalResponse.body, Number.POSITIVE_INFINITY, true);
  if (!read.ok) {
    const { trace: _, ...reason } = read.reason;
    return networkError(reason);
  }
  response.internalResponse.body = bodyOfBytes(read.bytes);
  return response;
}

/** What the element makes of the response: of the internal one, as no rule of elements is kept from opaque ones. */
async function processResponse(load: Load, response: FilteredResponse): Promise<LoadResult> {
  const { settings } = load.options;
  const { headers, status, body } = response.internalResponse;
  const refused = refusedByHead(load, response);
  if (refused !== null) {
    body?.cancel();
    return refused;
  }
  const limit = settings.content === "media" ? SIGNATURE_BYTES : Number.POSITIVE_INFINITY;
  const isKept = !["none", "javascript", "javascript-of-http", "json", "style-sheet"].includes(settings.content);
  const read =
    body === null ? { ok: true as const, bytes: new Uint8Array() } : await readBody(load, body, limit, isKept);
  if (!read.ok) return read;
  const { bytes } = read;
  const essence = extractMimeTypeEssence(headers);
  switch (settings.content) {
    case "image":
      return processImage(load, response, bytes);
    case "font":
      return isFont(bytes) ? { ok: true, response, picture: null } : undecodable(load, essence);
    case "media":
      return isMedia(bytes) ? { ok: true, response, picture: null } : undecodable(load, essence);
    case "text-track":
      return isTextTrack(bytes) ? { ok: true, response, picture: null } : undecodable(load, essence);
    case "style-sheet":
    case "javascript":
    case "javascript-of-http":
    case "json":
    case "none":
      // A body that is null is a failure, but for preloads, which take what there is.
      return body === null && settings.isOkStatusRequired
        ? refuse(load, "element-load/status", { expected: "a body", received: String(status) })
        : { ok: true, response, picture: null };
  }
}

/** What status and headers refuse; null if they do not. */
function refusedByHead(load: Load, { internalResponse }: FilteredResponse): LoadResult | null {
  const { settings, importedBy } = load.options;
  const { content, destination, isOkStatusRequired } = settings;
  const { headers, status } = internalResponse;
  const essence = extractMimeTypeEssence(headers);
  if (isOkStatusRequired && (status < 200 || status > 299))
    return refuse(load, "element-load/status", { expected: "a status from 200 to 299", received: String(status) });
  const isOfHttp = isHttpScheme(currentUrl(load.request));
  const { environment, effects } = load.context;
  if (
    destination === "worker" &&
    importedBy === null &&
    isOfHttp &&
    !mayStartWorker(environment, headers, effects.profile)
  )
    return refuse(load, "element-load/embedder-policy-missing", {
      expected: "require-corp or credentialless",
      received: getHeader(headers, "Cross-Origin-Embedder-Policy"),
    });
  if (
    (content === "javascript" || (content === "javascript-of-http" && isOfHttp)) &&
    !isJavaScriptMimeTypeEssence(essence)
  )
    return refuse(load, "element-load/mime-type", { expected: "text/javascript", received: essence });
  if (content === "json" && (essence === null || !JSON_ESSENCE.test(essence)))
    return refuse(load, "element-load/mime-type", { expected: "application/json", received: essence });
  // Choice: a page in standards mode. Without a Content-Type, the type attribute's default counts.
  if (content === "style-sheet" && essence !== "text/css" && essence !== null)
    return refuse(load, "element-load/mime-type", { expected: "text/css", received: essence });
  return null;
}

/** An image of any status and MIME type: only what its bytes are counts. */
async function processImage(load: Load, response: FilteredResponse, bytes: Uint8Array): Promise<LoadResult> {
  const { decode } = load.options;
  const essence = extractMimeTypeEssence(response.internalResponse.headers);
  if (decode === null)
    return isImage(bytes, essence) ? { ok: true, response, picture: null } : undecodable(load, essence);
  try {
    const picture: unknown = await decode(bytes);
    return { ok: true, response, picture: typeof picture === "object" ? picture : null };
  } catch (error) {
    return undecodable(load, essence, String(error));
  }
}

/** Reads up to `limit` bytes and lets go of the rest; keeps them if they are needed. */
async function readBody(
  load: Load,
  body: ResponseBody,
  limit: number,
  isKept: boolean,
): Promise<
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly reason: ExplainedNetworkError }
> {
  const { controller } = load;
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      length += chunk.byteLength;
      if (isKept) chunks.push(chunk);
      if (length > MAX_BODY_BYTES) {
        body.cancel();
        return refuse(load, "element-load/too-large", { expected: String(MAX_BODY_BYTES) });
      }
      if (length >= limit) break;
    }
  } catch (error) {
    const { code, detail } = networkFailureOf(error);
    const closed = controller.isCanceled ? "network/client-closed" : code;
    return refuse(load, closed, { subject: detail });
  }
  if (length >= limit) body.cancel();
  if (controller.isCanceled) return refuse(load, "network/client-closed");
  return { ok: true, bytes: Buffer.concat(chunks) };
}

function undecodable(load: Load, essence: string | null, subject: string | null = null): LoadResult {
  return refuse(load, "element-load/not-decodable", {
    expected: load.options.settings.content,
    received: essence,
    subject,
  });
}

function refuse(
  { request, trace, emit }: Load,
  code: NetworkErrorReason["code"],
  details?: FailureDetails,
): { readonly ok: false; readonly reason: ExplainedNetworkError } {
  const reason = failureReason(request.urlList, code, details);
  emit({ type: "network-error", reason });
  return { ok: false, reason: { ...reason, trace: [...trace] } };
}
