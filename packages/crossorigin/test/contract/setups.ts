/** The ways a server is set up, by name, so that servers in other processes can be told. Runs on every runtime. */

import { type CorsOptions, type PolicySource } from "../../src/adapters/fetch.ts";
import { LivePolicy, createDynamicPolicy } from "../../src/adapters/dynamic.ts";
import { type PolicyConfig, createPolicy } from "../../src/index.ts";

export const APP = "https://app.example";
export const OTHER = "https://other.example";
export const EVIL = "https://evil.test";
/** The look-up of the setup `dynamic` fails for it. */
export const FAILING = "https://failing.example";

/** The very grant of the policy `listed`, as an application may set it itself. */
export const OWN_GRANT = {
  "Access-Control-Allow-Origin": APP,
  "Access-Control-Allow-Credentials": "true",
  "access-control-expose-headers": "x-exposed",
} as const;

/** Lines for preflights, set by an application. */
export const OWN_PREFLIGHT_LINES = { "Access-Control-Allow-Methods": "TRACE", "access-control-max-age": "1" } as const;

/** What the neighbours of CORS look like when an application sets them. */
export const OWN_NEIGHBOURS = {
  "cross-origin-resource-policy": "cross-origin",
  "timing-allow-origin": "*",
} as const;

/** What a server has seen and said since it was last asked. */
export interface Journal {
  /** Requests that reached the application, as `METHOD /path`. */
  readonly hits: string[];
  readonly problems: { readonly code: string; readonly message: string; readonly path: string }[];
  readonly decisions: {
    readonly method: string;
    readonly path: string;
    readonly origin: string | null;
    readonly code: string;
    readonly shadow: string | null;
    readonly error: string | null;
  }[];
  /** The same, as the diagnostics channel has them. */
  readonly messages: string[];
}

interface Mounting {
  readonly source: PolicySource;
  readonly options: CorsOptions;
}

export interface Setup extends Mounting {
  readonly name: SetupName;
  readonly journal: Journal;
  /** A second policy, mounted further in. */
  readonly inner: Mounting | null;
  /** Mounts authentication before CORS. */
  readonly isGuarded: boolean;
  /** Mounts compression before or after CORS, where the framework has it. */
  readonly compression: "before" | "after" | null;
  /** Replaces the policy of `live`. */
  readonly replace: () => void;
  readonly dispose: () => void;
}

export const LISTED: PolicyConfig = {
  origins: [APP, OTHER],
  credentials: true,
  methods: ["PUT", "PATCH", "DELETE"],
  requestHeaders: ["X-A", "X-B", "Content-Type", "Authorization"],
  exposedHeaders: ["X-Exposed"],
  maxAgeSeconds: 600,
};

const listed = createPolicy(LISTED);
const deleting = createPolicy({ origins: [OTHER], methods: ["DELETE"] });
const anyone = createPolicy({ origins: "*", methods: "*", requestHeaders: "*", exposedHeaders: ["X-Exposed"] });

type ByRoute = ReturnType<Extract<PolicySource, (...args: never[]) => unknown>>;

