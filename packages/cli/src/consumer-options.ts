/**
 * Which options of `check` go together: what a consumer does not have is refused, not ignored.
 *
 * @module
 */

import { byteLowercase } from "crossorigin/protocol";
import type { Header } from "crossorigin/protocol";
import type { CheckOptions } from "./check-request.ts";
import { CONSUMERS, type ConsumerName, type ConsumerOption } from "./consumers.data.ts";
import { UsageError, quoted } from "./usage-error.ts";

/** Bytes that all beacons of a page may have in flight together. @see https://fetch.spec.whatwg.org/#http-network-or-cache-fetch */
const BEACON_BYTES = 65_536;

/** @throws UsageError for options that the consumer does not have, and for those it lacks */
export function refuseForeignOptions(options: CheckOptions): void {
  const consumer = options.as;
  for (const [option, value] of givenOptions(options)) {
    if (CONSUMERS[consumer].options.includes(option)) continue;
    const shown = typeof value === "string" ? ` ${quoted(value)}` : "";
    throw new UsageError(`${option}${shown} cannot go with --as ${consumer}: ${whyNot(option, consumer)}`);
  }
  if (options.credentials === "omit" && consumer !== "fetch" && consumer !== "module-worker")
    throw new UsageError(
      `--credentials "omit" cannot go with --as ${consumer}: it always sends those of its own origin; use include or same-origin`,
    );
  if (consumer === "link-preload" && options.preloadAs === undefined)
    throw new UsageError(
      "--as link-preload needs --preload-as: what the preload is for, such as font; see crossorigin check --help",
    );
}

/** A beacon sends its data and the type of that. @throws UsageError for all else */
export function refuseForeignToBeacon(headers: readonly Header[], body: Uint8Array | null): void {
  for (const [name] of headers) {
    if (byteLowercase(name) !== "content-type")
      throw new UsageError(
        `--header ${quoted(name)} cannot go with --as beacon: it has no headers but the Content-Type of its data; use --as fetch`,
      );
    if (body === null)
      throw new UsageError(`--header ${quoted(name)} cannot go with --as beacon without --data: nothing has that type`);
  }
  if (body !== null && body.byteLength > BEACON_BYTES)
    throw new UsageError(
      `--data holds ${body.byteLength} bytes, and --as beacon takes ${BEACON_BYTES}: sendBeacon() returns false; send less, or use --as fetch`,
    );
}

function givenOptions(options: CheckOptions): [ConsumerOption, string | true][] {
  const { request, header, data, credentials, mode, redirect, uploadListener, crossorigin, integrity, preloadAs } =
    options;
  const all: [ConsumerOption, string | true | undefined][] = [
    ["--request", request],
    ["--header", header?.[0]],
    ["--data", data],
    ["--credentials", credentials],
    ["--mode", mode],
    ["--redirect", redirect],
    ["--upload-listener", uploadListener === true ? true : undefined],
    ["--crossorigin", crossorigin],
    ["--integrity", integrity],
    ["--preload-as", preloadAs],
  ];
  return all.filter((entry): entry is [ConsumerOption, string | true] => entry[1] !== undefined);
}

/** The reason, and the way out. */
function whyNot(option: ConsumerOption, consumer: ConsumerName): string {
  const { element, options } = CONSUMERS[consumer];
  const hasAttribute = options.includes("--crossorigin");
  switch (option) {
    case "--request":
      return consumer === "beacon"
        ? "a beacon is always a POST; leave it out"
        : "it always asks with GET; leave it out, or use --as fetch";
    case "--header":
      return "the page cannot set headers of it; leave it out, or use --as fetch";
    case "--data":
      return "it has no body; leave it out, or use --as fetch";
    case "--credentials":
      if (hasAttribute) return "its attribute decides that; use --crossorigin";
      return `${element === null ? "a beacon" : "it"} leaves no choice; leave it out`;
    case "--mode":
      if (hasAttribute) return "its attribute decides that; use --crossorigin";
      if (element !== null) return "it leaves no choice; leave it out";
      return consumer === "beacon"
        ? "the type of its data decides that; leave it out"
        : "its mode is always cors; leave it out, or use --as fetch";
    case "--redirect":
      return "it always follows redirects; leave it out, or use --as fetch";
    case "--upload-listener":
      return "nothing else than an XMLHttpRequest has one; use --as xhr";
    case "--crossorigin":
      if (element !== null) return "it has no such attribute; leave it out";
      return "that is an attribute of elements; use --credentials include for what use-credentials is there";
    case "--integrity":
      return "it has no such thing; leave it out, or use --as fetch, script, module, link or link-preload";
    case "--preload-as":
      return "nothing else has it than --as link-preload; leave it out";
  }
}
