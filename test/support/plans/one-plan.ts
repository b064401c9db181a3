/** One execution of a plan on the simulated storage, without workerd: the engine itself, with a clock in the hand. */
import type { Command, CreateCommand } from "../../../src/domain/execution/command.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import type { Reserved } from "../../../src/domain/execution/work-command.ts";
import type { Plan } from "../../../src/domain/plan/plan.ts";
import type { ReportAnswer, WorkAnswer } from "../../../src/domain/read-models/plan-view.ts";
import type { Refusal } from "../../../src/domain/values/fault.ts";
import type { Reported, ReportType } from "../../../src/domain/work/report.ts";
import { Work } from "../../../src/domain/work/work.ts";
import { DurableExecution } from "../../../src/engine/execution/durable-execution.ts";
import type { Commit, EventRow, World } from "../../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../../src/engine/ports.ts";
import { promisesOf } from "../../../src/engine/views/promises.ts";
import { planViewOf } from "../../../src/engine/work/plan-view.ts";
import { dispatchSettled } from "../../../src/engine/work/settle-work.ts";
import { reportTo, takeWorkFrom } from "../../../src/engine/work/work-desk.ts";
import { ORIGIN } from "../log.ts";
import { SimStore } from "../simulator/actors/sim-store.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_RINGS = 1_000;
const DELIVERED = 30;
export const LEASE_MS = 30 * MINUTE_MS;

export class OnePlan {
  readonly store = new SimStore(() => {});
  now = 1_000_000;
  /** What executions beneath this one answer to their start; `undefined`: they are there. */
  childRefusal: Refusal | undefined;
  /** Rows of work, in all commits. */
  rowsWritten = 0;
  /** Looks for one row of work. */
  workLooks = 0;
  /** The next commits that the storage does not take. */
  refusedCommits = 0;
  /** Rows of the log, one by one as they are read. */
  logRowsRead = 0;
  #alive = { is: true };
  #execution: DurableExecution;
  readonly #plan: Plan;
  #ids = 0;
  #isLosing = false;
  readonly #next: (() => void)[] = [];

  /** `command`: its start, where it is another than that of a new execution. */
  constructor(
    plan: Plan,
    {
      stays = false,
      agentId,
      command,
    }: { readonly stays?: boolean; readonly agentId?: string; readonly command?: CreateCommand } = {},
  ) {
    this.#plan = plan;
    this.#execution = this.#open();
    const times = { leaseMs: LEASE_MS, outsideMs: 48 * HOUR_MS, escalateMs: 24 * HOUR_MS };
    const own = { id: "plan_1", version: 1, ...times, ...(agentId === undefined ? {} : { agentId }) };
    const origin = {
      ...ORIGIN,
      kind: "plan" as const,
      agent: "plan",
      fn: "plan_1",
      timeoutMs: 168 * HOUR_MS,
      plan: own,
    };
    this.#execution.start(command ?? { type: "create", origin, input: null, plan, ...(stays ? { stays } : {}) });
    this.#write();
  }

  #open(): DurableExecution {
    this.#alive.is = false;
    const alive = { is: true };
    this.#alive = alive;
    const handle = this.store.handle(() => alive.is);
    const commit = (written: Commit) => {
      if (this.refusedCommits > 0) {
        this.refusedCommits -= 1;
        throw new Error("the storage takes no writes");
      }
      this.rowsWritten += written.putWork?.size ?? 0;
      handle.commit(written);
    };
    const rows = (after: number) => this.#counted(handle.rows(after));
    const { work: kept } = handle;
    const get = (key: string) => {
      this.workLooks += 1;
      return kept?.get(key);
    };
    const work = { under: (prefix: string) => kept?.under(prefix) ?? [], get };
    return new DurableExecution({ ...handle, commit, rows, work }, this.#world(), DEFAULT_TIMING);
  }

