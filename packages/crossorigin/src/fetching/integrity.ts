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
 * @see https://w3c.github.io/webappsec-subresource-integrity/#parse-metadata
 */
export async function matchesIntegrity(bytes: Uint8Array, metadata: string, digest: Digest): Promise<boolean> {
  const parsed = metadata.split(/[\t\n\f\r ]+/).flatMap(parseItem);
  const strongest = ALGORITHMS.findLast((algorithm) => parsed.some((item) => item.algorithm === algorithm));
  if (strongest === undefined) return true; // Step 2
  const actual = toStandardBase64(await digest(strongest, bytes));
  return parsed.some(({ algorithm, value }) => algorithm === strongest && toStandardBase64(value) === actual); // Steps 3 to 5
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
