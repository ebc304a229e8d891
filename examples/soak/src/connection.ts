import { type Socket, connect } from "node:net";
import { type Lines, LINES, answerText } from "./reference.ts";

const NAMES: ReadonlySet<string> = new Set(LINES);

/** One keep-alive connection that asks one thing after the other, and reads answers to the byte. */
export class Connection {
  readonly #port: number;
  #socket: Socket | null = null;
  #received = "";
  #isHead = false;
  #resolve: ((answer: string | Error) => void) | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** The answer as text. Calls never overlap. @throws Error if the connection ends before */
  async ask(bytes: Buffer, isHead: boolean): Promise<string> {
    this.#isHead = isHead;
    this.#received = "";
    const answer = new Promise<string | Error>((resolve) => {
      this.#resolve = resolve;
    });
    this.#open().write(bytes);
    const result = await answer;
    if (result instanceof Error) throw result;
    return result;
  }

  /** Sends, and goes away without waiting for the answer. */
  abandon(bytes: Buffer): void {
    const socket = this.#open();
    this.#resolve = null;
    this.#socket = null;
    socket.write(bytes, () => socket.destroy());
  }

  close(): void {
    this.#resolve = null;
    this.#socket?.destroy();
  }

  #open(): Socket {
    if (this.#socket !== null) return this.#socket;
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      if (this.#socket === socket) this.#read(text);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#resolve?.(new Error(`The server closed the connection after ${JSON.stringify(this.#received)}.`));
    });
    this.#socket = socket;
    return socket;
  }

  #read(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) return;
    const [first = "", ...head] = this.#received.slice(0, end).split("\r\n");
    const status = Number(first.slice(9, 12));
    const lines: Lines = {};
    let length = 0;
    for (const line of head) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      if (name === "content-length") length = Number(value);
      if (!NAMES.has(name)) continue;
      const known = name as (typeof LINES)[number];
      // A second line of a name makes the answer equal to none that is expected.
      lines[known] = lines[known] === undefined ? value : `${lines[known]} AND ${value}`;
    }
    const bodyLength = this.#isHead || status === 204 ? 0 : length;
    const received = this.#received.length - end - 4;
    if (received < bodyLength) return;
    const resolve = this.#resolve;
    this.#resolve = null;
    if (received > bodyLength) resolve?.(new Error("More came than was asked for."));
    else resolve?.(answerText(status, lines));
  }
}
