/**
 * One drawn schedule of agents at one plan: they poll, begin, report, send reports again, die, come back late; the process dies between
 * any two of its commits, is evicted, is away for hours; an operator pauses or cancels; a person decides; tasks without subtasks are
 * taken apart, or are not. Then what is left is driven to its end.
 *
 * What is asked of it, whatever was drawn:
 * - no two agents held one subtask; what had begun and may not be done twice was given out again only after a report or a person;
 * - an agent that began what it was told to begin did so no more often than a person or a reported error allowed;
 * - each subtask was completed once at most, and exactly the reports that were answered as applied are in the log as applied;
 * - the promises hold, the rows are what the log says, and it ends.
 */
import type { Event } from "../../../src/domain/execution/event.ts";
import type { Plan } from "../../../src/domain/plan/plan.ts";
import type { ReportAnswer } from "../../../src/domain/read-models/plan-view.ts";
import type { Reported, ReportType } from "../../../src/domain/work/report.ts";
import { seeded } from "../simulator/random.ts";
import { plan, subtask, task } from "./made.ts";
import { misgiven } from "./misgiven.ts";
import { OnePlan } from "./one-plan.ts";
import { TakenApart } from "./taken-apart.ts";

const MINUTE_MS = 60_000;
const PASSES = [10_000, 10_000, MINUTE_MS, MINUTE_MS, 5 * MINUTE_MS, 11 * MINUTE_MS, 31 * MINUTE_MS];
/** It is not there for so long. */
const OUTAGES = [MINUTE_MS, 31 * MINUTE_MS, 300 * MINUTE_MS];
const ENDING = /^execution\.(?:succeeded|failed|cancelled|timed_out)$/;
const ENDS = ["succeeded", "failed", "cancelled", "timeout"];
/** Rounds in which what is left has to end. */
const ROUNDS = 1_200;

interface Size {
  readonly agents: number;
  readonly subtasks: number;
  readonly steps: number;
}

interface Held {
  readonly agent: string;
  readonly subtask: string;
  /** Absent of an agent that names no lease, or has none. */
  readonly leaseId?: string;
}

interface Sent {
  readonly held: Held;
  readonly type: ReportType;
  readonly eventId: string;
  readonly more: Partial<Reported>;
}

const ROLES = [null, null, "Analyst", "Developer"];

const TYPES = [
  ...["task_started", "task_started", "task_started", "task_progress", "heartbeat"],
  ...["task_complete", "task_complete", "subtask_complete", "task_error", "task_blocked"],
] as const satisfies readonly ReportType[];

export interface Told {
  readonly broken: readonly string[];
  readonly completed: number;
  readonly late: number;
  /** Tasks that were taken apart. */
  readonly apart: number;
  readonly crashes: number;
  /** Effects that agents began. */
  readonly effects: number;
}

export async function runSchedule(seed: number, size: Size): Promise<Told> {
  const schedule = new Schedule(seed, size);
  const cancelAt = schedule.cancelAt(size.steps);
  for (let step = 0; step < size.steps && !schedule.isOver; step += 1) {
    if (step === cancelAt) schedule.cancel();
    await schedule.step();
  }
  await schedule.finish();
  return schedule.told();
}

function drawnPlan(draw: () => number, subtasks: number): Plan {
  const ids: string[] = [];
  const tasks = [];
  while (ids.length < subtasks) {
    const first = ids.length;
    const behind: string[] = tasks.length > 0 && draw() < 0.05 ? [`t${Math.floor(draw() * tasks.length)}`] : [];
    // One that says not what to do is taken apart when it is ready.
    if (draw() < 0.25) {
      tasks.push(task(`t${tasks.length}`, { prerequisiteTaskIds: behind, isBlocking: draw() < 0.1 }));
      continue;
    }
    const count = Math.min(1 + Math.floor(draw() * 6), subtasks - first);
    const own = Array.from({ length: count }, (_one, n) => {
      const before = ids.length === 0 || draw() < 0.5 ? [] : [ids[Math.floor(draw() * ids.length)] ?? ""];
      const id = `s${first + n}`;
      ids.push(id);
      const retryPolicy = { maxAttempts: 1 + Math.floor(draw() * 3), backoff: "fixed", backoffSeconds: 60 } as const;
      const alternatives =
        draw() < 0.2 ? [{ option: "approve_other", action: "send_email", params: { other: true } }] : [];
      const action = draw() < 0.04 ? null : "send_email";
      const more = { alternatives, action, idempotent: draw() < 0.4 };
      return subtask(id, { ...more, prerequisiteSubtaskIds: before, retryPolicy });
    });
    tasks.push(
      task(`t${tasks.length}`, {
        ...{ subtasks: own, prerequisiteTaskIds: behind, isBlocking: draw() < 0.15 },
        assigneeRole: ROLES[Math.floor(draw() * ROLES.length)] ?? null,
      }),
    );
  }
  return { ...plan(tasks), onExhausted: draw() < 0.3 ? "fail" : "block" };
}

