/**
 * Base64, without anything of a platform.
 *
 * @see https://infra.spec.whatwg.org/#forgiving-base64
 * @module
 */

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** @see https://infra.spec.whatwg.org/#forgiving-base64-encode */
export function forgivingBase64Encode(data: Uint8Array): string {
  let output = "";
  let [buffer, bits] = [0, 0];
  for (const byte of data) {
    buffer = ((buffer << 8) | byte) & 0xff_ff;
    for (bits += 8; bits >= 6; bits -= 6) output += BASE64.charAt((buffer >> (bits - 6)) & 0x3f);
  }
  if (bits > 0) output += BASE64.charAt((buffer << (6 - bits)) & 0x3f);
  return output.padEnd(Math.ceil(output.length / 4) * 4, "=");
}

/** Null for failure. @see https://infra.spec.whatwg.org/#forgiving-base64-decode */
export function forgivingBase64Decode(data: Uint8Array): Uint8Array | null {
  const codes = [...data].filter((code) => !" \t\n\f\r".includes(String.fromCharCode(code))); // Step 1
  const equals = "=".charCodeAt(0);
  // Step 2
  if (codes.length % 4 === 0 && codes.at(-1) === equals) {
    codes.pop();
    if (codes.at(-1) === equals) codes.pop();
  }
  if (codes.length % 4 === 1) return null; // Step 3
  const output = new Uint8Array(Math.floor((codes.length * 3) / 4));
  let [buffer, bits, length] = [0, 0, 0];
  for (const code of codes) {
    const value = BASE64.indexOf(String.fromCharCode(code));
    if (value < 0) return null; // Step 4
    buffer = ((buffer << 6) | value) & 0xff_ff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    output[length++] = (buffer >> bits) & 0xff;
  }
  return output; // Steps 8 to 10 — bits that are left over are dropped.
}