/** `/items` has one policy for DELETE and one for everything else, `/none` has none, `/broken` breaks. */
function byRoute({ path, requestedMethod }: { path: string; requestedMethod: string }): Awaited<ByRoute> {
  if (path === "/broken") throw new Error("The policy of /broken is broken.");
  if (path === "/none") return null;
  if (path === "/items") return requestedMethod === "DELETE" ? deleting : listed;
  return anyone;
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

interface Plan {
  readonly source: PolicySource;
  readonly options?: CorsOptions;
  readonly inner?: PolicySource;
  readonly isGuarded?: true;
  readonly compression?: "before" | "after";
  /** Passes `onDecision`. */
  readonly isObserved?: true;
  /** Puts the policy where it can be replaced. */
  readonly isLive?: true;
  /** Listens to the diagnostics channel. */
  readonly isOnChannel?: true;
}

const PLANS = {
  listed: { source: LISTED },
  anyone: { source: anyone },
  reflecting: {
    source: {
      origins: "*",
      credentials: true,
      dangerouslyReflectAnyOrigin: true,
      methods: "*",
      requestHeaders: "*",
      exposedHeaders: ["X-Exposed"],
      maxAgeSeconds: 0,
    },
  },
  neighbours: { source: { ...LISTED, exposeTiming: true, crossOriginResourcePolicy: "same-site" } },
  "private-network": { source: { ...LISTED, dangerouslyAllowPrivateNetwork: true } },
  requested: { source: { ...LISTED, preflightAnswer: "requested" } },
  debug: { source: LISTED, options: { debug: true } },
  passing: { source: LISTED, options: { passPreflights: true } },
  observed: { source: LISTED, isObserved: true },
  channel: { source: LISTED, isOnChannel: true },
  shadow: { source: LISTED, options: { shadow: { origins: [EVIL], methods: ["PUT"] } }, isObserved: true },
  throwing: {
    source: LISTED,
    options: {
      onDecision: () => {
        throw new Error("An observer that throws.");
      },
      onProblem: () => {
        throw new Error("Another.");
      },
    },
  },
  "by-route": { source: byRoute },
  "by-route-async": { source: (request) => soon().then(() => byRoute(request)) },
  dynamic: {
    source: createDynamicPolicy({
      ...LISTED,
      origins: async (origin) => {
        await soon();
        if (origin === FAILING) throw new Error("The look-up is broken.");
        return origin === APP;
      },
    }),
    isObserved: true,
  },
  untouched: { source: () => null },
  live: { source: LISTED, isLive: true },
  twice: { source: LISTED, inner: { origins: [OTHER], exposedHeaders: ["X-Inner"] } },
  guarded: { source: LISTED, isGuarded: true },
  "compression-before": { source: LISTED, compression: "before" },
  "compression-after": { source: LISTED, compression: "after" },
} satisfies Record<string, Plan>;

export type SetupName = keyof typeof PLANS;

interface Channel {
  subscribe(listener: (message: unknown) => void): void;
  unsubscribe(listener: (message: unknown) => void): void;
}

/** Null where the runtime has no diagnostics channels. */
function decisionChannel(): Channel | null {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => { channel(name: string): Channel } };
  };
  return process?.getBuiltinModule?.("node:diagnostics_channel").channel("crossorigin:decision") ?? null;
}

export function createSetup(name: SetupName): Setup {
  const plan: Plan = PLANS[name];
  const journal: Journal = { hits: [], problems: [], decisions: [], messages: [] };
  const observing: CorsOptions = {
    onProblem: ({ code, message, request }) => journal.problems.push({ code, message, path: request.path }),
    ...(plan.isObserved === true && {
      onDecision: ({ request: { method, path, origin }, decision, shadowDecision, error }) =>
        journal.decisions.push({
          method,
          path,
          origin,
          code: decision.code,
          shadow: shadowDecision?.code ?? null,
          error: error instanceof Error ? error.message : null,
        }),
    }),
  };
  const listener = (message: unknown): void => {
    const { decision, request } = message as { decision: { code: string }; request: { path: string } };
    journal.messages.push(`${request.path} ${decision.code}`);
  };
  const channel = plan.isOnChannel === true ? decisionChannel() : null;
  channel?.subscribe(listener);
  const live = new LivePolicy(LISTED);
  return {
    name,
    journal,
    source: plan.isLive === true ? live : plan.source,
    options: { ...observing, ...plan.options },
    inner: plan.inner === undefined ? null : { source: plan.inner, options: observing },
    isGuarded: plan.isGuarded ?? false,
    compression: plan.compression ?? null,
    replace: () => live.replace({ origins: [EVIL] }),
    dispose: () => channel?.unsubscribe(listener),
  };
}

/** What has happened since the last time. */
export function takeJournal({ journal }: Setup): Journal {
  const take = <Item>(items: Item[]): Item[] => items.splice(0);
  return {
    hits: take(journal.hits),
    problems: take(journal.problems),
    decisions: take(journal.decisions),
    messages: take(journal.messages),
  };
}
