import { setImmediate } from "node:timers/promises";
import type { PolicyConfig } from "crossorigin";
import { type DynamicPolicyConfig, createDynamicPolicy } from "crossorigin/dynamic";

/** A policy as it is written, and what is put in force. */
export interface SoakPolicy {
  readonly name: string;
  readonly config: PolicyConfig | DynamicPolicyConfig;
  readonly source: PolicyConfig | ReturnType<typeof createDynamicPolicy>;
}

/** One tenant's origins, as a database might say. */
export function isTenant(origin: string): boolean {
  return origin === "https://app.example" || /^https:\/\/[a-z0-9-]+\.tenant\.example$/.test(origin);
}

const asynchronous: DynamicPolicyConfig = {
  // Late answers are what overlaps with replacements.
  origins: (origin) => setImmediate(isTenant(origin)),
  credentials: true,
  methods: ["PUT", "PATCH"],
  requestHeaders: ["x-four", "authorization"],
  exposedHeaders: ["x-d"],
  maxAgeSeconds: 44,
};

const configs = {
  listed: {
    origins: ["https://app.example", "https://*.preview.example"],
    credentials: true,
    methods: ["PUT", "DELETE"],
    requestHeaders: ["content-type", "x-one"],
    exposedHeaders: ["x-a"],
    maxAgeSeconds: 11,
  },
  other: {
    origins: ["https://app.example", "https://other.example:8443"],
    methods: ["PATCH"],
    requestHeaders: ["x-two"],
    exposedHeaders: ["x-b"],
    maxAgeSeconds: 22,
  },
  open: {
    origins: "*",
    methods: "*",
    requestHeaders: ["*", "authorization"],
    exposedHeaders: "*",
    maxAgeSeconds: 33,
  },
  asked: {
    origins: ["https://dev.example:*", "http://localhost:*"],
    credentials: true,
    methods: ["PUT", "PURGE"],
    requestHeaders: ["content-type", "x-five"],
    preflightAnswer: "requested",
    maxAgeSeconds: 55,
  },
  reflected: {
    origins: "*",
    credentials: true,
    dangerouslyReflectAnyOrigin: true,
    methods: "*",
    requestHeaders: "*",
    maxAgeSeconds: 66,
  },
} as const satisfies Record<string, PolicyConfig>;

/** Each differs from all others in every line, so that a mixture of two is equal to none. */
export const SOAK_POLICIES: readonly SoakPolicy[] = [
  ...Object.entries(configs).map(([name, config]) => ({ name, config, source: config })),
  { name: "asynchronous", config: asynchronous, source: createDynamicPolicy(asynchronous) },
];
