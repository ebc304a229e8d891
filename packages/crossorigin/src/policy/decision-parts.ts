/**
 * The prepared parts of a policy's decisions.
 *
 * @module
 */

import { byteLowercase } from "../protocol/index.ts";
import type { Decision, DecisionCode, HeaderEdit } from "./decision.ts";
import { OriginMatcher } from "./origin-matcher.ts";
import type { CheckedConfig } from "./policy.ts";
import { RequestHeaderNames } from "./request-header-names.ts";

export interface DecisionParts {
  /** Is the answer the same for every origin? Then it carries no `Vary`. */
  readonly isStatic: boolean;
  readonly reflectAnyOrigin: boolean;
  readonly allowNullOrigin: boolean;
  readonly matcher: OriginMatcher;
  /** Headers of a granted actual response, without `Access-Control-Allow-Origin` where it varies. */
  readonly actualHeaders: readonly HeaderEdit[];
  /** Headers of a granted preflight that do not depend on the request, likewise. */
  readonly preflightHeaders: readonly HeaderEdit[];
  readonly methods: "*" | ReadonlySet<string>;
  readonly requestHeaders: RequestHeaderNames;
  /** Must the method and the names be answered one by one, as asked? */
  readonly namesMethod: boolean;
  readonly namesHeaders: boolean;
  readonly noOrigin: Decision;
  readonly actualRefused: Decision;
  readonly actualMultiple: Decision;
  readonly preflightRefused: Decision;
  readonly preflightMultiple: Decision;
  /** The decision on every actual request if `isStatic`. */
  readonly actualGranted: Decision;
}

/** Compiles everything once; linear in the size of the config. */
export function compileDecisionParts(config: CheckedConfig): DecisionParts {
  const reflectAnyOrigin = config.patterns === "*" && config.dangers["dangerouslyReflectAnyOrigin"] === true;
  const isStatic = config.patterns === "*" && !reflectAnyOrigin;
  const vary = set("append", "Vary", "Origin");
  const origin = isStatic ? [set("set", "Access-Control-Allow-Origin", "*")] : [];
  const credentials = config.credentials ? [set("set", "Access-Control-Allow-Credentials", "true")] : [];
  const exposed = listEdit("Access-Control-Expose-Headers", config.exposedHeaders);
  const isRequested = config.preflightAnswer === "requested";
  const requestHeaders = new RequestHeaderNames(config.requestHeaders);
  const namesMethod = isRequested || (config.methods === "*" && config.credentials);
  const namesHeaders = isRequested || (requestHeaders.isAny && config.credentials);
  const maxAge =
    config.maxAgeSeconds === null ? [] : [set("set", "Access-Control-Max-Age", String(config.maxAgeSeconds))];
  const preflightVary = [
    ...(isStatic ? [] : ["Origin"]),
    ...(namesMethod ? ["Access-Control-Request-Method"] : []),
    ...(namesHeaders ? ["Access-Control-Request-Headers"] : []),
  ];
  const varyEdits = isStatic ? [] : [vary];
  const actualHeaders = Object.freeze([...origin, ...credentials, ...exposed, ...varyEdits]);
  const preflightHeaders = [
    ...origin,
    ...credentials,
    ...(namesMethod ? [] : listEdit("Access-Control-Allow-Methods", config.methods)),
    ...(namesHeaders ? [] : listEdit("Access-Control-Allow-Headers", config.requestHeaders)),
    ...maxAge,
    ...(preflightVary.length === 0 ? [] : [set("append", "Vary", preflightVary.join(", "))]),
  ];
  return Object.freeze({
    isStatic,
    reflectAnyOrigin,
    allowNullOrigin: config.dangers["dangerouslyAllowNullOrigin"] === true,
    matcher: new OriginMatcher(config.patterns === "*" ? [] : config.patterns),
    actualHeaders,
    preflightHeaders: Object.freeze(preflightHeaders),
    methods: config.methods === "*" ? "*" : new Set(config.methods),
    requestHeaders,
    namesMethod,
    namesHeaders,
    // A static grant goes on every response, so that caches need not tell requests apart.
    noOrigin: fixed("not-cors", "decision/no-origin", isStatic ? actualHeaders : varyEdits),
    actualRefused: fixed("actual", "decision/origin-not-allowed", varyEdits),
    actualMultiple: fixed("actual", "decision/origin-multiple", varyEdits),
    preflightRefused: fixed("preflight", "decision/origin-not-allowed", varyEdits),
    preflightMultiple: fixed("preflight", "decision/origin-multiple", varyEdits),
    actualGranted: fixed("actual", "decision/granted", actualHeaders),
  });
}

function fixed(kind: Decision["kind"], code: DecisionCode, headers: readonly HeaderEdit[]): Decision {
  const status = kind === "preflight" ? 403 : null;
  return Object.freeze({
    kind,
    granted: code === "decision/granted",
    code,
    status,
    subject: null,
    headers: Object.freeze(headers),
  });
}

/** No line at all for an absent or empty list. */
function listEdit(name: string, values: "*" | readonly string[] | null): HeaderEdit[] {
  if (values === null || values.length === 0) return [];
  return [
    set(
      "set",
      name,
      values === "*"
        ? "*"
        : values.map((value) => (name.endsWith("Methods") ? value : byteLowercase(value))).join(", "),
    ),
  ];
}

function set(op: HeaderEdit["op"], name: string, value: string): HeaderEdit {
  return Object.freeze({ op, name, value });
}
