/**
 * The prepared parts of a policy's decisions.
 *
 * @module
 */

import { byteLowercase } from "../protocol/header-value.ts";
import type { Decision, DecisionCode, HeaderLine } from "./decision.ts";
import { OriginMatcher } from "./origin-matcher.ts";
import type { CheckedConfig } from "./policy.ts";
import { RequestHeaderNames } from "./request-header-names.ts";

export interface DecisionParts {
  /** Is the answer the same for every origin? Then it carries no `Vary`. */
  readonly isStatic: boolean;
  readonly reflectAnyOrigin: boolean;
  readonly allowNullOrigin: boolean;
  readonly matcher: OriginMatcher;
  /** Lines of a granted actual response; the first one is `Access-Control-Allow-Origin`, whose value may have to be put in. */
  readonly actualHeaders: readonly HeaderLine[];
  readonly actualVary: string | null;
  /** Lines of a granted preflight that do not depend on the request, likewise. */
  readonly preflightHeaders: readonly HeaderLine[];
  readonly preflightVary: string | null;
  readonly methods: "*" | ReadonlySet<string>;
  readonly requestHeaders: RequestHeaderNames;
  readonly allowPrivateNetwork: boolean;
  /** Does a granted actual response name the origin in `Timing-Allow-Origin`, too? */
  readonly namesTiming: boolean;
  /** Must the method and the names be answered one by one, as asked? */
  readonly namesMethod: boolean;
  readonly namesHeaders: boolean;
  readonly noOrigin: Decision;
  readonly actualRefused: Decision;
  readonly actualMultiple: Decision;
  readonly preflightRefused: Decision;
  readonly preflightMultiple: Decision;
  /** The decision on every granted actual request if `isStatic`; else null. */
  readonly actualGranted: Decision | null;
  /** The decision on every granted preflight if it is the same for all; else null. */
  readonly preflightGranted: Decision | null;
}

/** Compiles everything once; linear in the size of the config. */
export function compileDecisionParts(config: CheckedConfig): DecisionParts {
  const reflectAnyOrigin = config.patterns === "*" && config.dangers["dangerouslyReflectAnyOrigin"] === true;
  const isStatic = config.patterns === "*" && !reflectAnyOrigin;
  const actualVary = isStatic ? null : "Origin";
  const credentials = config.credentials ? [line("Access-Control-Allow-Credentials", "true")] : [];
  const exposed = listLine("Access-Control-Expose-Headers", config.exposedHeaders);
  const isRequested = config.preflightAnswer === "requested";
  const requestHeaders = new RequestHeaderNames(config.requestHeaders);
  const allowPrivateNetwork = config.dangers["dangerouslyAllowPrivateNetwork"] === true;
  const namesMethod = isRequested || (config.methods === "*" && config.credentials);
  const namesHeaders = isRequested || (requestHeaders.isAny && config.credentials);
  const maxAge = config.maxAgeSeconds === null ? [] : [line("Access-Control-Max-Age", String(config.maxAgeSeconds))];
  const preflightVaryNames = [
    ...(isStatic ? [] : ["Origin"]),
    ...(namesMethod ? ["Access-Control-Request-Method"] : []),
    ...(namesHeaders ? ["Access-Control-Request-Headers"] : []),
    ...(allowPrivateNetwork ? ["Access-Control-Request-Private-Network"] : []),
  ];
  const preflightVary = preflightVaryNames.length === 0 ? null : preflightVaryNames.join(", ");
  const anyOrigin = line("Access-Control-Allow-Origin", "*");
  const { exposeTiming, crossOriginResourcePolicy } = config;
  const resourcePolicy =
    crossOriginResourcePolicy === null ? [] : [line("Cross-Origin-Resource-Policy", crossOriginResourcePolicy)];
  const actualHeaders = [anyOrigin, ...credentials, ...exposed, ...resourcePolicy];
  const preflightHeaders = [
    anyOrigin,
    ...credentials,
    ...(namesMethod ? [] : listLine("Access-Control-Allow-Methods", config.methods)),
    ...(namesHeaders ? [] : listLine("Access-Control-Allow-Headers", config.requestHeaders)),
    ...maxAge,
  ];
  const timing = exposeTiming ? [line("Timing-Allow-Origin", "*")] : [];
  const staticHeaders = isStatic ? [...actualHeaders, ...timing] : resourcePolicy;
  return Object.freeze({
    isStatic,
    reflectAnyOrigin,
    allowNullOrigin: config.dangers["dangerouslyAllowNullOrigin"] === true,
    matcher: new OriginMatcher(
      config.patterns === "*" ? [] : config.patterns,
      config.origins === "*" ? [] : config.origins,
    ),
    actualHeaders,
    actualVary,
    preflightHeaders,
    preflightVary,
    methods: config.methods === "*" ? "*" : new Set(config.methods),
    requestHeaders,
    allowPrivateNetwork,
    namesTiming: exposeTiming && !isStatic,
    namesMethod,
    namesHeaders,
    // A static grant goes on every response, so that caches need not tell requests apart.
    noOrigin: fixed("not-cors", "decision/no-origin", staticHeaders, actualVary),
    actualRefused: fixed("actual", "decision/origin-not-allowed", resourcePolicy, actualVary),
    actualMultiple: fixed("actual", "decision/origin-multiple", resourcePolicy, actualVary),
    preflightRefused: fixed("preflight", "decision/origin-not-allowed", [], actualVary),
    preflightMultiple: fixed("preflight", "decision/origin-multiple", [], actualVary),
    actualGranted: isStatic ? fixed("actual", "decision/granted", staticHeaders, actualVary) : null,
    preflightGranted:
      isStatic && preflightVary === null
        ? fixed("preflight", "decision/granted", preflightHeaders.slice(), preflightVary)
        : null,
  });
}

function fixed(
  kind: Decision["kind"],
  code: DecisionCode,
  headers: readonly HeaderLine[],
  vary: string | null,
): Decision {
  const granted = code === "decision/granted";
  const status = kind === "preflight" ? (granted ? 204 : 403) : null;
  return Object.freeze({ kind, granted, code, status, subject: null, headers: Object.freeze(headers), vary });
}

/** No line at all for an absent or empty list. */
function listLine(name: string, values: "*" | readonly string[] | null): HeaderLine[] {
  if (values === null || values.length === 0) return [];
  if (values === "*") return [line(name, "*")];
  const spelled = name.endsWith("Methods") ? values : values.map(byteLowercase);
  return [line(name, spelled.join(", "))];
}

function line(name: string, value: string): HeaderLine {
  return Object.freeze({ name, value });
}
