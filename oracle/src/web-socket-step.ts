/** A step with `WebSocket`: what it fires up to its end, and how that end is told. */

import type { StepResult, WebSocketStep } from "./scenario.ts";

interface SocketEvent {
  readonly data?: unknown;
  readonly origin?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
}

/** What of the interface the steps use. */
interface Socket {
  readonly protocol: string;
  addEventListener(type: string, listener: (event: SocketEvent) => void): void;
  close(): void;
}

type WebSocketClass = new (url: string, protocols: string[]) => Socket;

/** Not every engine fires `close` behind `error`. */
const END_MILLISECONDS = 500;

function closeOf({ code, reason, wasClean }: SocketEvent): object {
  return { code, wasClean, ...(reason === "" ? {} : { reason }) };
}

/** Listens until it is closed, and closes it after so many messages. */
export async function runWebSocketStep(Class: WebSocketClass, step: WebSocketStep): Promise<StepResult> {
  const { webSocket: url, protocols = [], closesAfter = Number.POSITIVE_INFINITY } = step;
  const sequence: string[] = [];
  const messages: object[] = [];
  try {
    const socket = new Class(url, [...protocols]);
    let protocol = "";
    const hear = (type: string): void => {
      sequence.push(type);
      if (messages.length === closesAfter) socket.close();
    };
    const end = await new Promise<SocketEvent | null>((resolve) => {
      socket.addEventListener("open", () => {
        protocol = socket.protocol;
        hear("open");
      });
      socket.addEventListener("message", ({ data, origin }) => {
        messages.push({ data, origin });
        hear("message");
      });
      socket.addEventListener("error", () => {
        sequence.push("error");
        setTimeout(() => resolve(null), END_MILLISECONDS);
      });
      socket.addEventListener("close", (event) => {
        sequence.push("close");
        resolve(event);
      });
    });
    return {
      sequence: sequence.join(" "),
      ...(protocol === "" ? {} : { protocol }),
      ...(messages.length === 0 ? {} : { messages }),
      ...(end === null ? {} : { close: closeOf(end) }),
    };
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error) };
  }
}
