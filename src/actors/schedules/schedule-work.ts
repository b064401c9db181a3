/**
 * A schedule at work, without a platform: takes what is due, asks about the execution before, starts executions. Each change is
 * written down before the next act, so a crash between two lines repeats an act that is recognised when it comes again:
 *
 * - an instant that waits is begun again, under the same name;
 * - a start that was written down is looked for first, and made again with what was frozen; its execution knows it.
 */
import { pacedAs, takeDue, wakeAt, withinRoom } from "../../domain/schedule/due.ts";
import type { Change, Entry, Frozen, Schedule, Starting } from "../../domain/schedule/state.ts";
import { begin, failed, lookLater, nextStep, overlapped, refused, started } from "../../domain/schedule/steps.ts";
import type { FaultCode, Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { ScheduleStore } from "./schedule-store.ts";

interface FiringStart {
  readonly executionId: string;
  readonly frozen: Frozen;
  /** True when this schedule may have made the start before, ahead of a crash or a failure. */
  readonly again: boolean;
}

/** The way to executions, for whom the schedule belongs to. */
export interface FiringPort {
  /** The id of this firing's execution: asked once, and kept before the start. */
  readonly idOf: (schedule: Schedule, entry: Entry) => string | Promise<string>;
  /** Makes the execution, or finds that the same start made it before. */
  readonly start: (schedule: Schedule, firing: FiringStart) => Promise<Result<unknown>>;
  /** Whether an execution is there, and whether it has ended; `undefined`: there is none. */
  readonly hasEnded: (schedule: Schedule, executionId: string) => Promise<boolean | undefined>;
}

export interface ScheduleWorkParts extends FiringPort {
  readonly store: ScheduleStore;
  readonly now: () => number;
  /** When its alarm goes off, where it wants to at this time. */
  readonly pace: (wantedMs: number) => number;
  /** When its alarm, which goes off now and wanted to at this time, may do its work. */
  readonly mayWorkAt: (wantedMs: number) => number;
  readonly log: (level: "warn" | "error", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** The alarm comes again for the rest. */
const MOST_STEPS = 5_000;

export class ScheduleWork {
  readonly #parts: ScheduleWorkParts;
  #working: Promise<void> | undefined;
  /** Key of the firing that this object wrote down as being started; a start that an earlier object wrote down may be made already. */
  #begun: string | undefined;
  /** Whether the newest commit set the alarm, and it has not gone off since. */
  #isArmed = false;

  constructor(parts: ScheduleWorkParts) {
    this.#parts = parts;
  }

  get schedule(): Schedule | undefined {
    return this.#parts.store.read();
  }

  /** Writes a change down, and sets the alarm for what it makes necessary. */
  commit(change: Change): Schedule {
    const now = this.#parts.now();
    const kept = withinRoom(change, now);
    const wantedMs = wakeAt(kept.schedule, now);
    const alarm = wantedMs === undefined ? {} : { wantedMs, atMs: this.#parts.pace(wantedMs) };
    this.#isArmed = wantedMs !== undefined;
    return this.#parts.store.commit({ ...kept, schedule: pacedAs(kept.schedule, alarm) }, alarm.atMs);
  }

  /**
   * What the alarm does. `index` tells the index of the newest revision and never rejects; it returns false when the schedule
   * was deleted and nothing of it is stored any more.
   */
  async alarm(index: () => Promise<boolean>): Promise<void> {
    // The platform has dropped it.
    this.#isArmed = false;
    if (this.#putOff()) return;
    await this.work();
    if (!(await index())) return;
    const { schedule } = this;
    const wantedMs = schedule && !this.#isArmed ? wakeAt(schedule, this.#parts.now()) : undefined;
    if (!schedule || wantedMs === undefined) return;
    const { pace, store } = this.#parts;
    const atMs = pace(wantedMs);
    if (atMs > wantedMs) store.commit({ schedule: pacedAs(schedule, { wantedMs, atMs }), firings: [] }, atMs);
    else store.arm(atMs);
    this.#isArmed = true;
  }

  /** One of many that were due before this process: its turn comes. What it waits for makes no instant a missed one. */
  #putOff(): boolean {
    const { schedule } = this;
    // Without a time of its own it wanted to long ago: it was in the middle of a start.
    const wantedMs = schedule && wakeAt(schedule, 0);
    if (!schedule || wantedMs === undefined) return false;
    const { now, mayWorkAt, store } = this.#parts;
    const atMs = mayWorkAt(wantedMs);
    const nowMs = now();
    if (atMs <= nowMs) return false;
    const paced = pacedAs(schedule, { wantedMs: nowMs - (schedule.pacedMs ?? 0), atMs });
    store.commit({ schedule: paced, firings: [] }, atMs);
    this.#isArmed = true;
    return true;
  }

  /** Does all that can be done now. A call that comes meanwhile waits for this work to end, and then looks once more. */
  async work(): Promise<void> {
    for (let other = this.#working; other !== undefined; other = this.#working) await other;
    this.#working = this.#goOn().finally(() => {
      this.#working = undefined;
    });
    await this.#working;
  }

  async #goOn(): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const due = this.schedule && takeDue(this.schedule, this.#parts.now());
      if (due) this.commit(due);
      if (!(await this.#step())) return;
    }
  }

  /** False when there is nothing to do now. */
  async #step(): Promise<boolean> {
    const { schedule } = this;
    if (!schedule) return false;
    const { now } = this.#parts;
    const step = nextStep(schedule, now());
    switch (step.do) {
      case "rest":
        return false;
      case "begin":
        await this.#begin(schedule, step.entry);
        return true;
      case "look":
        return this.#look(schedule, step.entry, step.executionId);
      case "start":
        await this.#start(schedule);
        return true;
    }
  }

  /** Of an entry that waits still: a person may have changed the schedule in the meantime. */
  #change(entry: Entry, change: (schedule: Schedule) => Change): void {
    const { schedule } = this;
    if (schedule && !schedule.starting && schedule.waiting.some(({ key }) => key === entry.key))
      this.commit(change(schedule));
  }

  /** Where the execution before cannot be asked now, it is asked again: no instant is skipped for that. */
  async #look(schedule: Schedule, entry: Entry, before: string): Promise<boolean> {
    const { now, hasEnded } = this.#parts;
    const ended = await hasEnded(schedule, before).catch(() => "unknown" as const);
    if (ended === "unknown") this.#change(entry, (as) => lookLater(as, now()));
    else if (ended === false) this.#change(entry, (as) => overlapped(as, entry, now()));
    else await this.#begin(schedule, entry);
    return true;
  }

  async #begin(schedule: Schedule, entry: Entry): Promise<void> {
    const executionId = await this.#parts.idOf(schedule, entry);
    this.#change(entry, (as) => begin(as, entry, executionId));
    this.#begun = entry.key;
  }

  async #start(schedule: Schedule): Promise<void> {
    const { starting, frozen } = schedule;
    if (!starting || !frozen) return;
    const outcome = await this.#startOnce(schedule, starting, frozen);
    const { schedule: as } = this;
    if (!as || as.uid !== schedule.uid || as.starting?.entry.key !== starting.entry.key) return;
    const now = this.#parts.now();
    if (outcome === "started") this.commit(started(as, now));
    else if (outcome === "later") this.commit(failed(as, now));
    else this.commit(refused(as, outcome.why, now));
  }

  async #startOnce(
    schedule: Schedule,
    starting: Starting,
    frozen: Frozen,
  ): Promise<"started" | "later" | { readonly why: string }> {
    try {
      const again = starting.failures > 0 || this.#begun !== starting.entry.key;
      const made = await this.#parts.start(schedule, { executionId: starting.executionId, frozen, again });
      if (made.ok || MADE_BEFORE.has(made.code)) return "started";
      return FAULTS[made.code].retryable || AGAIN.has(made.code) ? "later" : { why: `${made.code}: ${made.detail}` };
    } catch (error) {
      const { id, tenant } = schedule;
      this.#parts.log("warn", "a firing was not heard", { schedule_id: id, tenant, error: String(error) });
      return "later";
    }
  }
}

/** The execution was there, and is kept no longer. */
const MADE_BEFORE: ReadonlySet<FaultCode> = new Set(["gone"]);
/** An operator mends these, and the start is right. */
const AGAIN: ReadonlySet<FaultCode> = new Set(["misconfigured", "index_full", "unreadable", "internal_error"]);
