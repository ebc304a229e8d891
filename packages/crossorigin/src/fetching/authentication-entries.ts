/**
 * HTTP authentication: challenges, what answers them, and what is remembered of it.
 *
 * Choice: Basic only. Digest is left out: no prompt asks for its password, and few servers offer nothing else.
 *
 * @see https://fetch.spec.whatwg.org/#authentication-entries
 * @module
 */

import { type Header, byteLowercase, getHeaderValues } from "../protocol/index.ts";
import { forgivingBase64Encode } from "./base64.ts";
import { percentDecode } from "./data-url.ts";

/** What a server wants to be answered. */
export interface Challenge {
  readonly realm: string;
}

/** Remembered values of `Authorization`, by partition, origin and realm. No method throws. */
export interface AuthenticationEntries {
  /** For a request to the URL that nobody challenged yet; null if none is known to be wanted there. */
  find(partition: string, url: URL): string | null;
  /** For a challenge of the URL's origin. */
  findByRealm(partition: string, url: URL, realm: string): string | null;
  /** Remembers what the realm accepted, and that the URL belongs to it. */
  store(partition: string, url: URL, realm: string, authorization: string): void;
}

/** One realm of one origin. */
interface Entry {
  readonly authorization: string;
  /** Paths below these are taken to want the same. @see https://www.rfc-editor.org/rfc/rfc7617#section-2.2 */
  readonly directories: readonly string[];
}

/** Attack: servers must not fill the memory. What was used last stays. */
const MAX_ENTRIES = 256;
const MAX_DIRECTORIES = 16;

export class AuthenticationEntryStore implements AuthenticationEntries {
  /** Realms by partition and origin. */
  readonly #entries = new Map<string, Map<string, Entry>>();

  find(partition: string, url: URL): string | null {
    let longest = "";
    let found: string | null = null;
    for (const { authorization, directories } of this.#realmsOf(partition, url).values()) {
      for (const directory of directories) {
        if (directory.length <= longest.length || !url.pathname.startsWith(directory)) continue;
        longest = directory;
        found = authorization;
      }
    }
    return found;
  }

  findByRealm(partition: string, url: URL, realm: string): string | null {
    return this.#realmsOf(partition, url).get(realm)?.authorization ?? null;
  }

  store(partition: string, url: URL, realm: string, authorization: string): void {
    const key = keyOf(partition, url);
    const realms = this.#realmsOf(partition, url);
    const others = (realms.get(realm)?.directories ?? []).filter((directory) => directory !== directoryOf(url));
    realms.delete(realm);
    realms.set(realm, { authorization, directories: [...others, directoryOf(url)].slice(-MAX_DIRECTORIES) });
    this.#entries.delete(key);
    this.#entries.set(key, realms);
    dropOldest(realms);
    dropOldest(this.#entries);
  }

  clear(): void {
    this.#entries.clear();
  }

  #realmsOf(partition: string, url: URL): Map<string, Entry> {
    return this.#entries.get(keyOf(partition, url)) ?? new Map<string, Entry>();
  }
}

function dropOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > MAX_ENTRIES && oldest !== undefined) map.delete(oldest);
}

function keyOf(partition: string, { origin }: URL): string {
  return `${partition} ${origin}`;
}

function directoryOf({ pathname }: URL): string {
  return pathname.slice(0, pathname.lastIndexOf("/") + 1);
}

/** A scheme, or a parameter with its value. Linear: what follows a name cannot be part of it. */
const CHALLENGE_PART = /([\w!#$%&'*+.^`|~-]+)(?:[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.)*)"|([^\t ,"]+)))?/g;

/** The first `Basic` challenge of the response; its realm is empty where it has none. Null if there is no such challenge. */
export function basicChallenge(headers: readonly Header[]): Challenge | null {
  for (const value of getHeaderValues(headers, "WWW-Authenticate")) {
    let isBasic = false;
    for (const [, name = "", quoted, token = ""] of value.matchAll(CHALLENGE_PART)) {
      const isScheme = quoted === undefined && token === "";
      if (isScheme && isBasic) break;
      if (isScheme) isBasic = byteLowercase(name) === "basic";
      else if (isBasic && byteLowercase(name) === "realm")
        return { realm: quoted?.replaceAll(/\\(.)/gs, "$1") ?? token };
    }
    if (isBasic) return { realm: "" };
  }
  return null;
}

/** The user and password of a URL as the value of `Authorization`. @see https://www.rfc-editor.org/rfc/rfc7617 */
export function basicAuthorization({ username, password }: URL): string {
  const [user, secret] = [percentDecode(username), percentDecode(password)];
  return `Basic ${forgivingBase64Encode(Uint8Array.from([...user, ":".charCodeAt(0), ...secret]))}`;
}

/** @see https://url.spec.whatwg.org/#include-credentials */
export function includesCredentials({ username, password }: URL): boolean {
  return username !== "" || password !== "";
}
