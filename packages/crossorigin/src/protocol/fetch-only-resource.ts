/**
 * Fetch-only resources: what by its first bytes is markup or data, and no script or style sheet.
 *
 * Nothing a script could begin with counts: these are responses that engines withhold without running them.
 *
 * @see https://chromium.googlesource.com/chromium/src/+/main/services/network/orb/README.md
 * @module
 */

/** Nothing beyond this many bytes is looked at. @see https://github.com/annevk/orb#orbs-algorithm */
export const OPAQUE_RESPONSE_HEAD_BYTES = 1024;

/** Not `<!--`, which a script may begin with. */
const HTML = /^<(?:!doctype html|script|html|head|iframe|h1|div|font|table|a|style|title|b|p)/i;

const XML = /^[\t\n\r ]*<\?xml/;

/** A member of an object, which no statement can begin with. */
const JSON_OBJECT = /^[\t\n\r ]*\{[\t\n\r ]*"(?:[^"\\]|\\[^])*"[\t\n\r ]*:/;

/** What servers put before JSON so that nobody runs it as a script. */
const SCRIPT_BREAKERS = [")]}'", "{}&&", "{} &&", "for(;;);", "while(1);", "for (;;);", "while (1);"];

/**
 * Does `head`, bytes as latin-1 text, begin as HTML or XML does, as a JSON object, or with what keeps JSON from being run?
 * Linear in the length of `head`.
 */
export function isFetchOnlyResource(head: string): boolean {
  return (
    isHtml(head) ||
    XML.test(head) ||
    SCRIPT_BREAKERS.some((breaker) => head.startsWith(breaker)) ||
    JSON_OBJECT.test(head)
  );
}

/** Comments of HTML are comments of scripts, too, to the end of their line. */
function isHtml(head: string): boolean {
  let rest = withoutSpace(head);
  while (rest.startsWith("<!--")) {
    const [comment = null] = /^<!--[^]*?-->[^\n\r]*[\n\r]/.exec(rest) ?? [];
    if (comment === null) return false;
    rest = withoutSpace(rest.slice(comment.length));
  }
  return HTML.test(rest);
}

function withoutSpace(text: string): string {
  return text.replace(/^[\t\n\r ]+/, "");
}
