/**
 * Integrity: does a body have the digest that the page expects?
 *
 * @see https://w3c.github.io/webappsec-subresource-integrity/#does-response-match-metadatalist
 * @module
 */

/** The algorithms, the weakest first. */
const ALGORITHMS = ["sha256", "sha384", "sha512"] as const;

export type DigestAlgorithm = (typeof ALGORITHMS)[number];

/** The digest of bytes in base64. */
export type Digest = (algorithm: DigestAlgorithm, bytes: Uint8Array) => string | Promise<string>;

interface Metadata {
  readonly algorithm: DigestAlgorithm;
  readonly value: string;
}

/**
 * Does one of the strongest digests in `metadata` match? Metadata without a digest that is known match anything.
 *
 * @see https://w3c.github.io/webappsec-subresource-integrity/#does-response-match-metadatalist
 */
export async function matchesIntegrity(bytes: Uint8Array, metadata: string, digest: Digest): Promise<boolean> {
  const parsed = parseMetadata(metadata);
  const strongest = ALGORITHMS.findLast((algorithm) => parsed.some((item) => item.algorithm === algorithm));
  if (strongest === undefined) return true; // Step 2
  const actual = toStandardBase64(await digest(strongest, bytes));
  return parsed.some(({ algorithm, value }) => algorithm === strongest && toStandardBase64(value) === actual); // Steps 3 to 5
}

/** Do the metadata have a digest of an algorithm that is known? */
export function hasIntegrityDigest(metadata: string): boolean {
  return parseMetadata(metadata).length > 0;
}

/**
 * Do a preload's metadata promise all that its consumer's ask for? Those of a consumer that has none ask for nothing.
 *
 * @see https://html.spec.whatwg.org/multipage/links.html#consume-a-preloaded-resource
 */
export function isSameIntegrity(consumers: string, preloads: string): boolean {
  const consumer = itemsOf(consumers);
  const preload = itemsOf(preloads);
  return consumer.size === 0 || (consumer.size === preload.size && [...consumer].every((item) => preload.has(item)));
}

function itemsOf(metadata: string): Set<string> {
  return new Set(parseMetadata(metadata).map(({ algorithm, value }) => `${algorithm}-${value}`));
}

/** @see https://w3c.github.io/webappsec-subresource-integrity/#parse-metadata */
function parseMetadata(metadata: string): Metadata[] {
  return metadata.split(/[\t\n\f\r ]+/).flatMap(parseItem);
}

/** One item of the metadata; none for an algorithm that nobody knows. Options, after `?`, mean nothing yet. */
function parseItem(item: string): Metadata[] {
  const [expression = ""] = item.split("?", 1);
  const dash = expression.indexOf("-");
  const name = expression.slice(0, Math.max(dash, 0)).toLowerCase();
  const algorithm = ALGORITHMS.find((candidate) => candidate === name);
  return algorithm === undefined ? [] : [{ algorithm, value: expression.slice(dash + 1) }];
}

/** Engines take the alphabet of URLs, too, and padding that is left out. */
function toStandardBase64(value: string): string {
  return value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
}
