/**
 * What the page may do with what came, by what it asked with.
 *
 * @see https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-same-origin
 * @module
 */

import type { ElementLoad } from "@crossorigin/useragent";
import type { Explanation, Verdict } from "crossorigin/diagnose";
import { CONSUMERS, type ConsumerName } from "./consumers.data.ts";

/** `opaque`: the page uses the response, and can read nothing of it. */
export type ConsumerVerdict = Verdict | "opaque";

export interface ConsumerExplanation extends Omit<Explanation, "verdict"> {
  readonly verdict: ConsumerVerdict;
}

/** The attribute; null for none. */
export type CrossoriginAttribute = "anonymous" | "use-credentials" | null;

export interface Ability {
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

/** What came of asking, as the user agent told it. */
export type Came =
  | { readonly kind: "response"; readonly isShared: boolean; readonly isOpaque: boolean }
  | { readonly kind: "load"; readonly load: ElementLoad }
  /** Did a server answer the request itself? */
  | { readonly kind: "beacon"; readonly isDelivered: boolean };

export function pageUse(consumer: ConsumerName, crossorigin: CrossoriginAttribute, came: Came): PageUse {
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
