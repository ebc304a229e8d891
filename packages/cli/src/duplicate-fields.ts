/**
 * Fields that stand twice in a JSON object: JSON.parse keeps the last and says nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-4
 * @module
 */

/** The names, each once, of the outermost object's fields that stand there more than once. `json` has to parse. Linear. */
export function duplicateFields(json: string): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  let depth = 0;
  let string = "";
  for (let index = 0; index < json.length; index++) {
    switch (json[index]) {
      case '"': {
        const end = endOfString(json, index);
        if (depth === 1) string = json.slice(index, end + 1);
        index = end;
        break;
      }
      case ":":
        if (depth === 1) {
          const name = String(JSON.parse(string));
          (seen.has(name) ? twice : seen).add(name);
        }
        break;
      case "{":
      case "[":
        depth++;
        break;
      case "}":
      case "]":
        depth--;
        break;
      default:
    }
  }
  return [...twice];
}

/** The index of the quotation mark that ends the string which begins at `start`. */
function endOfString(json: string, start: number): number {
  let index = start + 1;
  while (index < json.length && json[index] !== '"') index += json[index] === "\\" ? 2 : 1;
  return index;
}
