/**
 * What a request asks its server for.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-origin-form
 * @module
 */

/** With the `?` of an empty query, too, which `search` leaves out. @see https://url.spec.whatwg.org/#url-serializing */
export function requestTarget({ href, protocol }: URL): string {
  const [target = ""] = href.slice(href.indexOf("/", `${protocol}//`.length)).split("#", 1);
  return target;
}
