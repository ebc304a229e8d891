/**
 * The real libraries against our adapters: whatever is different on the wire has been said, and whatever has been said
 * is different.
 */

import { type Policy, createPolicy, decide, parsePolicy } from "crossorigin";
import { describe, expect, test } from "vitest";
import { migrate } from "../src/migrate/migration.ts";
import type { Options } from "../src/migrate/old-cors.ts";
import { PLACEHOLDER_ORIGIN } from "../src/migrate/plan-policy.ts";
import { MIGRATION_CASES } from "./migrate-cases.ts";
import {
  type Application,
  type Lines,
  OWN_ORIGIN,
  type Received,
  type Sent,
  newApplication,
  oldApplication,
} from "./migrate-servers.ts";

const ALLOW_ORIGIN = "access-control-allow-origin";
const CREDENTIALS = "access-control-allow-credentials";
const METHODS = "access-control-allow-methods";
const HEADERS = "access-control-allow-headers";
const EXPOSED = "access-control-expose-headers";
const MAX_AGE = "access-control-max-age";

/** One request, as the explanations see it. */
interface Question extends Sent {
  readonly kind: "actual" | "preflight" | "options";
  readonly origin: string | null;
  readonly hasTwoOrigins: boolean;
  readonly requestedMethod: string | null;
  readonly requestedNames: string;
}

interface Observation {
  readonly question: Question;
  /** A header's name, `status`, `vary origin`, or `reached` for whether the application was. */
  readonly aspect: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly isGrantedBefore: boolean;
  readonly isGrantedAfter: boolean;
  /** Why the policy decides as it does; null without one. */
  readonly code: string | null;
}

function question(sent: Sent): Question {
  const valuesOf = (name: string): string[] => sent.lines.filter(([key]) => key === name).map(([, value]) => value);
  const origins = valuesOf("Origin");
  const [requestedMethod = null] = valuesOf("Access-Control-Request-Method");
  const isPreflight = origins.length > 0 && requestedMethod !== null;
  return {
    ...sent,
    kind: sent.method !== "OPTIONS" ? "actual" : isPreflight ? "preflight" : "options",
    origin: origins.length === 0 ? null : origins.join(", "),
    hasTwoOrigins: origins.length > 1,
    requestedMethod,
    requestedNames: valuesOf("Access-Control-Request-Headers").join(),
  };
}

function preflight(origin: Lines, method: string, names: string | null, more: Lines = []): Sent {
  const named: Lines = names === null ? [] : [["Access-Control-Request-Headers", names]];
  return {
    method: "OPTIONS",
    path: "/",
    lines: [...origin, ["Access-Control-Request-Method", method], ...named, ...more],
  };
}

const MALFORMED_NAMES = "x listed;";

function questionsFor(origins: readonly string[]): Question[] {
  const fromOrigins = origins.flatMap((value): Sent[] => {
    const origin: Lines = [["Origin", value]];
    return [
      // Twice, for what remembers.
      { method: "GET", path: "/", lines: origin },
      { method: "GET", path: "/", lines: origin },
      { method: "GET", path: "/own", lines: origin },
      { method: "GET", path: "/throw", lines: origin },
      { method: "PUT", path: "/", lines: origin },
      preflight(origin, "PUT", null),
      preflight(origin, "PATCH", "content-type"),
      preflight(origin, "PUT", "x-listed"),
      preflight(origin, "GET", "x-listed"),
      preflight(origin, "POST", "x-unlisted"),
      preflight(origin, "POST", "authorization"),
      preflight(origin, "POST", MALFORMED_NAMES),
      preflight(origin, "PURGE", null),
      preflight(origin, "GET", null, [["Access-Control-Request-Private-Network", "true"]]),
      { method: "OPTIONS", path: "/", lines: origin },
    ];
  });
  const twice = origins.flatMap((value): Sent[] => {
    const lines: Lines = [
      ["Origin", value],
      ["Origin", value],
    ];
    return [{ method: "GET", path: "/", lines }, preflight(lines, "PUT", null)];
  });
  const withoutOrigin: Sent[] = [
    { method: "GET", path: "/", lines: [] },
    { method: "GET", path: "/own", lines: [] },
    { method: "GET", path: "/throw", lines: [] },
    { method: "OPTIONS", path: "/", lines: [] },
    preflight([], "PUT", "x-listed"),
  ];
  return [...fromOrigins, ...twice, ...withoutOrigin].map(question);
}

const USUAL_ORIGINS = [
  "https://app.example",
  "https://other.example",
  "https://third.example",
  "http://plain.example",
  "https://evil.example",
  "null",
];

