/**
 * Which of the questions that are open have something to begin or to take up again. Used by the run loop.
 *
 * B1  A question is looked at when it was asked, when its entry changed, when its next try is due, and while it runs here:
 *     what waits for a person, a signal or a child costs nothing while others are answered.
 * B2  Tries begin in the order in which they were asked for; another try of one that had begun goes first.
 */
import type { Ask, Loop } from "./ask.ts";
import { DueKeys } from "./due-keys.ts";
import type { Journal } from "./journal.ts";
import type { KeyedLaunch } from "./launches.ts";
import { takeUp } from "./offers.ts";
import { toEntryError } from "./retry.ts";
import type { Launch } from "./work.ts";

/** Runs in this process, and so counts among those that run at once. The others wait for somebody else. */
export const isTry = ({ kind }: Ask) => kind === "step" || kind === "effect" || kind === "tool" || kind === "turn";

export class BeginAsked {
  readonly #loop: Pick<Loop, "journal" | "works" | "world">;
  /** What the program has not been told yet. */
  readonly #asks: Map<string, Ask>;
  /** Asked since something was last begun: what the followed execution offers answers these first. */
  #fresh = new Set<Ask>();
  #look = new Map<string, Ask>();
  /** Tries without room: those that had begun before, and those that were never begun. */
  readonly #again = new Map<string, Ask>();
  readonly #queue = new Map<string, Ask>();
  /** They run here, or are about to. */
  readonly #busy = new Map<string, Ask>();
  readonly #due = new DueKeys();

  constructor(asks: Map<string, Ask>, loop: Pick<Loop, "journal" | "works" | "world">) {
    this.#asks = asks;
    this.#loop = loop;
  }

  /** Tries for which there is no room. */
  get queued(): readonly Ask[] {
    return this.#asked([...this.#again.values(), ...this.#queue.values()]);
  }
  get fresh(): readonly Ask[] {
    return this.#asked(this.#fresh);
  }

  /** Without those that were answered or withdrawn meanwhile. */
  #asked(asks: Iterable<Ask>): Ask[] {
    return [...asks].filter((ask) => this.#asks.get(ask.key) === ask);
  }

  /** They are questions from here on. */
  asked(asks: readonly Ask[]): void {
    for (const ask of asks) {
      this.#asks.set(ask.key, ask);
      this.#fresh.add(ask);
      const waits = isTry(ask) && this.#queue.size > 0;
      (waits ? this.#queue : this.#look).set(ask.key, ask);
    }
  }

  /** An event about this key was appended. */
  changed(key: string): void {
    const ask = this.#asks.get(key);
    if (!ask || this.#busy.has(key) || this.#queue.has(key) || this.#again.has(key)) return;
    this.#look.set(key, ask);
  }

  /** Begins and takes up what there is, in one commit before anything touches the outside. */
  begin(): void {
    const { journal, works, world } = this.#loop;
    this.#fresh = new Set();
    for (const key of [...this.#busy.keys()]) {
      if (works.has(key)) continue;
      this.#busy.delete(key);
      this.changed(key);
    }
    for (const key of this.#due.taken(world.now())) this.changed(key);
    const launches: KeyedLaunch[] = [];
    const look = this.#look;
    this.#look = new Map();
    for (const [key, ask] of look) {
      if (this.#waits(ask)) continue;
      if (!isTry(ask) || works.hasRoom(launches.length)) this.#begin(ask, launches);
      else (journal.index().entries.has(key) ? this.#again : this.#queue).set(key, ask);
    }
    for (const waiting of [this.#again, this.#queue])
      for (const [key, ask] of waiting) {
        if (!works.hasRoom(launches.length)) break;
        waiting.delete(key);
        if (!this.#waits(ask)) this.#begin(ask, launches);
      }
    if (launches.length === 0) return;
    // What is not urgent is committed with what it leads to, or when the program comes to rest.
    works.launchWhen(journal.hasUrgent ? journal.flush() : undefined, launches);
  }

  /** Nothing is to be done about it before its entry changes, or the next try is due. */
  #waits(ask: Ask): boolean {
    const { journal, world } = this.#loop;
    if (this.#asks.get(ask.key) !== ask) return true;
    const entry = journal.index().entries.get(ask.key);
    if (!entry) return false;
    const { status, retryAtMs = 0 } = entry;
    const isLater = status === "backing_off" && retryAtMs > world.now();
    if (isLater) this.#due.add(ask.key, retryAtMs);
    return isLater || status === "done" || status === "in_doubt" || !isTry(ask);
  }

  #begin(ask: Ask, launches: KeyedLaunch[]): void {
    const { journal, works } = this.#loop;
    // Its intent is an event about it too, and nothing new.
    this.#busy.set(ask.key, ask);
    const launch = works.has(ask.key) ? undefined : begun(ask, journal);
    journal.flushWhenDue();
    if (launch) launches.push({ key: ask.key, launch });
    if (launch || works.has(ask.key)) return;
    this.#busy.delete(ask.key);
    if (!this.#waits(ask)) this.#look.set(ask.key, ask);
  }
}

/** What starts its try. A question that nothing can be made of ends with what was thrown: the others go on. */
function begun(ask: Ask, journal: Journal): Launch | undefined {
  try {
    const entry = journal.index().entries.get(ask.key) ?? takeUp(ask, journal);
    if (!entry) return ask.begin();
    return entry.status === "done" ? undefined : ask.resume(entry);
  } catch (error) {
    const { key, kind, name } = ask;
    const outcome = { ok: false, error: toEntryError(error) } as const;
    journal.dispatch({ type: "finish_entry", key, kind, name, attempt: 1, outcome }, "program");
    return undefined;
  }
}
