/**
 * Options on their way between processes: functions keep nothing but their being there.
 *
 * @module
 */

type EncodedValue =
  | { readonly kind: "value"; readonly value: string | number | bigint | boolean | null | undefined }
  | { readonly kind: "regexp"; readonly source: string; readonly flags: string }
  | { readonly kind: "function" }
  | { readonly kind: "list"; readonly items: readonly EncodedValue[] }
  /** Anything else, as the text that it turns into. */
  | { readonly kind: "object"; readonly text: string };

/** An object's own fields in their order. */
export type EncodedFields = readonly (readonly [name: string, value: EncodedValue])[];

/** Throws what a getter throws, and at a list that holds itself. */
export function encodeFields(options: object): EncodedFields {
  return Object.entries(options).map(([name, value]) => [name, encode(value)]);
}

export function decodeFields(fields: EncodedFields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.map(([name, value]) => [name, decode(value)]));
}

function encode(value: unknown): EncodedValue {
  if (typeof value === "function") return { kind: "function" };
  if (Array.isArray(value)) return { kind: "list", items: Array.from(value, encode) };
  if (value instanceof RegExp) return { kind: "regexp", source: value.source, flags: value.flags };
  if (typeof value === "symbol" || (typeof value === "object" && value !== null))
    return { kind: "object", text: textOf(value) };
  return { kind: "value", value: value as string | number | bigint | boolean | null | undefined };
}

function decode(encoded: EncodedValue): unknown {
  switch (encoded.kind) {
    case "value":
      return encoded.value;
    case "regexp":
      return new RegExp(encoded.source, encoded.flags);
    case "function":
      return () => {};
    case "list":
      return encoded.items.map(decode);
    case "object":
      // Not a field: it is no option.
      return Object.defineProperty({}, "toString", { value: () => encoded.text });
  }
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "[object Object]";
  }
}