/** What is compared. White space in lists, and the case of header names, make no difference to anybody. */
function aspectsOf({ status, headers }: Received): Map<string, string> {
  const aspects = new Map([["status", String(status)]]);
  for (const name of [
    ALLOW_ORIGIN,
    CREDENTIALS,
    MAX_AGE,
    "access-control-allow-private-network",
    "cache-control",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
  ]) {
    const value = headers.get(name);
    if (value !== undefined) aspects.set(name, value);
  }
  for (const name of [METHODS, HEADERS, EXPOSED]) {
    const value = headers.get(name);
    if (value !== undefined) aspects.set(name, itemsOf(name === METHODS ? value : value.toLowerCase()).join());
  }
  for (const name of itemsOf((headers.get("vary") ?? "").toLowerCase())) aspects.set(`vary ${name}`, "yes");
  if (headers.has("x-reached")) aspects.set("reached", "yes");
  return aspects;
}

function itemsOf(list: string): string[] {
  return list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

async function observe(
  old: Application,
  fresh: Application,
  policy: Policy | null,
  questions: readonly Question[],
): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const asked of questions) {
    const before = aspectsOf(await old.send(asked));
    const after = aspectsOf(await fresh.send(asked));
    const isGranted = (aspects: Map<string, string>): boolean =>
      aspects.get(ALLOW_ORIGIN) === "*" || (asked.origin !== null && aspects.get(ALLOW_ORIGIN) === asked.origin);
    for (const aspect of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(aspect) === after.get(aspect)) continue;
      observations.push({
        question: asked,
        aspect,
        before: before.get(aspect),
        after: after.get(aspect),
        isGrantedBefore: isGranted(before),
        isGrantedAfter: isGranted(after),
        code: policy === null ? null : codeOf(policy, asked),
      });
    }
  }
  return observations;
}

function codeOf(policy: Policy, { method, origin, requestedMethod, requestedNames }: Question): string {
  const headers = {
    origin,
    "access-control-request-method": requestedMethod,
    "access-control-request-headers": requestedNames,
  };
  return decide(policy, { method, headers }).code;
}

type Explains = (observation: Observation) => boolean;

const isGrantLine: Explains = ({ aspect }) => [ALLOW_ORIGIN, CREDENTIALS, EXPOSED].includes(aspect);
const isGone: Explains = ({ after }) => after === undefined;
const isNew: Explains = ({ before }) => before === undefined;
const about =
  (aspect: string, ...also: Explains[]): Explains =>
  (observation) =>
    observation.aspect === aspect && also.every((explains) => explains(observation));
const isPreflight: Explains = ({ question: { kind } }) => kind === "preflight";
const isOptions: Explains = ({ question: { kind } }) => kind === "options";
/** A preflight that is refused here for that reason loses all its lines. */
const isRefusal =
  (code: string): Explains =>
  (observation) =>
    isPreflight(observation) && observation.code === code && (isGone(observation) || observation.aspect === "status");

