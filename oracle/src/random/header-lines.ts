/** What random requests and responses say in their headers: near the limits, and beside the grammar. The first of a list is harmless. */

/** Names with values. */
export const REQUEST_HEADERS: Readonly<Record<string, readonly string[]>> = {
  "X-A": ["1", "", "é"],
  "x-b": ["2", "x".repeat(200)],
  "Content-Type": [
    "text/plain",
    "application/json",
    "TEXT/PLAIN;charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain;a=(",
    `text/plain;a=${"x".repeat(115)}`,
    `text/plain;a=${"x".repeat(116)}`,
    "text/plain, application/json",
    "text",
  ],
  Accept: ["text/html", "x".repeat(128), "x".repeat(129), "a(", 'a"', "*/*;q=0.5"],
  "Accept-Language": ["de", "x".repeat(128), "x".repeat(129), "de;q=0.5, *", "de_AT"],
  "Content-Language": ["de", "x".repeat(128), "x".repeat(129), "d{e}"],
  Range: ["bytes=0-1", "bytes=0-", "bytes=-1", "bytes=0-1,3-4", "bytes=1-0"],
  Authorization: ["Bearer x"],
  "X-Requested-With": ["XMLHttpRequest"],
  DPR: ["1", "x"],
  "Save-Data": ["on", "x"],
  "Viewport-Width": ["100"],
  "Cache-Control": ["no-cache"],
  "If-None-Match": ['"x"'],
  Cookie: ["a=b"],
  "Sec-Foo": ["1"],
  "X-HTTP-Method-Override": ["PUT", "TRACE"],
};

/**
 * Headers with several lines, which are judged one by one or together. Eight times 128 bytes are what safelisted headers may
 * come to in all.
 */
export const REPEATED_REQUEST_HEADERS: readonly (readonly (readonly [string, string])[])[] = [
  repeated("X-A", ["1", "2"]),
  repeated("X-A", ["", "1", ""]),
  repeated("Accept", ["text/html", "text/plain"]),
  repeated("Accept", ["x".repeat(60), "x".repeat(60)]),
  repeated("Accept", ["x".repeat(64), "x".repeat(63)]),
  repeated("Accept-Language", ["de", "en"]),
  repeated("Accept-Language", Array<string>(8).fill("x".repeat(128))),
  repeated("Content-Language", Array<string>(9).fill("x".repeat(120))),
  repeated("Range", ["bytes=0-1", "bytes=2-3"]),
];

function repeated(name: string, values: readonly string[]): readonly (readonly [string, string])[] {
  return values.map((value) => [name, value]);
}

/** `PAGE` stands for the origin that asks. */
export const ALLOW_ORIGINS: readonly (readonly string[])[] = [
  ["{o:PAGE}"],
  ["*"],
  ["null"],
  [],
  ["{o:C}"],
  [" {o:PAGE} "],
  ["{o:PAGE}/"],
  ["*, *"],
  ["{o:PAGE}", "{o:PAGE}"],
  ["{o:PAGE}, *"],
  ["* "],
  ["Null"],
  ["{o:PAGE}\t"],
  [""],
  ["*", ""],
  ["", "*"],
];

export const ALLOW_CREDENTIALS: readonly (readonly string[])[] = [
  ["true"],
  [],
  ["True"],
  [" true "],
  ["true, true"],
  ["true", "true"],
  ["false"],
  ["true\t"],
  [""],
];

export const ALLOW_METHODS: readonly (readonly string[])[] = [
  ["GET, POST, PUT, HEAD, DELETE, PATCH, patch, OPTIONS, X-CUSTOM"],
  [],
  ["*"],
  ["PUT"],
  ["DELETE,PATCH"],
  [""],
  ["PUT,,DELETE"],
  [" PUT ,\tDELETE"],
  ["put"],
  ["PUT DELETE"],
  ["PUT, DEL@ETE"],
  ['"PUT"'],
  ["GET, *"],
  ["PUT;"],
  ["PUT", "DELETE, PATCH"],
  ["PUT", "DEL ETE"],
  ["PUT", ""],
  [",PUT,"],
  [", ,"],
  ["PUT\t,\t,DELETE"],
  ["*", "PUT"],
];

const EVERY_HEADER = Object.keys(REQUEST_HEADERS)
  .map((name) => name.toLowerCase())
  .join(", ");

export const ALLOW_HEADERS: readonly (readonly string[])[] = [
  [EVERY_HEADER],
  ["*"],
  ["*, authorization"],
  [],
  ["x-a"],
  ["X-A", "X-B, content-type"],
  ["x-a,,x-b"],
  ["x-a x-b"],
  [`${EVERY_HEADER}, b c`],
  ["x-a\t,\tx-b , range"],
  [`${EVERY_HEADER},`],
  ['"x-a"'],
  ["authorization", "*"],
  [`,${EVERY_HEADER}`],
  [EVERY_HEADER, ""],
  [EVERY_HEADER.toUpperCase()],
  ["x-a;x-b"],
  [", ,x-a, ,"],
];

/** Seconds for which nothing that runs at once expires, nothing that does not parse, and what expires at once. */
export const MAX_AGES: readonly (readonly string[])[] = [
  [],
  ["600"],
  ["0"],
  ["-1"],
  [""],
  ["00600"],
  ["600", "600"],
  ["abc"],
  ["600, 600"],
  ["+600"],
  [" 600\t"],
];

/** Of scenarios that wait. */
export const SHORT_MAX_AGES: readonly (readonly string[])[] = [["3"], [], ["600"], ["3", "3"], ["0"]];

/** Longer than the short ones, and than what an answer without `Access-Control-Max-Age` is kept for. */
export const WAIT_MILLISECONDS = 7000;

export const EXPOSE_HEADERS: readonly (readonly string[])[] = [
  [],
  ["X-One"],
  ["*"],
  ["x-one,X-TWO"],
  ["X-One", "*"],
  ["X-One, b c"],
  [",X-Two,"],
  ["Set-Cookie, X-One"],
  ["x-two", "X-One"],
  ["*", "X-One"],
  ["X-One;X-Two"],
  ["\tX-One\t, , X-Two"],
];
