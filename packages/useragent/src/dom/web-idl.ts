/**
 * Conversions from JavaScript values to types of the Web IDL, whatever the declared types say.
 *
 * @see https://webidl.spec.whatwg.org/#js-type-mapping
 * @module
 */

/** @see https://webidl.spec.whatwg.org/#js-boolean */
export function toBoolean(value: unknown): boolean {
  return Boolean(value);
}

/** Modulo 2³²; 0 for what is no number. @see https://webidl.spec.whatwg.org/#js-unsigned-long */
export function toUnsignedLong(value: unknown): number {
  return Number(value) >>> 0;
}

/** Throws a `TypeError` that names `what` for numbers that are not finite. @see https://webidl.spec.whatwg.org/#js-double */
export function toDouble(value: unknown, what: string): number {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new TypeError(`${what} is not a finite number.`);
  return number;
}

/** Throws a `TypeError` for too few arguments. */
export function needArguments(method: string, given: number, needed: 1 | 2): void {
  if (given < needed) throw new TypeError(`${method} needs ${needed === 1 ? "an argument" : "two arguments"}.`);
}
