/** The origins of the scenarios, and the tokens that stand for them in steps, scripts and observations. */

export interface Ports {
  readonly http: number;
  readonly otherHttp: number;
  readonly https: number;
  readonly otherHttps: number;
  readonly http2: number;
  readonly default: number;
  /** Those of the address space `public`. */
  readonly publicHttp: number;
  readonly publicHttps: number;
  /** Those of the address space `local`. */
  readonly localHttp: number;
  readonly localHttps: number;
  /** On `::1`. */
  readonly ipv6: number;
  /** On another address of loopback than all others. */
  readonly otherAddress: number;
}

type Place = readonly [scheme: "http" | "https", hostname: string, port: keyof Ports];

const PLACES = {
  A: ["http", "foo.example", "http"],
  A2: ["http", "foo.example", "otherHttp"],
  S: ["http", "sub.foo.example", "http"],
  B: ["http", "bar.other", "http"],
  C: ["http", "baz.test", "http"],
  AS: ["https", "foo.example", "https"],
  BS: ["https", "bar.other", "https"],
  CS: ["https", "baz.test", "https"],
  AS2: ["https", "foo.example", "otherHttps"],
  BH: ["https", "bar.other", "http2"],
  D: ["http", "foo.example", "default"],
  E: ["http", "bar.other", "default"],
  U: ["http", "xn--bcher-kva.example", "http"],
  G: ["http", "one.co.jp", "http"],
  GS: ["http", "sub.one.co.jp", "http"],
  H: ["http", "two.co.jp", "http"],
  GW: ["http", "x.one.kobe.jp", "http"],
  HW: ["http", "y.one.kobe.jp", "http"],
  GX: ["http", "x.city.kobe.jp", "http"],
  HX: ["http", "y.city.kobe.jp", "http"],
  L: ["http", "foo.localhost", "http"],
  M: ["http", "bar.localhost", "http"],
  K: ["http", "localhost", "http"],
  I: ["http", "127.0.0.1", "http"],
  J: ["http", "127.9.0.1", "otherAddress"],
  V6: ["http", "[::1]", "ipv6"],
  V4: ["http", "[::ffff:7f00:1]", "http"],
  T: ["http", "foo.example.", "http"],
  TS: ["http", "sub.foo.example.", "http"],
  TU: ["http", "bar.example.", "http"],
  P: ["http", "foo.example", "publicHttp"],
  PS: ["https", "foo.example", "publicHttps"],
  QS: ["https", "bar.other", "publicHttps"],
  RS: ["https", "baz.test", "publicHttps"],
  PL: ["http", "printer.local", "publicHttp"],
  N: ["http", "bar.other", "localHttp"],
  NS: ["https", "bar.other", "localHttps"],
  NL: ["http", "printer.local", "localHttp"],
} as const satisfies Readonly<Record<string, Place>>;

/** All host names, and addresses as URLs have them. */
export const HOSTNAMES: readonly string[] = [...new Set(Object.values(PLACES).map(([, hostname]) => hostname))];

/** What a machine may lack, and the letters that need it. */
const LACKING = [
  ["port-80", "default", ["D", "E"]],
  ["ipv6", "ipv6", ["V6", "V4"]],
  ["other-loopback-address", "otherAddress", ["J"]],
] as const satisfies readonly (readonly [string, keyof Ports, readonly (keyof typeof PLACES)[]])[];

export type Lacking = (typeof LACKING)[number][0];

/** What the scenario needs and the machine lacks, where a port could not be opened; null if nothing. */
export function lackingFor(scenario: object, ports: Ports): Lacking | null {
  const text = JSON.stringify(scenario);
  const found = LACKING.find(
    ([, port, letters]) =>
      ports[port] === 0 &&
      letters.some((letter) => new RegExp(`\\{(?:[ohpw]:)?${letter}\\}|"page":"${letter}"`).test(text)),
  );
  return found?.[0] ?? null;
}

/** The address that a host of ours is at; null if it is none of ours. */
export function addressOf(hostname: string): string | null {
  const name = hostname.replace(/^\[(.*)\]$/, "$1");
  if (!HOSTNAMES.includes(hostname) && !HOSTNAMES.includes(`[${name}]`)) return null;
  return /^[\d.]+$|:/.test(name) ? name : "127.0.0.1";
}

/** Longer runs of this letter are what {@link Names.padded} put there. */
const PADDING = /x{100,}/g;

interface Name {
  readonly letter: string;
  readonly origin: string;
  readonly host: string;
  readonly port: number;
}

/** The names of one replay of one scenario. */
export class Names {
  readonly #names: readonly Name[];
  /** The path that is the scenario's own on every origin. */
  readonly #base: string;

  constructor(ports: Ports, base: string) {
    this.#base = base;
    this.#names = Object.entries(PLACES).map(([letter, [scheme, hostname, portName]]) => {
      const port = ports[portName];
      const host = portName === "default" ? hostname : `${hostname}:${port}`;
      return { letter, origin: `${scheme}://${host}`, host, port: portName === "default" ? 80 : port };
    });
  }

  origin(letter: string): string {
    const found = this.#names.find((name) => name.letter === letter);
    if (found === undefined) throw new Error(`There is no origin ${letter}.`);
    return found.origin;
  }

  /** Puts names in the place of tokens. */
  expand(text: string): string {
    return text.replaceAll(/\{(?:([ohpw]):)?([A-Z][A-Z0-9]*)\}|\{base\}/g, (token, kind: string, letter: string) => {
      if (token === "{base}") return this.#base;
      const name = this.#names.find((candidate) => candidate.letter === letter);
      if (name === undefined) throw new Error(`There is no origin ${token}.`);
      if (kind === "o") return name.origin;
      if (kind === "h") return name.host;
      if (kind === "w") return name.origin.replace(/^http/, "ws") + this.#base;
      return kind === "p" ? String(name.port) : name.origin + this.#base;
    });
  }

  /** Puts tokens in the place of names. */
  collapse(text: string): string {
    let collapsed = text.replaceAll(PADDING, "{pad}");
    for (const { letter, origin } of this.#byLength()) {
      collapsed = collapsed.replaceAll(origin + this.#base, `{${letter}}`);
      // Not in the middle of a longer one: `http://foo.example` is also the beginning of `http://foo.example:8080`.
      const pattern = new RegExp(`${origin.replaceAll(/[.[\]]/g, "\\$&")}(?![\\w:.-])`, "g");
      collapsed = collapsed.replaceAll(pattern, `{o:${letter}}`);
    }
    for (const { letter, host } of this.#byLength()) {
      if (host.includes(":")) collapsed = collapsed.replaceAll(host, `{h:${letter}}`);
    }
    return collapsed.replaceAll(this.#base, "{base}");
  }

  /** {@link Names.collapse} in every string of a JSON value. */
  collapseAll(value: unknown): unknown {
    if (typeof value === "string") return this.collapse(value);
    if (Array.isArray(value)) return value.map((item) => this.collapseAll(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.collapseAll(item)]));
  }

  /** The URL with as many `x` at its end as make it `length` characters long. */
  padded(url: string, length: number): string {
    return url + "x".repeat(Math.max(0, length - url.length));
  }

  #byLength(): readonly Name[] {
    return this.#names.toSorted((a, b) => b.origin.length - a.origin.length);
  }
}
