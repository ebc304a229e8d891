/**
 * Bodies that nobody holds any more.
 *
 * Attack: a body that nobody reads must not hold its socket for ever; when it is collected, it is let go.
 *
 * @module
 */

/** Calls what was registered with a body, or with its stream, once that is collected. It must not refer to either. */
export const abandoned: FinalizationRegistry<() => void> = new FinalizationRegistry<() => void>((release) => release());
