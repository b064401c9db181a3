/**
 * Names of durable timers: `kind:subject`. One table of them, one alarm for the earliest. The time of a running try is kept
 * in its process, with which it dies; a row `timeout` of another version is known, and does nothing.
 */
const KINDS = [
  "sleep",
  "retry",
  "signal",
  "timeout",
  "gate",
  "active",
  "deadline",
  "files",
  "external",
  "silence",
  "lease",
  "redelivery",
  "escalation",
] as const;
type TimerKind = (typeof KINDS)[number];

/** Agents that poll go on while the execution of their plan is held: their leases end, and what failed becomes ready. */
const OF_WORK: readonly TimerKind[] = ["lease", "redelivery", "escalation"];

export function timerName(kind: TimerKind, subject = ""): string {
  return `${kind}:${subject}`;
}

export function timerOf(name: string): { readonly kind: TimerKind; readonly subject: string } {
  const colon = name.indexOf(":");
  const kind = KINDS.find((known) => known === name.slice(0, colon));
  if (!kind) throw new Error(`no timer is called "${name}"`);
  return { kind, subject: name.slice(colon + 1) };
}

/** Timers that act although an operator holds the execution; of the others the instants are kept (E6). */
export function actsWhilePaused(name: string): boolean {
  const { kind } = timerOf(name);
  if (OF_WORK.includes(kind)) return true;
  return kind === "deadline" || kind === "files";
}

/** Timers that go on when their execution has ended. */
export function outlivesEnd(name: string): boolean {
  return timerOf(name).kind === "files";
}
