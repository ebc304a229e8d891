/** Recorded departures, told by what a scenario has: where a random one may differ, and why. */

import type { Engine, Scenario } from "../scenario.ts";

interface RandomDeparture {
  /** As in `data/departures.json`, or as this says. */
  readonly name: string;
  readonly engines: readonly Engine[];
  /** May say yes too often, never to a scenario that has nothing of the kind. */
  readonly applies: (scenario: Scenario) => boolean;
}

const DEPARTURES: readonly RandomDeparture[] = [];

/** The name of a departure that may explain a difference; null if there is none. */
export function departureOf(scenario: Scenario, engine: Engine): string | null {
  return DEPARTURES.find(({ engines, applies }) => engines.includes(engine) && applies(scenario))?.name ?? null;
}
