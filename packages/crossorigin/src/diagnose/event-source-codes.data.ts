/**
 * Codes of event sources.
 *
 * @module
 */

import type { EventSourceCode } from "../fetching/index.ts";
import type { CodeEntry } from "./code-entry.ts";

export const EVENT_SOURCE_CODES: Readonly<Record<EventSourceCode, CodeEntry>> = {
  "event-source/status-not-200": {
    anchor: "https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource",
    message: "An EventSource needs the status {expected}, and {url} answered with {received}; it does not connect again.",
    chromium: ["EventSource's response has a status that is not 200"],
    firefox: ["connectionFailure"],
    webkit: "unexpected response status",
  },
  "event-source/mime-type": {
    anchor: "https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource",
    message:
      "An EventSource needs the Content-Type {expected}, and that of {url} is {received}; it does not connect again.",
    chromium: ["EventSource's response has a MIME type that is not text/event-stream"],
    firefox: ["connectionFailure"],
    webkit: "unexpected MIME type",
  },
  "event-source/event-too-long": {
    anchor: null,
    message: "{url} sends an event that does not end within {expected} characters.",
    chromium: [],
    firefox: [],
    webkit: null,
  },
};