class Schedule {
  readonly #draw: () => number;
  readonly #agents: readonly string[];
  readonly #one: OnePlan;
  readonly #apart: TakenApart;
  #held: Held[] = [];
  /** Reports without an answer, or with one: each may be sent again. */
  #sent: Sent[] = [];
  /** Ids of reports that were answered as applied. */
  readonly #applied = new Map<string, ReportType>();
  /** To whom each lease was given. */
  readonly #given = new Map<string, string>();
  readonly #broken: string[] = [];
  /** Leases under which an effect was begun, by subtask. */
  readonly #begun = new Map<string, Set<string>>();
  #events = 0;
  #late = 0;
  #crashes = 0;

  constructor(seed: number, { agents, subtasks }: Size) {
    this.#draw = seeded(seed);
    this.#agents = Array.from({ length: agents }, (_one, at) => `agent_${at}`);
    this.#one = new OnePlan(drawnPlan(this.#draw, subtasks));
    this.#apart = new TakenApart(this.#one, this.#draw);
  }

  get isOver(): boolean {
    return ENDS.includes(this.#one.status);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#draw() * items.length)];
  }

  /** One in eight is cancelled in the middle. */
  cancelAt(steps: number): number {
    return this.#draw() < 0.125 ? Math.floor(this.#draw() * steps) : -1;
  }

  cancel(): void {
    this.#one.tell({ type: "cancel", by: "mark" });
  }

  async step(): Promise<void> {
    const draw = this.#draw();
    if (draw < 0.3) return this.#poll(this.#pick(this.#agents) ?? "");
    if (draw < 0.7) return this.#reportSome();
    if (draw < 0.78) return this.#again();
    if (draw < 0.82) return this.#die();
    if (draw < 0.85) return this.#apart.step();
    if (draw < 0.91) return this.#live(this.#pick(PASSES) ?? 0);
    if (draw < 0.915) return this.#one.pass(this.#pick(OUTAGES) ?? 0);
    if (draw < 0.925) return this.#pauseOrResume();
    if (draw < 0.97) return this.#decide();
    if (draw < 0.98) return this.#one.evict();
    this.#one.crash(this.#draw());
    this.#crashes += 1;
  }

  async #live(ms: number): Promise<void> {
    if (!(await this.#one.live(ms))) this.#broken.push("its alarm goes off again and again");
  }

  /** Now and then the process dies before the answer: whether it was written is open. Returns whether that was heard. */
  async #mayDie(run: () => Promise<unknown>): Promise<boolean> {
    if (this.#draw() >= 0.05) {
      await run();
      return true;
    }
    await this.#one.losing(this.#draw(), run);
    this.#crashes += 1;
    return false;
  }

  async #poll(agent: string): Promise<void> {
    let given: Held | undefined;
    const isHeard = await this.#mayDie(async () => {
      const role = ROLES[this.#agents.indexOf(agent) % ROLES.length] ?? null;
      // What is left to others is a hint of the directory, right or not.
      const left = this.#draw() < 0.3 ? this.#pick(ROLES) : null;
      const reserved = left === null || left === undefined ? [] : [{ role: left, actions: ["send_email"] }];
      const { task } = await this.#one.poll(agent, undefined, { role, reserved });
      const asks = task && this.#one.work.piece(task.id)?.task.assigneeRole;
      const isKnown =
        this.#held.some(({ leaseId }) => leaseId === task?.lease.id) || this.#given.has(task?.lease.id ?? "");
      if (asks && asks === left && asks !== role && !isKnown)
        this.#broken.push(`${task.id} was left to the role ${asks}, and given to ${agent}`);
      if (task) this.#given.set(task.lease.id, agent);
      if (task) given = { agent, subtask: task.id, leaseId: task.lease.id };
    });
    const lease = given;
    if (isHeard && lease && !this.#held.some(({ leaseId }) => leaseId === lease.leaseId)) this.#held.push(lease);
  }

