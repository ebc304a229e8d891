/** Scenarios in a browser's page: hands them out, collects what the server and the scripts saw, and survives a hang. */

import { type Lacking, Names, lackingFor } from "../names.ts";
import { type Defaults, observeRequest } from "../normalize.ts";
import type { ReceivedRequest } from "../request-reader.ts";
import type { Observation, ObservedRequest, Scenario, ScriptedResponse, StepResult } from "../scenario.ts";
import { type ScriptedRun, ScriptedServer } from "../scripted-server.ts";
import type { Certificate } from "../certificate.ts";
import type { RunningBrowser } from "./browser.ts";
import type { Assignment, Job, Report } from "./messages.ts";
import { file } from "./site.ts";

/** What a browser made of a scenario. */
export interface LiveOutcome {
  /** Null: it never reported, also not after a restart. */
  readonly observation: Observation | null;
  /** The browser hung once while it ran. */
  readonly isRetried: boolean;
}

/** Starts the browser with a fresh profile and the URL. */
export type Launch = (url: string, server: ScriptedServer) => Promise<RunningBrowser>;

interface Entry {
  readonly scenario: Scenario;
  readonly job: Job;
  readonly run: ScriptedRun;
  readonly requests: ObservedRequest[];
  readonly names: Names;
}

/** What the page of a scenario is: pages are loaded anew where this changes. */
interface Page {
  readonly origin: string;
  readonly embedderPolicy: Scenario["embedderPolicy"];
}

interface Batch {
  readonly number: number;
  readonly page: Page;
  readonly width: number;
  readonly entries: readonly Entry[];
  readonly done: (report: Report["results"]) => void;
}

/** A batch without a report after this long is taken for hung. */
const HANG_MILLISECONDS = 75_000;
const MAX_BATCH = 400;
const MAX_RESTARTS = 6;

export class LiveSession {
  readonly #launch: Launch;
  readonly #hangMilliseconds: number;
  #server: ScriptedServer | null = null;
  #browser: RunningBrowser | null = null;
  #batch: Batch | null = null;
  #onBatch: (() => void) | null = null;
  #observing: Promise<unknown> = Promise.resolve();
  #count = 0;
  #restarts = 0;
  /** What the browser sends with everything. */
  #userAgent = "";
  #acceptLanguage = "";

  private constructor(launch: Launch, hangMilliseconds: number) {
    this.#launch = launch;
    this.#hangMilliseconds = hangMilliseconds;
  }

