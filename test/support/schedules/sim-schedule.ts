/** A schedule on a storage that survives, with executions that are somewhere else, and a process that dies where it is told to. */
import type { FiringPort } from "../../../src/actors/schedules/schedule-work.ts";
import { ScheduleWork } from "../../../src/actors/schedules/schedule-work.ts";
import type { ScheduleSpec } from "../../../src/domain/schedule/spec.ts";
import type { Change, NumberedFiring, Schedule } from "../../../src/domain/schedule/state.ts";
import { newSchedule } from "../../../src/domain/schedule/state.ts";
import type { Result } from "../../../src/domain/values/fault.ts";
import { accept } from "../../../src/domain/values/fault.ts";

class Died extends Error {}

export interface Started {
  readonly id: string;
  readonly input: unknown;
  readonly atMs: number;
}

export class SimSchedule {
  now: number;
  readonly #rows: NumberedFiring[] = [];
  #stored: Schedule | undefined;
  alarmAtMs: number | undefined;
  readonly executions = new Map<string, Started & { ended: boolean }>();
  commits = 0;
  indexIsAway = false;
  /** Starts that were heard of an id that was there already. */
  repeats = 0;
  /** Steps until the process dies; a step is anything that it does outside of its memory. */
  diesIn = Number.POSITIVE_INFINITY;
  deaths = 0;
  /** What starts answer instead. */
  answer: (() => Result<unknown>) | undefined;
  /** How much later alarms go off than they want. */
  paceMs = 0;
  /** An alarm that goes off is put off to this time. */
  mayWorkAtMs: number | undefined;
  /** How long executions take. */
  takesMs = 0;
  work: ScheduleWork;

  constructor(spec: Partial<ScheduleSpec>, startMs: number) {
    this.now = startMs;
    this.work = this.#born();
    const whole: ScheduleSpec = {
      ...{ target: "clock.remind", input: { n: 1 }, when: { everyMs: 60_000, timezone: "UTC" } },
      ...{ overlap: "allow", jitterMs: 0, catchUp: "all", catchUpLimit: 100, ...spec },
    };
    const whose = { tenant: "t", owner: "olga", id: "s", uid: "u", declared: false };
    const schedule = newSchedule({ ...whose, spec: whole, paused: false }, startMs);
    this.work.commit({ schedule: { ...schedule, indexedRev: 1 }, firings: [] });
  }

  get schedule(): Schedule {
    if (!this.#stored) throw new Error("nothing is stored");
    return this.#stored;
  }

  get isForgotten(): boolean {
    return this.#stored === undefined;
  }

  get rows(): readonly NumberedFiring[] {
    return this.#rows;
  }

  /** The instants of all executions, in the order of their starts. */
  get instants(): number[] {
    return [...this.executions.keys()].map((id) => Date.parse(id.slice("exec ".length)));
  }

  change(change: (schedule: Schedule, nowMs: number) => Schedule): void {
    this.work.commit({ schedule: { ...change(this.schedule, this.now), indexedRev: 1_000 }, firings: [] });
  }

  /** Goes on to the next alarm until this time, alarm by alarm. */
  async until(endMs: number): Promise<void> {
    for (let n = 0; n < 10_000 && this.alarmAtMs !== undefined && this.alarmAtMs <= endMs; n += 1) {
      this.now = Math.max(this.now, this.alarmAtMs);
      await this.alarm();
    }
    this.now = Math.max(this.now, endMs);
  }

  async alarm(): Promise<void> {
    const before = this.alarmAtMs;
    this.alarmAtMs = undefined;
    try {
      await this.work.alarm(async () => {
        const { rev, indexedRev, status } = this.schedule;
        if (this.indexIsAway) return true;
        if (status === "deleted") {
          this.#stored = undefined;
          return false;
        }
        if (rev > indexedRev) this.work.commit({ schedule: { ...this.schedule, indexedRev: rev }, firings: [] });
        return true;
      });
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      this.deaths += 1;
      this.diesIn = Number.POSITIVE_INFINITY;
      // The platform gives an alarm again that was not answered.
      this.alarmAtMs ??= before;
      this.work = this.#born();
    }
  }

  #step(): void {
    this.diesIn -= 1;
    // A process that is dead does nothing more, even where its code catches this.
    if (this.diesIn <= 0) throw new Died("in the middle");
  }

  #born(): ScheduleWork {
    const isOver = (id: string) => {
      const found = this.executions.get(id);
      return found && (found.ended || this.now - found.atMs >= this.takesMs);
    };
    const port: FiringPort = {
      idOf: (_schedule, { key }) => {
        this.#step();
        return `exec ${key}`;
      },
      hasEnded: async (_schedule, id) => {
        this.#step();
        return isOver(id);
      },
      start: async (_schedule, { executionId: id, frozen, again }) => {
        this.#step();
        if (this.answer) return this.answer();
        if (this.executions.has(id)) {
          if (!again) throw new Error(`${id} is started twice by one that knows nothing of a first time`);
          this.repeats += 1;
        } else this.executions.set(id, { id, input: frozen.input, atMs: this.now, ended: false });
        // It is there, and its answer is lost.
        this.#step();
        return accept(null);
      },
    };
    // Read once, as the rows are: what is removed beneath it stays in its memory.
    let known = this.#stored;
    return new ScheduleWork({
      pace: (wantedMs) => wantedMs + this.paceMs,
      mayWorkAt: () => this.mayWorkAtMs ?? this.now,
      ...port,
      now: () => this.now,
      log: (_level, _message, { error }) => {
        if (String(error).includes("in the middle")) throw new Died("in the middle");
      },
      store: {
        read: () => known,
        commit: (change, alarmAtMs) => {
          known = this.#commit(change, alarmAtMs);
          return known;
        },
        arm: (alarmAtMs) => {
          this.#step();
          this.alarmAtMs = alarmAtMs;
        },
        history: () => [...this.#rows].reverse(),
      },
    });
  }

  #commit({ schedule, firings }: Change, alarmAtMs: number | undefined): Schedule {
    this.#step();
    this.commits += 1;
    for (const [at, firing] of firings.entries()) this.#rows.push({ ...firing, n: schedule.rows + at + 1 });
    this.#stored = structuredClone({ ...schedule, rows: schedule.rows + firings.length });
    if (alarmAtMs !== undefined) this.alarmAtMs = alarmAtMs;
    // Written, and nothing after it was done.
    this.#step();
    return this.#stored;
  }
}
