/**
 * What the first command of a process takes in an execution of a plan whose agents reported 81,000 times: of a small plan, and of one
 * of 5,000 subtasks, most of which are complete. `node test/measure/plan-log.ts [events]`; ends with 1 when the first command of the small
 * one takes longer than 50 ms of processor time, or grows with the number of reports.
 */
import { loadavg } from "node:os";
import type { Reported, ReportType } from "../../src/domain/work/report.ts";
import type { DurableExecution } from "../../src/engine/execution/durable-execution.ts";
import { reportTo, takeWorkFrom } from "../../src/engine/work/work-desk.ts";
import { median, percentile } from "../bench/figures.ts";
import { ORIGIN } from "../support/log.ts";
import { OneExecution } from "../support/one-execution.ts";
import { plan, subtask, task } from "../support/plans/made.ts";

const MOST_MS = 50;
const ROUNDS = 30;
const BATCH = 500;
const HOUR_MS = 3_600_000;
const AGENT = "larry";
const [events = 81_000] = process.argv.slice(2).map(Number);

class Measured {
  readonly #one: OneExecution;
  readonly #subtasks: number;
  #execution: DurableExecution;
  #ids = 0;
  /** The subtask that is worked at. */
  #held = "";

  constructor(subtasks: number) {
    this.#subtasks = subtasks;
    const times = { leaseMs: HOUR_MS, outsideMs: 48 * HOUR_MS, escalateMs: 24 * HOUR_MS };
    const own = { id: "plan_1", version: 1, ...times };
    const origin = {
      ...ORIGIN,
      kind: "plan" as const,
      agent: "plan",
      fn: "plan_1",
      plan: own,
      timeoutMs: 168 * HOUR_MS,
    };
    const ids = Array.from({ length: subtasks }, (_one, at) => subtask(`s${at}`));
    this.#one = new OneExecution(async () => null, { mostBytes: 2 ** 33 });
    this.#execution = this.#one.start({ origin, plan: plan([task("t", { subtasks: ids })]) });
  }

  #report(eventType: ReportType, taskId: string) {
    this.#ids += 1;
    const said: Partial<Reported> = { message: "on my way to the farm, and nearly there", output: { step: this.#ids } };
    const report = { eventId: `evt_${this.#ids}`, agent: AGENT, eventType, taskId, ...said };
    const gateId = `gate_:exec_1.r${this.#ids}`;
    return { type: "report_work", report, leaseId: undefined, gateId, draw: 0.5 } as const;
  }

  async #take(): Promise<string> {
    this.#ids += 1;
    const actions = { send_email: false };
    const command = { type: "take_work", agentId: AGENT, role: null, actions, leaseId: `lease_${this.#ids}` } as const;
    const answer = await takeWorkFrom(this.#execution.journal, command);
    if (!answer.ok || !answer.value.task) throw new Error("no work was given");
    return answer.value.task.id;
  }

  /** So many reports: all subtasks but two are completed, the others are of the progress of one. */
  async fill(total: number): Promise<void> {
    const { journal } = this.#execution;
    for (let done = 0; done < this.#subtasks - 2; done += 1)
      await reportTo(journal, [this.#report("task_complete", await this.#take())]);
    this.#held = await this.#take();
    for (let said = this.#subtasks - 2; said < total; said += BATCH) {
      const count = Math.min(BATCH, total - said);
      await reportTo(
        journal,
        Array.from({ length: count }, () => this.#report("task_progress", this.#held)),
      );
    }
  }

  /** Milliseconds of each first command, in a process that has just opened the object. */
  async firsts(): Promise<{ readonly cpuMs: number[]; readonly wallMs: number[] }> {
    const [cpuMs, wallMs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [cpu, wall] = [process.cpuUsage(), performance.now()];
      this.#execution = this.#one.open();
      const answers = await reportTo(this.#execution.journal, [this.#report("task_progress", this.#held)]);
      if (!answers.ok || !answers.value[0]?.applied) throw new Error("the report was not applied");
      wallMs.push(performance.now() - wall);
      const { user, system } = process.cpuUsage(cpu);
      cpuMs.push((user + system) / 1_000);
    }
    return { cpuMs, wallMs };
  }

  get megabytes(): number {
    return this.#one.bytes / 1_000_000;
  }
}

async function measured(subtasks: number, total: number): Promise<number> {
  const one = new Measured(subtasks);
  await one.fill(total);
  const { cpuMs, wallMs } = await one.firsts();
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const wall = `${ms(median(wallMs))} (p90 ${ms(percentile(wallMs, 0.9))}, first ${ms(wallMs[0] ?? 0)})`;
  const what = `${subtasks} subtasks, ${total} reports, ${one.megabytes.toFixed(0)} MB`;
  process.stdout.write(
    `${what}: first command ${wall}, ${ms(median(cpuMs))} of processor (load ${loadavg()[0]?.toFixed(1)})\n`,
  );
  return median(cpuMs);
}

const fewMs = await measured(20, Math.min(events, 1_000));
const manyMs = await measured(20, events);
await measured(5_000, events);
process.exit(manyMs <= MOST_MS && manyMs <= Math.max(5, fewMs * 3) ? 0 : 1);
