/** Milliseconds for which the tests wait for what must come: beyond what any loaded machine needs, and read by `expect.poll` too. */
export const PATIENCE_MS = 60_000;
