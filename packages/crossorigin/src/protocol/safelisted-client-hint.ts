/**
 * Client hints as request headers that pages set, which Chromium safelists where they are well formed.
 *
 * @see https://wicg.github.io/responsive-image-client-hints/
 * @module
 */

/** Longest value, in characters, that is looked at. */
const MAX_VALUE_LENGTH = 128;

const NUMBER = /^[0-9]+(?:\.[0-9]+)?$/;
const INTEGER = /^[0-9]+$/;

const SELF_ONLY_VALUES: ReadonlyMap<string, RegExp> = new Map([
  ["device-memory", NUMBER],
  ["downlink", NUMBER],
  ["dpr", NUMBER],
  ["ect", /^(?:slow-2g|2g|3g|4g)$/],
  ["rtt", INTEGER],
  ["viewport-width", INTEGER],
  ["width", INTEGER],
]);

const VALUES: ReadonlyMap<string, RegExp> = new Map([
  ...SELF_ONLY_VALUES,
  ["intervention", /^/],
  ["save-data", /^on$/i],
]);

/** The hints that Permissions Policy gives to the page's own origin by default. @see https://wicg.github.io/client-hints-infrastructure/#policy-controlled-features */
export const SELF_ONLY_CLIENT_HINTS: readonly string[] = [...SELF_ONLY_VALUES.keys()];

/** Is it a hint with a value that it may have? Measured for these values: `on`, whole numbers, words that are none. */
export function isSafelistedClientHint(lowercasedName: string, value: string): boolean {
  return value.length <= MAX_VALUE_LENGTH && VALUES.get(lowercasedName)?.test(value) === true;
}
