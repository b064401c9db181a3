/**
 * What a page shows of the one thing that it follows over a socket, and when it draws it: frames come every few milliseconds, and
 * those that come close together are drawn at once.
 */

/** `lost` is shown after a moment: a restart of the server is often shorter. */
export type Connection = "connecting" | "live" | "lost";

/** `C`: what a connection may be beside connecting, live and lost. */
export interface Followed<Log, C extends string = never> {
  readonly log: Log;
  readonly connection: Connection | C;
  /** Why there is nothing to follow. */
  readonly fault: Refusal | undefined;
}

interface Refusal {
  /** Of HTTP; 0 for an error without one. */
  readonly status: number;
  readonly sentence: string;
}

export interface Following<Log, C extends string = never> {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called after each change of the log, and with the connection where that has changed. */
  readonly changed: (connection?: Connection | C) => void;
}

interface Page<Log, C extends string> {
  /** Aborted when the page is left: nothing is shown from then on. */
  readonly signal: AbortSignal;
  readonly show: (followed: Followed<Log, C>) => void;
  /** How long a draw waits for further changes, in ms. */
  readonly waitMs: () => number;
  readonly refusalOf: (error: unknown) => Refusal;
}

export const begun = <Log>(log: Log): Followed<Log> => ({ log, connection: "connecting", fault: undefined });

/** Shows `log` as `follow` fills it. Each draw shows what is so when it is made: a refusal stays, also where a draw was due before it. */
export function followOnPage<Log, C extends string>(
  log: Log,
  follow: (following: Following<Log, C>) => Promise<void>,
  { signal, show, waitMs, refusalOf }: Page<Log, C>,
): void {
  let now: Followed<Log, C> = begun(log);
  let due: ReturnType<typeof setTimeout> | undefined;
  const draw = () => {
    if (signal.aborted) return;
    due ??= setTimeout(() => {
      due = undefined;
      show(now);
    }, waitMs());
  };
  const changed = (connection = now.connection) => {
    now = { ...now, connection };
    draw();
  };
  signal.addEventListener("abort", () => clearTimeout(due));
  show(now);
  follow({ log, signal, changed }).catch((error: unknown) => {
    if (signal.aborted) return;
    now = { log, connection: "lost", fault: refusalOf(error) };
    draw();
  });
}
