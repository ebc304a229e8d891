/**
 * From a regular expression over origins to the patterns that it probably means.
 *
 * Expands the expression into templates, in which a few marks stand for what repeats, and reads each template as an
 * origin. What it cannot read it gives up on.
 *
 * @module
 */

/** Marks: one label, labels each with its dot, anything, digits, the beginning, the end. */
const LABEL = "\u{1}";
const LABELS = "\u{2}";
const ANYTHING = "\u{3}";
const DIGITS = "\u{4}";
const START = "\u{5}";
const END = "\u{6}";

/** More templates than that are given up on. */
const MAX_TEMPLATES = 64;

/** Groups that are nested deeper than that are given up on. */
const MAX_DEPTH = 16;

export interface RegExpReading {
  /** Patterns for a policy, without repetition; empty if none could be made out. */
  readonly patterns: readonly string[];
  /** Host names that the expression spells out. */
  readonly hosts: readonly string[];
}

const UNREADABLE: RegExpReading = { patterns: [], hosts: [] };

/** Never throws. Linear in the source times the number of templates, which is bounded. */
export function readRegExp(regexp: RegExp): RegExpReading {
  const templates = new TemplateReader(regexp.source).read();
  if (templates === null) return UNREADABLE;
  const readings = templates.map(readTemplate);
  if (readings.some((reading) => reading === null)) return UNREADABLE;
  const found = readings.filter((reading) => reading !== null);
  const patterns = found.flatMap((reading) => reading.patterns);
  // A pattern for any port covers the one without.
  const needed = patterns.filter((pattern) => pattern.endsWith(":*") || !patterns.includes(`${pattern}:*`));
  return { patterns: [...new Set(needed)], hosts: [...new Set(found.map((reading) => reading.host))] };
}

const TEMPLATE = new RegExp(
  `^(${START})?(?:${ANYTHING})?(?:(https?)://)?(${LABELS}|[${LABEL}${ANYTHING}]?\\.|[${LABEL}${ANYTHING}])?` +
    `([a-z0-9-]+(?:\\.[a-z0-9-]+)*)(?::(${DIGITS}|[0-9]+))?/?(?:${ANYTHING})?(${END})?$`,
  "i",
);

function readTemplate(template: string): { host: string; patterns: string[] } | null {
  const match = TEMPLATE.exec(template);
  if (match === null) return null;
  const [, start, scheme, labels, literal = "", port] = match;
  // "example.com" from the first character on is no origin.
  if (start !== undefined && scheme === undefined && !template.includes(ANYTHING)) return null;
  const host = literal.toLowerCase();
  const suffix = port === undefined ? "" : port === DIGITS ? ":*" : `:${port}`;
  const base = (scheme ?? "https").toLowerCase();
  const exact = `${base}://${host}${suffix}`;
  const below = `${base}://*.${host}${suffix}`;
  if (labels === undefined) return { host, patterns: scheme === undefined ? [exact, below] : [exact] };
  const isWholeLabels = labels === LABELS || labels.endsWith(".");
  return { host, patterns: isWholeLabels ? [below] : [exact, below] };
}

class Unreadable extends Error {}

/** A reader of the part of the grammar that people write origins in. */
class TemplateReader {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Null for what it does not know. */
  read(): readonly string[] | null {
    try {
      const templates = this.#alternatives();
      return this.#at === this.#source.length ? templates : null;
    } catch (error) {
      if (error instanceof Unreadable) return null;
      throw error;
    }
  }

  #alternatives(): string[] {
    const all = this.#sequence();
    while (this.#takes("|")) all.push(...this.#sequence());
    return bounded(all);
  }

  #sequence(): string[] {
    let all = [""];
    while (this.#at < this.#source.length && !this.#isNext("|") && !this.#isNext(")")) {
      const next = this.#quantified();
      all = bounded(all.flatMap((before) => next.map((after) => before + after)));
    }
    return all;
  }

  #quantified(): string[] {
    if (this.#takes("^")) return [START];
    if (this.#takes("$")) return [END];
    const isGroup = this.#takes("(");
    if (isGroup) {
      if (this.#takes("?") && !this.#takes(":")) throw new Unreadable();
      if (++this.#depth > MAX_DEPTH) throw new Unreadable();
      const inner = this.#alternatives();
      this.#depth--;
      if (!this.#takes(")")) throw new Unreadable();
      return repeatedGroup(inner, this.#quantifier());
    }
    const atom = this.#atom();
    return repeatedAtom(atom, this.#quantifier());
  }

  /** One character, escape or class, as written. */
  #atom(): string {
    const atom = /^(?:\\.|\[(?:\\.|[^\]\\])+\]|[^\\[\](){}*+?|])/.exec(this.#source.slice(this.#at))?.[0];
    if (atom === undefined) throw new Unreadable();
    this.#at += atom.length;
    return atom;
  }

  #quantifier(): string {
    const quantifier = /^(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})/.exec(this.#source.slice(this.#at))?.[0] ?? "";
    this.#at += quantifier.length;
    if (quantifier !== "") this.#takes("?");
    return quantifier;
  }

  #isNext(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #takes(text: string): boolean {
    const isNext = this.#isNext(text);
    if (isNext) this.#at += text.length;
    return isNext;
  }
}

function bounded(templates: string[]): string[] {
  if (templates.length > MAX_TEMPLATES) throw new Unreadable();
  return templates;
}

function repeatedGroup(inner: string[], quantifier: string): string[] {
  if (quantifier === "") return inner;
  if (quantifier === "?") return ["", ...inner];
  const areLabels = inner.every((template) => [`${LABEL}.`, `${ANYTHING}.`, LABELS].includes(template));
  if (!areLabels) throw new Unreadable();
  return quantifier === "*" ? ["", LABELS] : [LABELS];
}

function repeatedAtom(atom: string, quantifier: string): string[] {
  const isOneOf = (text: string): boolean => new RegExp(`^${atom}$`).test(text);
  const matchesLetters = isOneOf("a") && isOneOf("m");
  if (quantifier === "" || quantifier === "?") {
    const character = matchesLetters && atom !== "." ? null : literalOf(atom);
    if (character === null) throw new Unreadable();
    return quantifier === "" ? [character] : ["", character];
  }
  const canBeNone = quantifier === "*";
  if (matchesLetters) return isOneOf(".") ? [ANYTHING] : canBeNone ? ["", LABEL] : [LABEL];
  if (isOneOf("0") && isOneOf("9")) return canBeNone ? ["", DIGITS] : [DIGITS];
  throw new Unreadable();
}

/** The character itself; a dot for the unescaped dot that is meant as one. */
function literalOf(atom: string): string | null {
  if (atom.length === 1) return atom;
  if (/^\\[^a-zA-Z0-9]$/.test(atom)) return atom.slice(1);
  // A class of one: [.]
  return /^\[[^\\^]\]$/.test(atom) ? atom.slice(1, -1) : null;
}
