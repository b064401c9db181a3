/**
 * Which program has control in the runtime, by the notes that the Worker writes while the server starts. All executions of
 * this machine share one thread: a program that computes or begins operations without end keeps everything else from it,
 * and after the next start again, because its alarm is due.
 */
import { setInterval } from "node:timers/promises";

export interface AtWork {
  readonly id: string;
  readonly target: string;
}

/** Longer than any program of a person should compute without an `await`; Cloudflare ends one after 30 s of CPU. */
const NEVER_RESTS_MS = 10_000;
const LOOK_MS = 250;
const NOTE = /^errand:program (begins|rests) (\S+) (\S+)$/;

export class ProgramsAtWork {
  readonly neverRestsMs: number;
  #last: (AtWork & { readonly sinceMs: number }) | undefined;

  constructor(neverRestsMs = NEVER_RESTS_MS) {
    this.neverRestsMs = neverRestsMs;
  }

  /** Takes a line of the runtime's output. Returns true when it was a note, which is not to be printed. */
  hear(line: string): boolean {
    const [, what, id = "", target = ""] = NOTE.exec(line.trim()) ?? [];
    if (what === undefined) return false;
    // A program that comes to rest shows that the thread is free: then no other program keeps it.
    this.#last = what === "begins" ? { id, target, sinceMs: Date.now() } : undefined;
    return true;
  }

  /** Resolves with the program that does not give control back. Never without one, until it is called off. */
  async stuck(signal: AbortSignal): Promise<AtWork | undefined> {
    try {
      for await (const _ of setInterval(LOOK_MS, undefined, { signal, ref: false })) {
        const last = this.#last;
        if (last && Date.now() - last.sinceMs >= this.neverRestsMs) return last;
      }
    } catch {
      // Called off.
    }
    return undefined;
  }
}

export function sentenceOf({ id, target }: AtWork, afterMs: number): string {
  return (
    `Execution ${id} of ${target} never rests: its program has computed for ${afterMs / 1_000} s without giving anybody else ` +
    "a turn. It is blocked (never_rests), and the server starts without it. Mend the program and start again, or cancel the execution."
  );
}
