/**
 * What `check` is to send, read from its arguments.
 *
 * @module
 */

import type { Readable } from "node:stream";
import {
  type CredentialsMode,
  type Header,
  type IpAddressSpace,
  type ProfileName,
  type RedirectMode,
  type RequestMode,
  containsHeader,
  isCorsSafelistedMethod,
  isForbiddenRequestHeader,
  isNoCorsSafelistedRequestHeader,
  normalizeMethod,
} from "crossorigin/protocol";
import type { PreloadAs } from "@crossorigin/useragent";
import { type CertificateAndKey, readCertificateAndKey, readCertificates } from "./certificate-files.ts";
import { refuseForeignOptions, refuseForeignToBeacon } from "./consumer-options.ts";
import type { ConsumerName } from "./consumers.data.ts";
import { readInput } from "./input-file.ts";
import type { CrossoriginAttribute } from "./page-use.ts";
import {
  type PageOrigin,
  type Resolution,
  parseHeaderLine,
  parseMethod,
  parsePageOrigin,
  parseResolution,
  parseTargetUrl,
  parseTimeoutMilliseconds,
} from "./request-options.ts";
import { UsageError, quoted } from "./usage-error.ts";

/** The options as they were typed. */
export interface CheckOptions {
  readonly origin?: string;
  readonly opaqueOrigin?: boolean;
  readonly addressSpace?: IpAddressSpace;
  readonly request?: string;
  readonly header?: readonly string[];
  readonly data?: string;
  readonly as: ConsumerName;
  readonly crossorigin?: "anonymous" | "use-credentials" | "none";
  readonly integrity?: string;
  readonly preloadAs?: PreloadAs;
  readonly uploadListener?: boolean;
  readonly credentials?: CredentialsMode;
  readonly mode?: Exclude<RequestMode, "navigate" | "websocket">;
  readonly redirect?: RedirectMode;
  readonly profile: ProfileName;
  readonly resolve?: readonly string[];
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly timeout: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly redact?: boolean;
}

export interface CheckRequest {
  readonly url: URL;
  readonly page: PageOrigin;
  /** Where the page came from; null if nothing is to be held against it. */
  readonly addressSpace: IpAddressSpace | null;
  readonly consumer: ConsumerName;
  readonly crossorigin: CrossoriginAttribute;
  /** Null for none. */
  readonly integrity: string | null;
  /** Null where it is no preload. */
  readonly preloadAs: PreloadAs | null;
  /** Does the page listen to the events of an upload? */
  readonly hasUploadListener: boolean;
  readonly method: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array | null;
  /** Did somebody name the body's `Content-Type`? */
  readonly isTypeGiven: boolean;
  readonly credentials: CredentialsMode;
  readonly mode: Exclude<RequestMode, "navigate" | "websocket">;
  readonly redirect: RedirectMode;
  readonly profile: ProfileName;
  readonly resolutions: readonly Resolution[];
  /** PEM certificates to trust besides Node.js's built-in ones; null for none. */
  readonly ca: string | null;
  /** What the user identifies with to servers that ask; null for nothing. */
  readonly clientCertificate: CertificateAndKey | null;
  readonly timeoutMilliseconds: number;
  /** Are secrets to be left out of everything that is printed? */
  readonly isRedacted: boolean;
  /** What differs between what was asked for and what a browser sends; whole sentences. */
  readonly remarks: readonly string[];
}

/** What a browser says about a body given as a string. */
const STRING_BODY_TYPE: Header = ["Content-Type", "text/plain;charset=UTF-8"];

