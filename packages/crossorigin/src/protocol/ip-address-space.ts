/**
 * IP address spaces: whether an address means the same machine to everybody, to one network, or to each machine itself.
 *
 * @see https://wicg.github.io/local-network-access/#ip-address-space-section
 * @module
 */

/** From what everybody can reach to what only the machine itself can. */
export type IpAddressSpace = "public" | "local" | "loopback";

interface IpAddress {
  readonly length: 32 | 128;
  readonly value: bigint;
}

/** Length of an address in bits, length of the block's prefix, the prefix itself. @see https://wicg.github.io/local-network-access/#non-public-ip-address-blocks */
type AddressBlock = readonly [length: 32 | 128, prefixLength: number, prefix: bigint, space: IpAddressSpace];

/** In the draft's order, which counts: 0.0.0.0 is also in 0.0.0.0/8. */
const NON_PUBLIC_BLOCKS: readonly AddressBlock[] = [
  [32, 8, 0x7fn, "loopback"], // 127.0.0.0/8
  [32, 8, 0x0an, "local"], // 10.0.0.0/8
  [32, 10, 0x191n, "local"], // 100.64.0.0/10
  [32, 12, 0xac1n, "local"], // 172.16.0.0/12
  [32, 16, 0xc0a8n, "local"], // 192.168.0.0/16
  [32, 15, 0x6309n, "loopback"], // 198.18.0.0/15
  [32, 16, 0xa9fen, "local"], // 169.254.0.0/16
  [128, 128, 1n, "loopback"], // ::1
  [128, 7, 0x7en, "local"], // fc00::/7
  [128, 10, 0x3fan, "local"], // fe80::/10
  [128, 10, 0x3fbn, "local"], // fec0::/10
  [32, 32, 0n, "loopback"], // 0.0.0.0
  [32, 8, 0n, "local"], // 0.0.0.0/8
  [128, 128, 0n, "loopback"], // ::
  [128, 32, 0x20010db8n, "local"], // 2001:db8::/32
  [128, 20, 0x3fff0n, "local"], // 3fff::/20
];

const PUBLICNESS: Readonly<Record<IpAddressSpace, number>> = { loopback: 0, local: 1, public: 2 };

/**
 * Determine the IP address space of an address, as a socket or the host of a URL has it; null for what is no IP address.
 * Constant time but for reading the address.
 *
 * @see https://wicg.github.io/local-network-access/#determine-the-ip-address-space
 */
export function determineIpAddressSpace(address: string): IpAddressSpace | null {
  const parsed = parseIpAddress(address);
  if (parsed === null) return null;
  const { length, value } = embeddedIpv4Address(parsed); // Step 1
  const block = NON_PUBLIC_BLOCKS.find(
    ([blockLength, prefixLength, prefix]) =>
      length === blockLength && value >> BigInt(length - prefixLength) === prefix,
  ); // Step 2
  return block?.[3] ?? "public"; // Steps 2.1 and 3
}

/** Does `lhs` mean fewer machines than `rhs`? @see https://wicg.github.io/local-network-access/#ip-address-space-less-public */
export function isLessPublic(lhs: IpAddressSpace, rhs: IpAddressSpace): boolean {
  return PUBLICNESS[lhs] < PUBLICNESS[rhs];
}

/**
 * The address space that the host of a URL tells of before anybody is asked where it is: `local` for a local address and
 * for names under `local`; null for every other host.
 *
 * @see https://wicg.github.io/local-network-access/#fetching
 */
export function impliedIpAddressSpace(hostname: string): "local" | null {
  return determineIpAddressSpace(hostname) === "local" || /\.local\.?$/.test(hostname) ? "local" : null;
}

/** Brackets and a zone, as in `fe80::1%eth0`, are left out. Null for what is no address. */
function parseIpAddress(text: string): IpAddress | null {
  const address = text.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/s, "");
  if (/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(address)) return numberOf(32, address.split("."), 10);
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address) || !URL.canParse(`http://[${address}]`)) return null;
  // The URL parser writes all parts as groups, and leaves the longest run of zeros out.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const first = groupsOf(head);
  const last = groupsOf(tail ?? "");
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => "0");
  return numberOf(128, [...first, ...zeros, ...last], 16);
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

/** Null if a part is larger than its share of the bits. */
function numberOf(length: 32 | 128, parts: readonly string[], radix: 10 | 16): IpAddress | null {
  const bits = length / parts.length;
  const numbers = parts.map((part) => Number.parseInt(part, radix));
  if (numbers.some((number) => number >= 2 ** bits)) return null;
  return { length, value: numbers.reduce((value, number) => (value << BigInt(bits)) | BigInt(number), 0n) };
}

/** Of `::ffff:0:0/96` the IPv4 address; others as they are. */
function embeddedIpv4Address(address: IpAddress): IpAddress {
  const isMapped = address.length === 128 && address.value >> 32n === 0xffffn;
  return isMapped ? { length: 32, value: address.value & 0xffffffffn } : address;
}
