/**
 * Codes of WebSockets.
 *
 * @module
 */

import type { WebSocketCode } from "../fetching/index.ts";
import type { CodeEntry } from "./code-entry.ts";

export const WEBSOCKET_CODES: Readonly<Record<WebSocketCode, CodeEntry>> = {
  "websocket/status-not-101": {
    anchor: "https://websockets.spec.whatwg.org/#concept-websocket-establish",
    message: "The handshake of a WebSocket needs the status {expected}, and {url} answered with {received}.",
    chromium: ["Error during WebSocket handshake: Unexpected response code"],
    firefox: ["connectionFailure"],
    webkit: "unexpected response code",
  },
  "websocket/handshake-invalid": {
    anchor: "https://websockets.spec.whatwg.org/#concept-websocket-establish",
    message: "{url} switches to another protocol, and its answer is not that to the handshake of this WebSocket: {subject}",
    chromium: ["Error during WebSocket handshake"],
    firefox: ["connectionFailure"],
    webkit: "error during the handshake",
  },
  "websocket/protocol-error": {
    anchor: "https://www.rfc-editor.org/rfc/rfc6455#section-7",
    message: "{url} sent what the protocol of WebSockets does not know, so the connection was given up: {subject}",
    chromium: ["net::ERR_WS_PROTOCOL_ERROR"],
    firefox: ["connectionFailure"],
    webkit: "protocol error",
  },
};
