/** What the contract asks of a server. */

import type { Journal, SetupName } from "./setups.ts";
import type { Protocol, Target } from "./wire.ts";

/** Where the server departs from the contract, and why. The contract asserts each of them, so that a change is noticed. */
export interface Departures {
  /** A URL that cannot be decoded is answered without the grant. */
  readonly badUrlIsNotGranted?: string;
  /** A mounting behind a guard cannot be found out. */
  readonly guardIsUnknown?: string;
  /** Nothing can be mounted before CORS. */
  readonly noGuard?: string;
  /** What a redirect varies by anyway. */
  readonly redirectVary?: readonly [name: string, reason: string];
  /** There is no diagnostics channel. */
  readonly noChannel?: string;
  /** There is no raw reply beside the usual one. */
  readonly noRawReply?: string;
  /** Compression cannot be mounted. */
  readonly noCompression?: string;
}

export interface Running extends Target {
  take(): Promise<Journal>;
  replace(): Promise<void>;
  close(): Promise<void>;
}

export interface ContractServer {
  readonly name: string;
  readonly protocol: Protocol;
  readonly departures: Departures;
  start(setup: SetupName): Promise<Running>;
}
