import { describeIssue, parsePolicy } from "crossorigin";
import { type DynamicPolicy, cachedOriginLookup, createDynamicPolicy } from "crossorigin/dynamic";
import type { OriginStore } from "./origin-store.ts";

/** All but the origins. A preflight is kept for a minute only, so that a browser asks again soon after an origin is gone. */
const GRANT = {
  methods: ["PUT", "DELETE"],
  requestHeaders: ["authorization", "content-type"],
  exposedHeaders: ["x-request-id"],
  maxAgeSeconds: 60,
} as const;

export interface CustomerPolicy {
  readonly policy: DynamicPolicy;
  /** To be told of every change: answers, "no" included, are kept otherwise. */
  readonly forget: (origin: string) => void;
}

export function createCustomerPolicy(store: OriginStore): CustomerPolicy {
  const origins = cachedOriginLookup((origin) => store.has(origin), { timeToLiveMilliseconds: 10_000 });
  return { policy: createDynamicPolicy({ ...GRANT, origins }), forget: (origin) => origins.forget(origin) };
}

/** What a customer is told of an origin that cannot be registered. */
interface OriginIssue {
  readonly code: string;
  readonly message: string;
  /** To write instead; null if only the customer can know. */
  readonly suggestion: unknown;
}

export type RegisteredOrigin =
  | { readonly ok: true; readonly origin: string }
  | { readonly ok: false; readonly issues: readonly OriginIssue[] };

/** Checks what a customer has written by the rules of the policy that it is going to be part of. */
export function parseRegisteredOrigin(value: unknown): RegisteredOrigin {
  if (typeof value !== "string") return refused("example/origin-missing", 'Send {"origin": "https://…"}.');
  const parsed = parsePolicy({ ...GRANT, origins: [value] });
  if (!parsed.ok) {
    const issues = parsed.issues.map((issue) => {
      return { code: issue.code, message: describeIssue(issue), suggestion: issue.suggestion };
    });
    return { ok: false, issues };
  }
  // The product's own rule: origins are looked up whole, so a pattern would never match.
  if (value.includes("*"))
    return refused("example/origin-pattern", "Register each origin by itself, without wildcards.");
  return { ok: true, origin: value };
}

function refused(code: string, message: string): RegisteredOrigin {
  return { ok: false, issues: [{ code, message, suggestion: null }] };
}
