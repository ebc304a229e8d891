/**
 * The least that a correct middleware can do, by hand, for one policy: a `Set` of origins and prepared header values, nothing else.
 *
 * @module
 */

import type { StandInRequest, StandInResponse } from "./stand-in.ts";

export function createFloor(
  origins: "*" | readonly string[],
  methods: readonly string[],
  requestHeaders: readonly string[],
  credentials: boolean,
): (request: StandInRequest, response: StandInResponse) => void {
  const isAny = origins === "*";
  const exact = new Set(isAny ? [] : origins.filter((origin) => !origin.includes("*")));
  /** Of wildcards, `scheme://` and the rest: enough for `https://*.name.example` without ports. */
  const suffixes = new Set(
    isAny ? [] : origins.filter((origin) => origin.includes("*")).map((origin) => origin.slice(9)),
  );
  const methodSet = new Set(methods);
  const nameSet = new Set(requestHeaders);
  const methodsValue = methods.join(", ");
  const namesValue = requestHeaders.join(", ");
  const isGranted = (origin: string): boolean =>
    isAny || exact.has(origin) || (suffixes.size > 0 && suffixes.has(origin.slice(origin.indexOf(".", 8))));
  return (request, response) => {
    const origin = request.headers["origin"];
    if (!isAny) response.setHeader("Vary", "Origin");
    if (origin === undefined || !isGranted(origin)) return;
    const requested = request.method === "OPTIONS" ? request.headers["access-control-request-method"] : undefined;
    if (requested !== undefined) {
      if (!methodSet.has(requested)) return;
      const names = request.headers["access-control-request-headers"];
      if (names !== undefined && (names.length > 8192 || !areGranted(names, nameSet))) return;
      response.setHeader("Access-Control-Allow-Methods", methodsValue);
      response.setHeader("Access-Control-Allow-Headers", namesValue);
    }
    response.setHeader("Access-Control-Allow-Origin", isAny ? "*" : origin);
    if (credentials) response.setHeader("Access-Control-Allow-Credentials", "true");
  };
}

/** One pass. */
function areGranted(names: string, granted: ReadonlySet<string>): boolean {
  let start = 0;
  while (start < names.length) {
    const comma = names.indexOf(",", start);
    const end = comma === -1 ? names.length : comma;
    if (!granted.has(names.slice(start, end))) return false;
    start = end + 1;
  }
  return true;
}