  /** Most name their lease; some none, and some speak of what is another agent's. */
  #asSaid(held: Held): Held {
    const draw = this.#draw();
    if (draw < 0.8) return held;
    const { leaseId: _none, ...nameless } = held;
    return draw < 0.9 ? nameless : { ...nameless, agent: this.#pick(this.#agents) ?? held.agent };
  }

  #reportSome(): Promise<void> {
    const drawn = this.#pick(this.#held);
    if (!drawn) return Promise.resolve();
    const isNew = !this.#sent.some(({ held }) => held.leaseId === drawn.leaseId);
    const type = (isNew && this.#draw() < 0.6 ? "task_started" : this.#pick(TYPES)) ?? "heartbeat";
    const held = this.#asSaid(drawn);
    // What has ended is mostly let go of; some speak of it again, late.
    const isEnd = type === "task_complete" || type === "subtask_complete" || type === "task_error";
    if (isEnd && this.#draw() < 0.8) this.#held = this.#held.filter((each) => each !== drawn);
    this.#events += 1;
    const isError = type === "task_error" || type === "task_blocked";
    const review = isError && this.#draw() < 0.3 ? { review: true, blocking: this.#draw() < 0.2 } : {};
    const doubt = type === "task_error" && this.#draw() < 0.2 ? { errorType: "in_doubt", review: true } : {};
    const suggestions = isError && this.#draw() < 0.3 ? { suggestions: ["Try another way"] } : {};
    const paused = this.#draw() < 0.05 ? { status: "paused" as const } : {};
    const more = { ...review, ...doubt, ...suggestions, ...paused };
    const sent = { held, type, eventId: `own_${this.#events}`, more };
    this.#sent.push(sent);
    return this.#send(sent);
  }

  /** One of the last reports comes a second time. */
  #again(): Promise<void> {
    const sent = this.#pick(this.#sent.slice(-10));
    return sent ? this.#send(sent) : Promise.resolve();
  }

