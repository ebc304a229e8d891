/**
 * What a server has to answer, by plain definition: no tables, no trees, no precomputed answers, none of the library's code.
 *
 * @module
 */

import { type SoakPolicy, isTenant } from "./policies.ts";
import type { SoakRequest } from "./requests.ts";

/** The header lines that are looked at, in the order in which answers are compared. */
export const LINES = [
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-expose-headers",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-max-age",
  "vary",
] as const;

export type Lines = Partial<Record<(typeof LINES)[number], string>>;

/** An answer as text: equal texts are equal answers. */
export function answerText(status: number, lines: Lines): string {
  return [status, ...LINES.map((name) => lines[name] ?? "-")].join(" | ");
}

export function expectedAnswer({ config }: SoakPolicy, request: SoakRequest): string {
  const origin = request.origins.length === 0 ? null : request.origins.join(", ");
  const isStatic = config.origins === "*" && config.credentials !== true;
  const asked = request.requestMethods.join(", ");
  const isPreflight = request.method === "OPTIONS" && origin !== null && request.requestMethods.length > 0;
  const isGranted = isStatic || (origin !== null && isOriginGranted(config, origin));
  const credentials: Lines = config.credentials === true ? { "access-control-allow-credentials": "true" } : {};
  const grant: Lines = { "access-control-allow-origin": isStatic ? "*" : (origin ?? ""), ...credentials };
  const vary = isStatic ? [] : ["Origin"];

  if (isPreflight) {
    const names = request.requestHeaders.join(", ");
    if (!isGranted || !isMethodGranted(config, asked) || !areNamesGranted(config, names))
      return answerText(403, varyLine(vary));
    const byMethod = config.preflightAnswer === "requested" || (config.methods === "*" && !isStatic);
    const byNames = config.preflightAnswer === "requested" || (config.requestHeaders === "*" && !isStatic);
    if (byMethod) vary.push("Access-Control-Request-Method");
    if (byNames) vary.push("Access-Control-Request-Headers");
    const methods = byMethod ? (isSafelisted(asked) ? "" : asked) : joined(config.methods);
    const headers = byNames ? names : joined(config.requestHeaders);
    return answerText(204, {
      ...grant,
      ...(methods === "" ? {} : { "access-control-allow-methods": methods }),
      ...(headers === "" ? {} : { "access-control-allow-headers": headers }),
      "access-control-max-age": String(config.maxAgeSeconds),
      ...varyLine(vary),
    });
  }

  const { status } = request.target;
  const all = request.target.vary === null ? vary : [request.target.vary, ...vary];
  if (!isGranted) return answerText(status, varyLine(all));
  const exposed = joined(config.exposedHeaders);
  return answerText(status, {
    ...grant,
    ...(exposed === "" ? {} : { "access-control-expose-headers": exposed }),
    ...varyLine(all),
  });
}

function varyLine(names: readonly string[]): Lines {
  return names.length === 0 ? {} : { vary: names.join(", ") };
}

function joined(list: "*" | readonly string[] | undefined): string {
  return list === undefined ? "" : typeof list === "string" ? list : list.join(", ");
}

function isOriginGranted({ origins }: SoakPolicy["config"], origin: string): boolean {
  if (!isOrigin(origin)) return false;
  if (origins === "*") return true;
  if (typeof origins === "function") return isTenant(origin);
  return origins.some((pattern) => {
    if (pattern === origin) return true;
    if (pattern.endsWith(":*")) {
      const host = pattern.slice(0, -2);
      return origin === host || (origin.startsWith(`${host}:`) && /^\d+$/.test(origin.slice(host.length + 1)));
    }
    const [scheme, base] = pattern.split("*");
    if (base === undefined || scheme === undefined) return false;
    // Whole labels, one or more; none is empty.
    const labels = origin.slice(scheme.length, -base.length);
    return origin.startsWith(scheme) && origin.endsWith(base) && /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(labels);
  });
}

/** As browsers write it. */
function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value && /^https?:/.test(value) && value.length < 300;
}

function isSafelisted(method: string): boolean {
  return ["GET", "HEAD", "POST"].includes(method);
}

function isToken(value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value);
}

function isMethodGranted({ methods }: SoakPolicy["config"], method: string): boolean {
  if (isSafelisted(method)) return true;
  return methods === "*" ? isToken(method) && method.length <= 64 : (methods?.includes(method) ?? false);
}

/** The bounds are the documented ones: 8192 characters, 256 in a name, and so many names. */
function areNamesGranted({ requestHeaders: granted = [] }: SoakPolicy["config"], list: string): boolean {
  const elements = list.split(",").map((element) => element.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
  const isAny = granted.includes("*");
  const named = typeof granted === "string" ? [] : granted.filter((name) => name !== "*");
  const most = isAny ? 128 : 2 * named.length + 8;
  if (list.length > 8192 || elements.length > most || elements.some(({ length }) => length > 256)) return false;
  return elements.every((name) => {
    const lower = name.toLowerCase();
    return name === "" || named.includes(lower) || (isAny && isToken(name) && lower !== "authorization");
  });
}
