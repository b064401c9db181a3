/** The signals by which a process of Node is asked to end. Elsewhere there are none. */

type Listening = (signal: "SIGTERM" | "SIGINT", listener: () => void) => unknown;

interface WithSignals {
  once: Listening;
  off: Listening;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Returns how to listen no longer: a process that goes on without its agent ends by a signal again. */
export function onStopSignals(stop: () => Promise<void>): () => void {
  const { process } = globalThis as { readonly process?: Partial<WithSignals> };
  if (typeof process?.once !== "function") return () => {};
  const listener = () => void stop();
  for (const signal of SIGNALS) process.once(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off?.(signal, listener);
  };
}