/** What each printed difference may explain. */
const EXPLANATIONS: Readonly<Record<string, Explains>> = {
  "options/delegated": () => true,
  "origin/fixed-sent-to-everyone": about(ALLOW_ORIGIN, ({ isGrantedAfter }) => !isGrantedAfter),
  "origin/star-instead-of-echo": about(ALLOW_ORIGIN, ({ after }) => after === "*"),
  "origin/function-not-carried": (observation) => !observation.aspect.startsWith("vary"),
  "origin/no-longer-granted": (observation) =>
    isGrantLine(observation) && isGone(observation) && observation.isGrantedBefore,
  "origin/regexp-not-carried": (observation) =>
    isGrantLine(observation) && isGone(observation) && observation.isGrantedBefore,
  "origin/empty-line-dropped": about(ALLOW_ORIGIN, isGone, ({ before }) => before === ""),
  "origin/newly-granted": (observation) =>
    isGrantLine(observation) && observation.isGrantedAfter && !observation.isGrantedBefore,
  "origin/two-lines-echoed": (observation) =>
    isGrantLine(observation) && isGone(observation) && observation.question.hasTwoOrigins,
  "origin/regexp-stateful": (observation) =>
    isGrantLine(observation) && observation.isGrantedAfter && !observation.isGrantedBefore,
  "vary/origin-dropped": about("vary origin", isGone),
  "vary/origin-added": about("vary origin", isNew),
  "vary/request-headers-dropped": about("vary access-control-request-headers", isGone),
  "vary/request-headers-added": about("vary access-control-request-headers", isNew),
  "vary/request-method-added": about("vary access-control-request-method", isNew),
  "credentials/dropped-with-star": about(CREDENTIALS, isGone, ({ isGrantedAfter }) => isGrantedAfter),
  "credentials/sent-to-refused": about(CREDENTIALS, isGone, ({ isGrantedAfter }) => !isGrantedAfter),
  "credentials/function-not-carried": about(CREDENTIALS, isGone),
  "preflight/passed-on": isPreflight,
  "preflight/refused-origin": (observation) =>
    isRefusal("decision/origin-not-allowed")(observation) || isRefusal("decision/origin-multiple")(observation),
  "preflight/refused-method": isRefusal("decision/method-not-allowed"),
  "preflight/refused-header": (observation) =>
    isRefusal("decision/header-not-allowed")(observation) || isRefusal("decision/headers-malformed")(observation),
  "headers/authorization-not-covered": isRefusal("decision/header-not-allowed"),
  "headers/bounded": isRefusal("decision/headers-malformed"),
  "preflight/success-status": about("status", isPreflight, ({ after }) => after === "204"),
  "preflight/cache-control": about("cache-control", isGone),
  "preflight/plain-options": isOptions,
  "preflight/strict-400": isOptions,
  "preflight/exposed-headers-dropped": about(EXPOSED, isGone, isPreflight),
  "methods/safelisted-left-out": about(METHODS, ({ before = "" }) => /GET|HEAD|POST/.test(before)),
  "methods/star-named": about(METHODS, ({ before }) => before === "*"),
  "methods/covered-by-star": about(METHODS, ({ after }) => after === "*"),
  "methods/corrected": about(METHODS, ({ before = "" }) => /[a-z]/.test(before)),
  "methods/left-out": about(METHODS),
  "methods/empty-line-dropped": about(METHODS, ({ before }) => before === ""),
  "methods/function-not-carried": about(METHODS, isGone),
  "headers/reflected": about(HEADERS, ({ after }) => after === "*,authorization"),
  "headers/star-named": about(HEADERS, ({ before }) => before?.split(",").includes("*") === true),
  "headers/covered-by-star": about(HEADERS, ({ after = "" }) => after.startsWith("*")),
  "headers/left-out": about(HEADERS),
  "headers/empty-line-dropped": about(HEADERS, ({ before }) => before === ""),
  "exposed/star-dropped": about(EXPOSED, isGone, ({ before }) => before === "*"),
  "exposed/covered-by-star": about(EXPOSED, ({ after }) => after === "*"),
  "exposed/sent-to-refused": about(EXPOSED, isGone, ({ isGrantedAfter }) => !isGrantedAfter),
  "exposed/left-out": about(EXPOSED),
  "exposed/empty-line-dropped": about(EXPOSED, ({ before }) => before === ""),
  "max-age/zero-sent": about(MAX_AGE, isNew),
  "max-age/left-out": about(MAX_AGE, isGone),
  "max-age/shortened": about(MAX_AGE, ({ after }) => after === "86400"),
  "errors/grant-kept": ({ question: { path } }) => path === "/throw",
  // PUT without a body is refused by fastify before a late hook.
  "other/hook": (observation) => observation.question.method === "PUT" && isNew(observation),
  "other/secure-context": ({ aspect }) => aspect.startsWith("cross-origin-"),
  "other/private-network-access": about("access-control-allow-private-network", isGone),
  "application/own-grant-replaced": about(ALLOW_ORIGIN, ({ before }) => before === OWN_ORIGIN),
};

/** Differences that no request of this test can show. */
const UNSEEN: ReadonlySet<string> = new Set([
  // Only documentation that is generated from routes, and logs, show it.
  "other/options-route",
]);

/** The placeholder stands for an origin that a person writes; that it is granted itself is no difference. */
function isPlaceholderGrant({ question: { origin }, isGrantedBefore, after }: Observation): boolean {
  return origin === PLACEHOLDER_ORIGIN && !isGrantedBefore && after !== undefined;
}

describe.each(MIGRATION_CASES)("$name", ({ library, options, origins = [] }) => {
  const migration = migrate(library, options() as Options);

  test("gives a policy that can be built", () => {
    if (migration.policy === null) expect(migration.old.origin.kind).toBe("off");
    else expect(parsePolicy(JSON.parse(JSON.stringify(migration.policy)))).toMatchObject({ ok: true });
  });

  test("differs on the wire as it says, and only so", async () => {
    const old = await oldApplication(library, options());
    const fresh = await newApplication(library, migration.policy);
    const placeholder = migration.hasPlaceholder ? [PLACEHOLDER_ORIGIN] : [];
    const policy = migration.policy === null ? null : createPolicy(migration.policy);
    const questions = questionsFor([...USUAL_ORIGINS, ...origins, ...placeholder]);
    const observations = await observe(old, fresh, policy, questions);
    await Promise.all([old.close(), fresh.close()]);
    const ids = migration.differences.map(({ id }) => id);
    const explains = (id: string, observation: Observation): boolean => EXPLANATIONS[id]?.(observation) ?? false;
    const unexplained = observations.filter((one) => !isPlaceholderGrant(one) && !ids.some((id) => explains(id, one)));
    expect(unexplained.map(summary)).toEqual([]);
    const unseen = ids.filter((id) => !UNSEEN.has(id) && !observations.some((one) => explains(id, one)));
    expect(unseen).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

function summary({ question: { method, path, lines }, aspect, before, after }: Observation): string {
  return `${method} ${path} ${JSON.stringify(lines)}: ${aspect}: ${before ?? "-"} -> ${after ?? "-"}`;
}

test("every difference that can be printed is printed by some case", () => {
  const printed = new Set(
    MIGRATION_CASES.flatMap(({ library, options }) =>
      migrate(library, options() as Options).differences.map(({ id }) => id),
    ),
  );
  expect([...Object.keys(EXPLANATIONS), ...UNSEEN].filter((id) => !printed.has(id))).toEqual([]);
});