  static async start(
    certificate: Certificate,
    launch: Launch,
    hangMilliseconds: number = HANG_MILLISECONDS,
  ): Promise<LiveSession> {
    const session = new LiveSession(launch, hangMilliseconds);
    session.#server = await ScriptedServer.start(certificate, {
      site: (request, url) => session.#answer(request, url),
      port80Address: "127.0.0.1",
    });
    return session;
  }

  /** Waits for what is being observed. */
  async close(): Promise<void> {
    await this.#observing;
    await this.#browser?.close();
    this.#onBatch?.();
    await this.#server?.close();
  }

  /** What the scenario needs and this machine lacks; null if nothing. */
  lackingFor(scenario: Scenario): Lacking | null {
    return lackingFor(scenario, this.#running.ports);
  }

  /** Every scenario has an outcome. One call waits for the one before: the browser has one page. */
  observe(scenarios: readonly Scenario[]): Promise<ReadonlyMap<string, LiveOutcome>> {
    const outcomes = this.#observing.then(() => this.#observeNow(scenarios));
    this.#observing = outcomes.catch(() => {});
    return outcomes;
  }

  async #observeNow(scenarios: readonly Scenario[]): Promise<ReadonlyMap<string, LiveOutcome>> {
    const outcomes = new Map<string, LiveOutcome>();
    for (const { page, width, members } of grouped(scenarios)) {
      for (let from = 0; from < members.length; from += MAX_BATCH) {
        const some = members.slice(from, from + MAX_BATCH);
        await this.#observeBatch(some, page, width, outcomes, false);
        const lost = some.filter(({ id }) => !outcomes.has(id));
        for (const scenario of lost) await this.#observeBatch([scenario], page, 1, outcomes, true);
        for (const { id } of lost) if (!outcomes.has(id)) outcomes.set(id, { observation: null, isRetried: true });
      }
    }
    return outcomes;
  }

  get #running(): ScriptedServer {
    if (this.#server === null) throw new Error("The session has not started.");
    return this.#server;
  }

  async #observeBatch(
    scenarios: readonly Scenario[],
    page: Page,
    width: number,
    outcomes: Map<string, LiveOutcome>,
    isRetried: boolean,
  ): Promise<void> {
    if (this.#restarts > MAX_RESTARTS) return;
    const entries = scenarios.map((scenario) => this.#entry(scenario, page));
    for (const { run } of entries) this.#running.add(run);
    let results: Report["results"] | null = null;
    try {
      results = await this.#hand(entries, page, width);
    } finally {
      for (const { run } of entries) this.#running.remove(run);
    }
    if (results === null) return;
    for (const { job, requests, names } of entries) {
      const script = names.collapseAll(results[job.id] ?? [{ missing: true }]) as StepResult[];
      outcomes.set(job.id, { observation: { server: requests, script }, isRetried });
    }
  }

  #entry(scenario: Scenario, page: Page): Entry {
    const { id, steps, server: routes = {}, keeps = [], context = null } = scenario;
    this.#count++;
    const base = `/r/${this.#count}/${id}/`;
    const names = new Names(this.#running.ports, base);
    const origin = names.origin(page.origin);
    const requests: ObservedRequest[] = [];
    // Where even the browser's name is kept, everything is.
    const kept = new Set(keeps.includes("user-agent") ? [...keeps, "priority"] : keeps);
    const scripts = ["place.ts", "importing-worker.ts"].map((name) => `${origin}/oracle/live/${name}`);
    const referrers = [`${origin}/`, `${origin}/page`, this.#pageUrl(page), ...scripts];
    const run: ScriptedRun = {
      base,
      routes,
      expand: (text) => names.expand(text),
      onRequest: (request, url) => {
        const defaults: Defaults = { userAgent: this.#userAgent, acceptLanguage: this.#acceptLanguage, referrers };
        requests.push(observeRequest(request, url, names, defaults, kept));
      },
    };
    return { scenario, job: { id, base, steps, context }, run, requests, names };
  }

  /** What the page reports; null if it hangs. */
  async #hand(entries: readonly Entry[], page: Page, width: number): Promise<Report["results"] | null> {
    const report = new Promise<Report["results"]>((resolve) => {
      this.#count++;
      this.#batch = { number: this.#count, page, width, entries, done: resolve };
    });
    this.#onBatch?.();
    this.#browser ??= await this.#launch(this.#pageUrl(page), this.#running);
    let timer: NodeJS.Timeout | undefined;
    const hang = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), this.#hangMilliseconds);
      void this.#browser?.ended.then(() => resolve(null));
    });
    const results = await Promise.race([report, hang]);
    clearTimeout(timer);
    this.#batch = null;
    if (results === null) {
      this.#restarts++;
      await this.#browser.close();
      this.#browser = null;
    }
    return results;
  }

  #pageUrl({ origin, embedderPolicy }: Page): string {
    const path = embedderPolicy === undefined ? "/page" : `/page/${embedderPolicy}`;
    return new Names(this.#running.ports, "/").origin(origin) + path;
  }

  #answer(request: ReceivedRequest, url: string): Promise<ScriptedResponse> | ScriptedResponse | null {
    const { pathname } = new URL(url);
    if (pathname === "/oracle/next" && request.method === "POST") return this.#next(request);
    if (/^\/page(?:\/|$)/.test(pathname)) {
      this.#userAgent = valueOf(request, "user-agent");
      this.#acceptLanguage = valueOf(request, "accept-language");
    }
    return file(pathname) ?? { status: 404 };
  }

  /** Takes what the page reports, and answers what it is to do, as soon as there is something. */
  async #next(request: ReceivedRequest): Promise<ScriptedResponse> {
    const report = JSON.parse(Buffer.from(request.body, "latin1").toString("utf8")) as Report;
    if (report.batch !== null && report.batch === this.#batch?.number) {
      const { done } = this.#batch;
      this.#batch = null;
      done(report.results);
    }
    if (this.#batch === null) await new Promise<void>((resolve) => (this.#onBatch = resolve));
    this.#onBatch = null;
    const batch = this.#batch;
    if (batch === null) return { status: 503 };
    const url = this.#pageUrl(batch.page);
    const assignment: Assignment =
      url === report.page
        ? {
            kind: "batch",
            batch: batch.number,
            ports: this.#running.ports,
            width: batch.width,
            jobs: batch.entries.map(({ job }) => job),
          }
        : { kind: "go", url };
    const body = Buffer.from(JSON.stringify(assignment), "utf8").toString("latin1");
    return { headers: ["Content-Type: application/json", "Cache-Control: no-store"], body };
  }
}

function valueOf({ headers }: ReceivedRequest, lowercasedName: string): string {
  return headers.find(([name]) => name.toLowerCase() === lowercasedName)?.[1] ?? "";
}

/** How many scenarios of a kind run at once. */
const PHASES = {
  ordinary: 8,
  /** They mostly wait. */
  waiting: 40,
  /** Broken connections make an engine ask again, perhaps on a neighbour's. */
  broken: 1,
  /** They fill caches that all share, or use what a page has one of. */
  alone: 1,
} as const;

function phaseOf({ steps, server, volatile }: Scenario): keyof typeof PHASES {
  const text = JSON.stringify(steps);
  if (text.includes('"repeat"') && steps.some((step) => "repeat" in step)) return "alone";
  if (volatile === true || /"(?:raw|reset|close)":/.test(JSON.stringify(server))) return "broken";
  // What a beacon may send depends on the others of the page, and whose error it was that is muted is not told. Firefox
  // forgets the preflight of an upload that is listened to when others ask meanwhile.
  // A page has one icon and one manifest.
  if (
    /"keepalive"|"beacon"|"upload":"log"|"element":"(?:script|module|dynamic-import|link-icon|link-manifest)"/.test(
      text,
    )
  )
    return "alone";
  return /"waitMilliseconds":\d{4}/.test(text) ? "waiting" : "ordinary";
}

function pageOf({ page = "A", embedderPolicy }: Scenario): string {
  return `${page} ${embedderPolicy ?? ""}`;
}

/** By page, and within a page by phase. */
function grouped(
  scenarios: readonly Scenario[],
): readonly { readonly page: Page; readonly width: number; readonly members: readonly Scenario[] }[] {
  return [...new Set(scenarios.map(pageOf))].flatMap((key) =>
    Object.entries(PHASES).flatMap(([phase, width]) => {
      const members = scenarios.filter((scenario) => pageOf(scenario) === key && phaseOf(scenario) === phase);
      const [first] = members;
      if (first === undefined) return [];
      return [{ page: { origin: first.page ?? "A", embedderPolicy: first.embedderPolicy }, width, members }];
    }),
  );
}
