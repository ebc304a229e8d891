/**
 * What is used of a connection of the package `ws`, in words of our own: its declarations are a package that nobody who
 * uses this one should have to install.
 *
 * @module
 */

export interface WireSocket {
  /** `done` is called when the data is on its way, or with what kept it from that. */
  send(data: Uint8Array | Blob, options: { readonly binary: boolean }, done: (error?: Error | null) => void): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Ends the connection at once. */
  terminate(): void;
  on(type: "message", listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(type: "error", listener: (error: Error) => void): unknown;
  on(type: "close", listener: (code: number, reason: Buffer) => void): unknown;
}
