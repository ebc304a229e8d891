/**
 * What the command's exit status says. Scripts rely on it.
 *
 * @module
 */

import type { ConsumerVerdict } from "./page-use.ts";

/** The response is shared, or used without being read; the policy is sound; every scenario ended as expected. */
export const EXIT_OK = 0;
/** The response is withheld; the policy is refused; a scenario ended otherwise. */
export const EXIT_WITHHELD = 1;
/** The command was used wrongly; nothing was sent. */
export const EXIT_USAGE = 2;
/** No usable answer came from the network. */
const EXIT_NETWORK = 3;
/** What was to be printed could not be written, as on a full disk: the BSD convention's EX_IOERR. No verdict was told. */
export const EXIT_OUTPUT_LOST = 74;
/** Interrupted, as shells count it: 128 and the number of SIGINT. */
export const EXIT_INTERRUPTED = 130;
/** Terminated: 128 and the number of SIGTERM. */
export const EXIT_TERMINATED = 143;
/** The reader of a pipe went away: 128 and the number of SIGPIPE. Not 0, as a cut-off answer is not a verdict. */
export const EXIT_PIPE_CLOSED = 141;

const BY_VERDICT: Readonly<Record<ConsumerVerdict, number>> = {
  shared: EXIT_OK,
  opaque: EXIT_OK,
  withheld: EXIT_WITHHELD,
  "network-failure": EXIT_NETWORK,
};

/** The exit status of `crossorigin check`. */
export function exitStatusOf(verdict: ConsumerVerdict): number {
  return BY_VERDICT[verdict];
}
