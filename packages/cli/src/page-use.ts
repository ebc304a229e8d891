/**
 * What the page may do with what came, by what it asked with.
 *
 * @see https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-same-origin
 * @module
 */

import type { ElementLoad } from "@crossorigin/useragent";
import type { Explanation, Verdict } from "crossorigin/diagnose";
import type { CheckRequest } from "./check-request.ts";
import { CONSUMERS, type ConsumerName } from "./consumers.data.ts";

/** `opaque`: the page uses the response, and can read nothing of it. */
export type ConsumerVerdict = Verdict | "opaque";

export interface ConsumerExplanation extends Omit<Explanation, "verdict"> {
  readonly verdict: ConsumerVerdict;
}

/** The attribute; null for none. */
export type CrossoriginAttribute = "anonymous" | "use-credentials" | null;

interface Ability {
  /** Stable. */
  readonly ability: string;
  readonly allowed: boolean;
  /** A sentence's end, behind "the page may" or "the page may not". */
  readonly text: string;
}

/** What `check --json` says under `use`. */
export interface PageUse {
  readonly as: ConsumerName;
  readonly crossorigin: CrossoriginAttribute;
  /** Does it serve its purpose? */
  readonly works: boolean;
  readonly abilities: readonly Ability[];
}

export interface UsedExplanation {
  readonly explanation: ConsumerExplanation;
  readonly use: PageUse;
}

/** @param load - what came of an element's load; null for what scripts ask with */
export function useOf(
  explanation: Explanation,
  { consumer, crossorigin }: Pick<CheckRequest, "consumer" | "crossorigin">,
  load: ElementLoad | null,
): UsedExplanation {
  const use = pageUse(consumer, crossorigin, cameOf(consumer, load, explanation));
  return { explanation: forConsumer(explanation, use), use };
}

/** What came of asking, as the user agent told it. */
type Came =
  | { readonly kind: "response"; readonly isShared: boolean; readonly isOpaque: boolean }
  | { readonly kind: "load"; readonly load: ElementLoad }
  /** Did a server answer the request itself? */
  | { readonly kind: "beacon"; readonly isDelivered: boolean };

function pageUse(consumer: ConsumerName, crossorigin: CrossoriginAttribute, came: Came): PageUse {
  const { abilities, needs } = CONSUMERS[consumer];
  const told = abilities.map(({ ability, allowed: text, denied }, index): Ability => {
    const allowed = isAllowed(index === 0, came);
    return { ability, allowed, text: !allowed && isUsed(came) ? denied : text };
  });
  return {
    as: consumer,
    crossorigin,
    works: told.some(({ ability, allowed }) => ability === needs && allowed),
    abilities: told,
  };
}

/** To load is the first ability of every element, and to read is every other. */
function isAllowed(isFirst: boolean, came: Came): boolean {
  switch (came.kind) {
    case "response":
      return came.isShared;
    case "beacon":
      return came.isDelivered;
    case "load":
      return came.load.outcome === "load" && (isFirst || isReadable(came.load));
  }
}

/** Is what is not allowed so because the response is opaque? */
function isUsed(came: Came): boolean {
  if (came.kind === "load") return came.load.outcome === "load";
  return came.kind === "response" && came.isOpaque;
}

function isReadable(load: ElementLoad): boolean {
  if ("pixels" in load) return load.pixels === "readable";
  if ("samples" in load) return load.samples === "readable";
  if ("errors" in load) return load.errors === "reported";
  return "cssRules" in load && load.cssRules === "readable";
}

function cameOf(consumer: ConsumerName, load: ElementLoad | null, explanation: Explanation): Came {
  if (load !== null) return { kind: "load", load };
  const { verdict, visible, exchanges } = explanation;
  if (consumer !== "beacon")
    return { kind: "response", isShared: verdict === "shared", isOpaque: visible.type.startsWith("opaque") };
  const isDelivered = exchanges.some(({ purpose, response }) => purpose === "request" && response !== null);
  return { kind: "beacon", isDelivered };
}

/** What needs not be read works without being readable; and it needs no advice on reading where nothing can make it so. */
function forConsumer(explanation: Explanation, { as, works }: PageUse): ConsumerExplanation {
  const told = as === "beacon" ? withBeaconFixes(explanation) : explanation;
  const { abilities, options } = CONSUMERS[as];
  const seesHeaders = abilities[0]?.ability === "read-response";
  const notes = seesHeaders ? told.notes : told.notes.filter(({ code }) => !code.startsWith("exposure/"));
  const canBeRead = seesHeaders || (options.includes("--crossorigin") && abilities.some(({ denied }) => denied !== ""));
  const fixes = works && !canBeRead ? { server: [], client: [] } : told.fixes;
  return { ...told, verdict: works && told.verdict === "withheld" ? "opaque" : told.verdict, fixes, notes };
}

/** A beacon has no credentials mode to change. */
function withBeaconFixes(explanation: Explanation): Explanation {
  const { code, fixes } = explanation;
  if (code === null || !/^cors-.*credentials/.test(code)) return explanation;
  const text = "If the server needs no cookies, use fetch() with keepalive: true: a beacon always includes them.";
  return { ...explanation, fixes: { ...fixes, client: [{ text, headers: [], on: null, policy: null }] } };
}