  async #send({ held, type, eventId, more }: Sent): Promise<void> {
    const { agent, subtask: taskId, leaseId } = held;
    let answer: ReportAnswer | undefined;
    const isHeard = await this.#mayDie(async () => {
      answer = await this.#one.report(agent, type, { ...more, taskId, leaseId, eventId });
    });
    if (!isHeard || !answer) return;
    this.#heard(type, answer);
    const told = answer.lease?.id;
    if (told !== undefined && this.#given.get(told) !== agent)
      this.#broken.push(`${agent} was told a lease that it never had: ${told}`);
    // As the kit does: under this very lease, and not because an earlier answer said so.
    if (type !== "task_started" || !answer.applied || told === undefined || told !== (leaseId ?? told)) return;
    const leases = this.#begun.get(taskId) ?? new Set();
    this.#begun.set(taskId, leases.add(told));
  }

  #heard(type: ReportType, answer: ReportAnswer): void {
    if (type === "heartbeat") return;
    const before = this.#applied.has(answer.eventId);
    if (before && !(answer.isDuplicate && answer.applied))
      this.#broken.push(`${answer.eventId} was applied, and is not any more`);
    if (answer.applied) this.#applied.set(answer.eventId, type);
    else this.#late += 1;
  }

  /** It forgets what it had. */
  #die(): void {
    const agent = this.#pick(this.#agents);
    this.#held = this.#held.filter((held) => held.agent !== agent);
  }

  #pauseOrResume(): void {
    const type = this.#one.status === "paused" ? "resume" : "pause";
    this.#one.tell({ type, by: "mark" });
  }

  #decide(): void {
    const piece = this.#pick(this.#one.work.blocked);
    const options =
      piece && this.#one.work.state(piece).blocked?.options.filter((option) => option !== "cancel_execution");
    if (piece && this.#draw() < 0.3) {
      const to = this.#pick(["anna", "mark", "vera"]) ?? "mark";
      return void this.#one.tell({ type: "escalate_work", subtask: piece.id, to, by: "mark" });
    }
    const option = this.#pick(options ?? []);
    const action = option === "give_action" ? { action: "send_email" } : {};
    if (piece && option) this.#one.tell({ type: "resolve_work", subtask: piece.id, option, ...action, by: "mark" });
  }

  /** Everything that is left is done, decided or waited for. */
  async finish(): Promise<void> {
    for (let round = 0; round < ROUNDS && !this.isOver; round += 1) {
      if (this.#one.status === "paused") this.#one.tell({ type: "resume", by: "mark" });
      this.#apart.finish();
      for (const piece of this.#one.work.blocked)
        this.#one.tell({ type: "resolve_work", subtask: piece.id, option: "skip_task", by: "mark" });
      const { task: given } = await this.#one.poll("agent_0");
      if (given) this.#given.set(given.lease.id, "agent_0");
      if (given) this.#heard("task_complete", await this.#one.report("agent_0", "task_complete", { taskId: given.id }));
      else await this.#live(31 * MINUTE_MS);
    }
    const { work, status } = this.#one;
    if (status === "timeout" && work.subtasksCompleted + work.count("error") === work.total)
      this.#broken.push("all was done, and only its time ended it");
    if (!this.isOver) this.#broken.push(`it does not end: ${JSON.stringify(this.#one.view()?.why)}`);
    await this.#afterEnd();
  }

  /** What comes after the end is answered, and moves nothing. */
  async #afterEnd(): Promise<void> {
    const { status } = this.#one;
    for (let times = 0; times < 10; times += 1) {
      await this.#reportSome();
      await this.#again();
      this.#apart.step();
      const { task } = await this.#one.poll(this.#pick(this.#agents) ?? "");
      if (task) this.#broken.push(`${task.id} was given out after the end`);
    }
    const end = this.#one.events.findIndex(({ type }) => ENDING.test(type));
    const late = this.#one.events.slice(end + 1).filter(({ type, data }) => type === "agent.reported" && data.applied);
    if (this.isOver && late.length > 0) this.#broken.push(`a report was applied after the end: ${late[0]?.seq}`);
    if (this.#one.status !== status) this.#broken.push(`${status} became ${this.#one.status}`);
  }

  told(): Told {
    const { events } = this.#one;
    const applied = events.flatMap((event) => (event.type === "agent.reported" && event.data.applied ? [event] : []));
    const ids = new Set(applied.map(({ data }) => data.eventId));
    const lost = [...this.#applied.keys()].filter((id) => !ids.has(id));
    const completed = applied.filter(({ data }) => data.move?.to === "completed");
    return {
      broken: [
        ...this.#broken,
        ...this.#one.broken(),
        ...this.#apart.broken(events),
        ...lost.map((id) => `${id} was answered as applied, and the log does not have it`),
        ...this.#tooOften(events),
        ...misgiven(
          events,
          this.#one.work.plan,
          new Map(
            this.#sent.flatMap(({ eventId, held: { leaseId } }) => (leaseId === undefined ? [] : [[eventId, leaseId]])),
          ),
        ),
      ],
      completed: completed.length,
      late: this.#late,
      apart: events.filter(({ type }) => type === "task.decomposed").length,
      crashes: this.#crashes,
      effects: [...this.#begun.values()].reduce((sum, leases) => sum + leases.size, 0),
    };
  }

  /** Effects that may not happen twice, and were begun more often than somebody said that they may. */
  #tooOften(events: readonly Event[]): string[] {
    const allowed = new Map<string, number>();
    const allow = (id: string) => allowed.set(id, (allowed.get(id) ?? 1) + 1);
    for (const { type, data } of events) {
      if (type === "subtask.requeued" && data.by !== undefined) allow(data.subtask);
      if (type === "agent.reported" && data.move?.to === "delayed") allow(data.move.subtask);
    }
    const ids = this.#one.work.plan.tasks.flatMap(({ subtasks }) => subtasks.filter(({ idempotent }) => !idempotent));
    return ids.flatMap(({ id }) => {
      const [times, most] = [this.#begun.get(id)?.size ?? 0, allowed.get(id) ?? 1];
      return times > most ? [`${id} was begun ${times} times, and ${most} were allowed`] : [];
    });
  }
}
