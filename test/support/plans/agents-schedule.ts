/**
 * One drawn schedule of agents at one plan: they poll, begin, report, send reports again, die, come back late; the process dies in the
 * middle; an operator pauses; a person decides. Then what is left is driven to its end.
 *
 * What is asked of the log, whatever was drawn:
 * - no two agents held one subtask; what had begun and may not be done twice was given out again only after a report or a person;
 * - each subtask was completed once at most, and exactly the reports that were answered as applied are in the log as applied;
 * - the promises hold, the rows are what the log says, and it ends.
 */
import type { Event } from "../../../src/domain/execution/event.ts";
import type { Plan } from "../../../src/domain/plan/plan.ts";
import type { ReportAnswer } from "../../../src/domain/read-models/plan-view.ts";
import type { ReportType } from "../../../src/domain/work/report.ts";
import { seeded } from "../simulator/random.ts";
import { plan, subtask, task } from "./made.ts";
import { OnePlan } from "./one-plan.ts";

const MINUTE_MS = 60_000;
const PASSES = [MINUTE_MS, 11 * MINUTE_MS, 31 * MINUTE_MS, 300 * MINUTE_MS];
const ENDS = ["succeeded", "failed", "cancelled", "timeout"];
/** Rounds in which what is left has to end. */
const ROUNDS = 600;

interface Size {
  readonly agents: number;
  readonly subtasks: number;
  readonly steps: number;
}

interface Held {
  readonly agent: string;
  readonly subtask: string;
  readonly leaseId: string;
}

interface Sent {
  readonly held: Held;
  readonly type: ReportType;
  readonly eventId: string;
}

export interface Told {
  readonly broken: readonly string[];
  readonly completed: number;
  readonly late: number;
  readonly crashes: number;
}

export async function runSchedule(seed: number, size: Size): Promise<Told> {
  const schedule = new Schedule(seed, size);
  for (let step = 0; step < size.steps && !schedule.isOver; step += 1) await schedule.step();
  await schedule.finish();
  return schedule.told();
}

function drawnPlan(draw: () => number, subtasks: number): Plan {
  const ids: string[] = [];
  const tasks = [];
  while (ids.length < subtasks) {
    const first = ids.length;
    const count = Math.min(1 + Math.floor(draw() * 6), subtasks - first);
    const own = Array.from({ length: count }, (_one, n) => {
      const before = ids.length === 0 || draw() < 0.5 ? [] : [ids[Math.floor(draw() * ids.length)] ?? ""];
      const id = `s${first + n}`;
      ids.push(id);
      const retryPolicy = { maxAttempts: 1 + Math.floor(draw() * 3), backoff: "fixed", backoffSeconds: 60 } as const;
      return subtask(id, { idempotent: draw() < 0.4, prerequisiteSubtaskIds: before, retryPolicy });
    });
    tasks.push(task(`t${tasks.length}`, { subtasks: own, isBlocking: draw() < 0.15 }));
  }
  return { ...plan(tasks), onExhausted: draw() < 0.3 ? "fail" : "block" };
}

class Schedule {
  readonly #draw: () => number;
  readonly #agents: readonly string[];
  readonly #one: OnePlan;
  #held: Held[] = [];
  /** Reports without an answer, or with one: each may be sent again. */
  #sent: Sent[] = [];
  /** Ids of reports that were answered as applied. */
  readonly #applied = new Map<string, ReportType>();
  readonly #broken: string[] = [];
  #events = 0;
  #late = 0;
  #crashes = 0;

  constructor(seed: number, { agents, subtasks }: Size) {
    this.#draw = seeded(seed);
    this.#agents = Array.from({ length: agents }, (_one, at) => `agent_${at}`);
    this.#one = new OnePlan(drawnPlan(this.#draw, subtasks));
  }

  get isOver(): boolean {
    return ENDS.includes(this.#one.status);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#draw() * items.length)];
  }

  async step(): Promise<void> {
    const draw = this.#draw();
    if (draw < 0.3) return this.#poll(this.#pick(this.#agents) ?? "");
    if (draw < 0.72) return this.#reportSome();
    if (draw < 0.8) return this.#again();
    if (draw < 0.84) return this.#die();
    if (draw < 0.92) return this.#one.pass(this.#pick(PASSES) ?? 0);
    if (draw < 0.94) return this.#pauseOrResume();
    if (draw < 0.97) return this.#decide();
    this.#one.crash(this.#draw());
    this.#crashes += 1;
  }

  async #poll(agent: string): Promise<void> {
    const { task: given } = await this.#one.poll(agent);
    if (given) this.#held.push({ agent, subtask: given.id, leaseId: given.lease.id });
  }