  *#counted(rows: Iterable<EventRow>): Generator<EventRow> {
    for (const row of rows) {
      this.logRowsRead += 1;
      yield row;
    }
  }

  #world(): World {
    return {
      now: () => this.now,
      random: () => 0.5,
      digest: (text: string) => text,
      drainMicrotasks: async () => {},
      later: (ms: number, run: () => void) => {
        if (ms === 0) this.#next.push(run);
        return () => {};
      },
      find: () => undefined,
      deliver: async ({ to }: { to: string }) => (to === "child" ? this.childRefusal : undefined),
      services: {},
      giveUp: (error: unknown) => {
        throw error;
      },
      log: () => {},
    } as unknown as World;
  }

  get journal() {
    return this.#execution.journal;
  }
  get work(): Work {
    const work = this.journal.work.current();
    if (!work) throw new Error("it does no plan");
    return work;
  }
  get status(): string {
    return this.journal.state?.status ?? "none";
  }
  get events(): Event[] {
    return [...this.journal.eventsAfter(0)];
  }

  /** Names of those that stand. */
  get timers(): string[] {
    return [...this.store.view.timers.keys()];
  }

  /** Where a subtask stands. */
  at(id: string) {
    const piece = this.work.piece(id);
    if (!piece) throw new Error(`no subtask ${id}`);
    return this.work.state(piece);
  }

  /** Written, and on disk: what is answered leaves only then. */
  #write(): void {
    void this.journal.flush();
    if (!this.#isLosing) this.store.flushed(this.store.mark);
  }

  /** The process dies in the middle: what was done may have reached the disk or not, and nobody hears of it. */
  async losing(draw: number, run: () => Promise<unknown>): Promise<void> {
    this.#isLosing = true;
    await run();
    this.#isLosing = false;
    this.crash(draw);
  }

  tell(command: Command): string {
    const decided = dispatchSettled(this.journal, command, "mark");
    this.#write();
    return decided.ok ? "ok" : decided.code;
  }

  async poll(
    agentId: string,
    actions: Record<string, boolean> = { send_email: false },
    { role = null, reserved = [] }: { readonly role?: string | null; readonly reserved?: readonly Reserved[] } = {},
  ): Promise<WorkAnswer> {
    this.#ids += 1;
    const command = { type: "take_work", agentId, role, actions, reserved, leaseId: `lease_${this.#ids}` } as const;
    const answer = await takeWorkFrom(this.journal, command);
    this.#write();
    if (!answer.ok) throw new Error(answer.detail);
    return answer.value;
  }

  async report(
    agent: string,
    eventType: ReportType,
    { leaseId, ...more }: Partial<Reported> & { readonly leaseId?: string | undefined } = {},
  ): Promise<ReportAnswer> {
    this.#ids += 1;
    const report = { eventId: `evt_${this.#ids}`, agent, eventType, ...more };
    const gateId = `gate_:exec_1.r${this.#ids}`;
    const answers = await reportTo(this.journal, [{ type: "report_work", report, leaseId, gateId, draw: 0.5 }]);
    this.#write();
    if (!answers.ok) throw new Error(answers.detail);
    const [answer] = answers.value;
    if (!answer) throw new Error("no answer");
    return answer;
  }

  /** Time passes while the object is there: each alarm goes off at its instant. Returns false where it goes off without an end. */
  async live(ms: number): Promise<boolean> {
    const until = this.now + ms;
    for (let rings = 0; rings < MOST_RINGS; rings += 1) {
      const atMs = this.journal.alarmAtMs ?? Number.POSITIVE_INFINITY;
      if (atMs > until) {
        this.now = until;
        return true;
      }
      this.now = Math.max(this.now, atMs);
      void this.#execution.onAlarm();
      // What it owes to others is taken meanwhile.
      for (let turns = 0; turns < DELIVERED; turns += 1) await Promise.resolve();
      this.#write();
    }
    return false;
  }

  /** Time passes while the object is not there; the alarm that was due meanwhile goes off at the end. */
  pass(ms: number): void {
    this.now += ms;
    for (let rings = 0; rings < 5 && (this.journal.alarmAtMs ?? Number.POSITIVE_INFINITY) <= this.now; rings += 1) {
      void this.#execution.onAlarm();
      this.#write();
    }
  }

  /** The next turn of the event loop. */
  turn(): void {
    for (const run of this.#next.splice(0)) run();
  }

  /** The process dies: what was not on disk is gone, and the next one reads the disk. */
  crash(draw = 0): void {
    this.store.crash(draw);
    this.#execution = this.#open();
  }

  /** The platform takes the object out of memory, and the next call reads the disk. */
  evict(): void {
    this.store.flushed(this.store.mark);
    this.crash();
  }

  view() {
    return planViewOf(this.journal, { brief: false });
  }

  /** Promises that do not hold, and rows that are not what the log says. */
  broken(): string[] {
    const alarmAtMs = this.journal.alarmAtMs ?? null;
    const reports = promisesOf(this.journal, { alarmAtMs, digest: (text) => text, now: this.now });
    const violated = reports
      .filter(({ verdict }) => verdict === "violated")
      .map(({ promise, detail }) => `${promise}: ${detail}`);
    const folded = new Work(this.work.plan);
    for (const event of this.events) folded.apply(event);
    const differ = this.work.order.pieces.filter(
      (piece) => JSON.stringify(sorted(folded.state(piece))) !== JSON.stringify(sorted(this.work.state(piece))),
    );
    return [...violated, ...differ.map(({ id }) => `the row of ${id} is not what the log says`)];
  }

  get plan(): Plan {
    return this.#plan;
  }
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
