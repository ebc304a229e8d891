/**
 * Local Network Access in the oracle: everything is on loopback, and some ports are said to be elsewhere.
 *
 * @see https://wicg.github.io/local-network-access/
 */

import type { Names, Ports } from "./names.ts";

export type AddressSpace = "public" | "local" | "loopback";

/** Ports that are said to be in another address space than their address is. */
const PORTS = {
  public: ["publicHttp", "publicHttps"],
  local: ["localHttp", "localHttps"],
} as const satisfies Readonly<Record<string, readonly (keyof Ports)[]>>;

/** By address and port, as in `127.0.0.1:8080`. */
export function addressSpaces(ports: Ports): Readonly<Record<string, AddressSpace>> {
  return Object.fromEntries(
    Object.entries(PORTS).flatMap(([space, names]) =>
      names.map((name) => [`127.0.0.1:${ports[name]}`, space as AddressSpace]),
    ),
  );
}

/** Where a page of this origin is said to come from. */
export function addressSpaceOf(origin: string, ports: Ports): AddressSpace {
  return addressSpaces(ports)[`127.0.0.1:${new URL(origin).port}`] ?? "loopback";
}

/** What the user has decided, by the letter of the page; all others have nobody to ask, which comes to `denied`. */
const PERMISSIONS = { P: "granted", QS: "granted", RS: "denied" } as const;

/** By serialized origin. */
export function localNetworkPermissions(names: Names): Readonly<Record<string, "granted" | "denied">> {
  return Object.fromEntries(Object.entries(PERMISSIONS).map(([letter, state]) => [names.origin(letter), state]));
}