  #reportSome(): Promise<void> {
    const held = this.#pick(this.#held);
    const types = [
      "task_started",
      "task_started",
      "task_progress",
      "task_complete",
      "task_complete",
      "task_error",
      "task_blocked",
    ] as const;
    const type = this.#pick(types);
    if (!held || !type) return Promise.resolve();
    this.#events += 1;
    const sent = { held, type, eventId: `own_${this.#events}` };
    this.#sent.push(sent);
    return this.#send(sent);
  }

  /** One of the last reports comes a second time. */
  #again(): Promise<void> {
    const sent = this.#pick(this.#sent.slice(-10));
    return sent ? this.#send(sent) : Promise.resolve();
  }

  async #send({ held, type, eventId }: Sent): Promise<void> {
    const { agent, subtask: taskId, leaseId } = held;
    const send = () => this.#one.report(agent, type, { taskId, leaseId, eventId });
    if (this.#draw() >= 0.05) return this.#heard(type, await send());
    // The process dies before the answer: whether it was written is open, and the agent does not know.
    await this.#one.losing(this.#draw(), send);
    this.#crashes += 1;
  }

  #heard(type: ReportType, answer: ReportAnswer): void {
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
    const option = this.#pick(options ?? []);
    if (piece && option) this.#one.tell({ type: "resolve_work", subtask: piece.id, option, by: "mark" });
  }

  /** Everything that is left is done, decided or waited for. */
  async finish(): Promise<void> {
    for (let round = 0; round < ROUNDS && !this.isOver; round += 1) {
      if (this.#one.status === "paused") this.#one.tell({ type: "resume", by: "mark" });
      for (const piece of this.#one.work.blocked)
        this.#one.tell({ type: "resolve_work", subtask: piece.id, option: "skip_task", by: "mark" });
      const { task: given } = await this.#one.poll("agent_0");
      if (given) this.#heard("task_complete", await this.#one.report("agent_0", "task_complete", { taskId: given.id }));
      else this.#one.pass(31 * MINUTE_MS);
    }
    const { work, status } = this.#one;
    if (status === "timeout" && work.subtasksCompleted + work.count("error") === work.total)
      this.#broken.push("all was done, and only its time ended it");
    if (!this.isOver) this.#broken.push(`it does not end: ${JSON.stringify(this.#one.view()?.why)}`);
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
        ...lost.map((id) => `${id} was answered as applied, and the log does not have it`),
        ...misgiven(events, this.#one.plan, new Map(this.#sent.map(({ eventId, held }) => [eventId, held.leaseId]))),
      ],
      completed: completed.length,
      late: this.#late,
      crashes: this.#crashes,
    };
  }
}

/**
 * Leases that were given while another one stood, before what they wait for, or after something had begun that may not be done
 * twice; reports that moved something under another lease than the current one; second completions.
 */
function misgiven(events: readonly Event[], { tasks }: Plan, leaseOf: ReadonlyMap<string, string>): string[] {
  const subtasks = tasks.flatMap((each) => each.subtasks);
  const byId = new Map(subtasks.map((each) => [each.id, each]));
  const held = new Map<string, string>();
  const begun = new Set<string>();
  const [completed, done] = [new Set<string>(), new Set<string>()];
  const found: string[] = [];
  const over = (id: string) => {
    held.delete(id);
    begun.delete(id);
  };
  for (const { type, data, seq } of events) {
    if (type === "subtask.leased") {
      const { subtask: id, leaseId } = data;
      if (held.has(id)) found.push(`${seq}: ${id} is held already`);
      if (begun.has(id)) found.push(`${seq}: ${id} may have happened, and is given out again in silence`);
      if (completed.has(id)) found.push(`${seq}: ${id} is complete, and is given out`);
      if (byId.get(id)?.prerequisiteSubtaskIds.some((before) => !done.has(before)))
        found.push(`${seq}: ${id} is given out before what it waits for`);
      held.set(id, leaseId);
    }
    if (type === "subtask.requeued" || type === "subtask.blocked") {
      held.delete(data.subtask);
      const isSafe = type === "subtask.requeued" && (data.by !== undefined || byId.get(data.subtask)?.idempotent);
      if (isSafe) begun.delete(data.subtask);
    }
    if (type === "subtask.skipped")
      for (const id of data.subtasks) {
        over(id);
        done.add(id);
      }
    if (type === "subtask.completed") done.add(data.subtask);
    if (type !== "agent.reported" || !data.move) continue;
    const { move } = data;
    const lease = leaseOf.get(data.eventId);
    if (lease !== undefined && held.get(move.subtask) !== lease)
      found.push(`${seq}: ${data.eventId} moved ${move.subtask} under a lease that had ended`);
    if (move.to === "started" || move.to === "progress" || move.to === "awaiting") begun.add(move.subtask);
    else over(move.subtask);
    if (move.to !== "completed") continue;
    if (completed.has(move.subtask)) found.push(`${seq}: ${move.subtask} is completed a second time`);
    completed.add(move.subtask);
    done.add(move.subtask);
  }
  return found;
}
