/**
 * Mistakes in how a server is put together, as adapters find them.
 *
 * @module
 */

export type ServerProblemCode =
  | "server/grant-already-set"
  | "server/lookup-failed"
  | "server/mounted-behind-guard"
  | "server/mounted-twice"
  | "server/preflight-not-routed";