/** @throws UsageError for what no page could ask for, and for what cannot be read */
export async function readCheckRequest(input: string, options: CheckOptions, stdin: Readable): Promise<CheckRequest> {
  const url = parseTargetUrl(input);
  const page = parsePageOrigin(options.origin, options.opaqueOrigin === true, url);
  const method = parseMethod(
    options.request ?? (options.data === undefined && options.as !== "beacon" ? "GET" : "POST"),
  );
  const headers = (options.header ?? []).map(parseHeaderLine);
  const resolutions = (options.resolve ?? []).map(parseResolution);
  const timeoutMilliseconds = parseTimeoutMilliseconds(options.timeout);
  const { as: consumer, credentials = "same-origin", mode = "cors", redirect = "follow", profile } = options;
  refuseForeignOptions(options);
  refuseWhatFetchRefuses(method, mode, options.data);
  const remarks = [...methodRemarks(method), ...headerRemarks(headers, mode), ...integrityRemarks(options.integrity)];
  const body = options.data === undefined ? null : await readBody(options.data, stdin);
  if (consumer === "beacon") refuseForeignToBeacon(headers, body);
  const isTypeGiven = containsHeader(headers, "Content-Type");
  if (body !== null && !isTypeGiven) headers.push(STRING_BODY_TYPE);
  const ca = options.cacert === undefined ? null : await readCertificates(options.cacert, stdin);
  if (options.key !== undefined && options.cert === undefined)
    throw new UsageError(
      `--key ${quoted(options.key)} cannot go without --cert: give the certificate of that key, too`,
    );
  const clientCertificate =
    options.cert === undefined ? null : await readCertificateAndKey(options.cert, options.key, stdin);
  return {
    url,
    page,
    addressSpace: options.addressSpace ?? null,
    consumer,
    crossorigin: options.crossorigin === undefined || options.crossorigin === "none" ? null : options.crossorigin,
    integrity: options.integrity ?? null,
    preloadAs: options.preloadAs ?? null,
    hasUploadListener: options.uploadListener === true,
    method,
    headers,
    body,
    isTypeGiven,
    credentials,
    mode,
    redirect,
    profile,
    resolutions,
    ca,
    clientCertificate,
    timeoutMilliseconds,
    isRedacted: options.redact === true,
    remarks,
  };
}

/** What throws before anything is sent, in every browser. */
function refuseWhatFetchRefuses(method: string, mode: CheckRequest["mode"], data: string | undefined): void {
  const normalized = normalizeMethod(method);
  if (data !== undefined && (normalized === "GET" || normalized === "HEAD")) {
    throw new UsageError(
      `--data cannot go with ${normalized}: browsers refuse a body there; leave -X out, or use -X POST`,
    );
  }
  if (mode === "no-cors" && !isCorsSafelistedMethod(normalized)) {
    throw new UsageError(`--mode no-cors allows GET, HEAD and POST only, not ${quoted(method)}; leave --mode out`);
  }
}

function methodRemarks(method: string): string[] {
  const upper = method.toUpperCase();
  if (normalizeMethod(method) === upper || method === upper) return [];
  return [
    `Methods are case-sensitive: ${method} is sent as it is, and servers take it for another method than ${upper}.`,
  ];
}

/** What holds no digest is not compared with anything. @see https://w3c.github.io/webappsec-subresource-integrity/#parse-metadata */
function integrityRemarks(integrity: string | undefined): string[] {
  if (integrity === undefined || /(?:^|\s)sha(?:256|384|512)-[A-Za-z0-9+/_-]/i.test(integrity)) return [];
  return [
    `The integrity ${quoted(integrity)} holds no digest such as sha256-…: nothing is compared with it, but most browsers refuse a response without CORS all the same.`,
  ];
}

function headerRemarks(headers: readonly Header[], mode: CheckRequest["mode"]): string[] {
  return headers.flatMap(([name, value]) => {
    if (isForbiddenRequestHeader(name, value))
      return [`The header ${name} is not sent: browsers drop it silently, as pages may not set it.`];
    if (mode === "no-cors" && !isNoCorsSafelistedRequestHeader(name, value)) {
      return [`The header ${name} is not sent: browsers drop it silently in mode no-cors.`];
    }
    return [];
  });
}

/** The text itself, the bytes of a file with `@FILE`, or of standard input with `-` or `@-`. */
async function readBody(data: string, stdin: Readable): Promise<Uint8Array> {
  if (data === "-") return readInput("-", "the body", stdin);
  if (data.startsWith("@")) return readInput(data.slice(1), "the body", stdin);
  return new TextEncoder().encode(data);
}
