/** The signals by which a process of Node is asked to end. Elsewhere there are none. */

interface WithSignals {
  once(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
}

export function onStopSignals(stop: () => Promise<void>): void {
  const { process } = globalThis as { readonly process?: Partial<WithSignals> };
  if (typeof process?.once !== "function") return;
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
}
