/**
 * The options of a client that Local Network Access asks for: where the page came from, and what it may reach.
 *
 * @see https://wicg.github.io/local-network-access/#permission-prompt
 * @module
 */

import type { LocalNetworkAccess, LocalNetworkPermissionName } from "crossorigin/fetching";
import { type IpAddressSpace, type Origin, isSameOrigin, serializeOrigin } from "crossorigin/protocol";
import { show } from "./byte-string.ts";

/** What a page asks the user for. */
export interface LocalNetworkPermission {
  readonly name: LocalNetworkPermissionName;
  /** Serialized: the page's; of a frame that may ask in the name of its page, the top-level page's. */
  readonly origin: string;
}

type Answer = "granted" | "denied";

export interface LocalNetworkOptions {
  /**
   * The address space that the page came from. With it, addresses less public than that are kept from the page as the
   * profile has it; without it, none is.
   */
  readonly ipAddressSpace?: IpAddressSpace | undefined;
  /** The user's answer, once for each permission; default: `denied`. What it throws counts as that. */
  readonly localNetworkAccess?: Answer | ((permission: LocalNetworkPermission) => Answer | Promise<Answer>) | undefined;
  /** What the `allow` attribute of the frame that the page is in names; a page that is not framed needs none. */
  readonly allow?: readonly LocalNetworkFeature[] | undefined;
}

/** The last stands for both of the others. */
type LocalNetworkFeature = LocalNetworkPermissionName | "local-network-access";

export const IP_ADDRESS_SPACES: readonly IpAddressSpace[] = ["public", "local", "loopback"];
const PERMISSIONS: readonly LocalNetworkPermissionName[] = ["local-network", "loopback-network"];
const FEATURES: readonly LocalNetworkFeature[] = [...PERMISSIONS, "local-network-access"];

/** Null without the option `ipAddressSpace`. Throws a `TypeError` that names the option, its value and what to pass instead. */
export function createLocalNetworkAccess(
  options: LocalNetworkOptions,
  origin: Origin,
  topLevelOrigin: Origin,
  serializedOrigin: string,
): LocalNetworkAccess | null {
  const { ipAddressSpace, localNetworkAccess = "denied", allow = [] } = options;
  if (ipAddressSpace !== undefined && !IP_ADDRESS_SPACES.includes(ipAddressSpace)) {
    throw new TypeError(
      `The option ipAddressSpace is ${show(ipAddressSpace)}: pass one of ${IP_ADDRESS_SPACES.join(", ")}.`,
    );
  }
  if (typeof localNetworkAccess !== "function" && localNetworkAccess !== "granted" && localNetworkAccess !== "denied") {
    throw new TypeError(
      `The option localNetworkAccess is ${show(localNetworkAccess)}: pass "granted", "denied", or a function that gives one of them.`,
    );
  }
  if (!Array.isArray(allow))
    throw new TypeError(`The option allow is ${show(allow)}: pass an array of ${FEATURES.join(", ")}.`);
  for (const feature of allow as readonly LocalNetworkFeature[]) {
    if (!FEATURES.includes(feature))
      throw new TypeError(`The option allow has ${show(feature)}: pass an array of ${FEATURES.join(", ")}.`);
  }
  if (ipAddressSpace === undefined) {
    const [idle] = (["localNetworkAccess", "allow"] as const).filter((name) => options[name] !== undefined);
    if (idle === undefined) return null;
    throw new TypeError(`The option ${idle} means nothing without ipAddressSpace: pass where the page came from, too.`);
  }
  const isFramedByOther = !isSameOrigin(origin, topLevelOrigin);
  const allowedToUse = isFramedByOther
    ? PERMISSIONS.filter((name) => allow.includes(name) || allow.includes("local-network-access"))
    : PERMISSIONS;
  const originOf = (name: LocalNetworkPermissionName): string =>
    isFramedByOther && allowedToUse.includes(name) ? serializeOrigin(topLevelOrigin) : serializedOrigin;
  return { ipAddressSpace, allowedToUse, ...permissionsOf(localNetworkAccess, originOf) };
}

/** Asks once for each permission: requests that come while the user thinks wait for the same answer. */
function permissionsOf(
  answer: NonNullable<LocalNetworkOptions["localNetworkAccess"]>,
  originOf: (name: LocalNetworkPermissionName) => string,
): Pick<LocalNetworkAccess, "permissionState" | "requestPermission"> {
  if (typeof answer === "string") return { permissionState: () => answer, requestPermission: () => answer };
  const answers = new Map<LocalNetworkPermissionName, Answer | Promise<Answer>>();
  const states = new Map<LocalNetworkPermissionName, Answer>();
  return {
    permissionState: (name) => states.get(name) ?? "prompt",
    requestPermission: (name) => {
      const known = answers.get(name);
      if (known !== undefined) return known;
      const asked = answer({ name, origin: originOf(name) });
      answers.set(name, asked);
      Promise.resolve(asked).then(
        (state) => states.set(name, state === "granted" ? state : "denied"),
        () => states.set(name, "denied"),
      );
      return asked;
    },
  };
}
