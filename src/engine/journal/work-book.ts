/**
 * The work of an execution of a plan over its rows: the plan out of the log, where each subtask stands out of rows beside it, and
 * what the next commit writes of them.
 *
 * - Made when it is first asked for: an execution of a function never has one, and reading one costs what its plan has.
 * - Rows are a copy of what the log says, for reading by key; they are written in the commit of the events that changed them.
 */
import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Json } from "../../domain/values/json.ts";
import { DecomposedRow, withDecomposed } from "../../domain/work/decomposed.ts";
import type { PlanPart } from "../../domain/work/plan-parts.ts";
import { planFrom } from "../../domain/work/plan-parts.ts";
import type { Reported } from "../../domain/work/report.ts";
import { SubtaskState } from "../../domain/work/subtask-state.ts";
import { Work } from "../../domain/work/work.ts";
import type { StoredWork } from "../ports.ts";

/** Keys of rows: subtasks of a task that was taken apart here, where a subtask stands, what came of it, what its agent said of its progress, where a report is in the log, agents that ever held a lease. */
const TASK = "task:";
const STATE = "state:";
const RESULT = "result:";
const PROGRESS = "progress:";
const REPORT = "report:";
const AGENT = "agent:";

/** Names of agents in memory; beyond it their rows are written anew. */
const MOST_AGENTS = 1_000;

type ReportName = Pick<Reported, "agent" | "eventId">;

/** Two agents may choose the same id. No id of an agent holds a space. */
const reportKey = ({ agent, eventId }: ReportName) => `${REPORT}${agent} ${eventId}`;

const NO_ROWS: StoredWork = { get: () => undefined, under: () => [] };

interface Parts {
  readonly stored: StoredWork | undefined;
  readonly state: () => ExecutionState | undefined;
  readonly event: (seq: number) => Event | undefined;
}

export class WorkBook {
  readonly #parts: Parts;
  readonly #stored: StoredWork;
  #work: Work | undefined;
  /** Of a plan that is being loaded. */
  #loaded: PlanPart[] = [];
  #puts = new Map<string, string>();
  /** The report that was looked for last and is not there: it is asked about twice, by its answer and by what decides. */
  #unknown: string | undefined;
  /** Agents that were given a lease here by this process: their row is written, or is about to be. */
  readonly #agents = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#stored = parts.stored ?? NO_ROWS;
  }

  /** `undefined` of an execution of a function. */
  readonly current = (): Work | undefined => {
    const work = this.#parts.state()?.work;
    if (work === undefined || work.loaded < work.parts) return undefined;
    this.#work ??= this.#read(work.parts);
    return this.#work;
  };

  /** The parts of the plan are the events behind the first. */
  #read(parts: number): Work | undefined {
    const found = this.#loaded.length > 0 ? this.#loaded : this.#partsInLog(parts);
    const plan = planFrom(found);
    this.#loaded = [];
    return plan && new Work(withDecomposed(plan, this.#decomposed()), this.states());
  }

  *#decomposed(): Generator<DecomposedRow> {
    for (const text of this.#texts(TASK)) yield DecomposedRow.parse(JSON.parse(text));
  }

  /** Rows of this kind, those of this commit too. */
  *#texts(prefix: string): Generator<string> {
    for (const [key, text] of this.#puts) if (key.startsWith(prefix)) yield text;
    yield* this.#stored.under(prefix);
  }

  #partsInLog(parts: number): PlanPart[] {
    const found: PlanPart[] = [];
    for (let seq = 2; seq < 2 + parts; seq += 1) {
      const event = this.#parts.event(seq);
      if (event?.type === "plan.loaded") found.push(event.data);
    }
    return found;
  }

  /** Of the subtasks that anything happened to, in any order. */
  *states(): Generator<SubtaskState> {
    for (const [key, text] of this.#puts) if (key.startsWith(STATE)) yield SubtaskState.parse(JSON.parse(text));
    for (const text of this.#stored.under(STATE)) {
      const state = SubtaskState.parse(JSON.parse(text));
      if (!this.#puts.has(STATE + state.id)) yield state;
    }
  }

  #get(key: string): string | undefined {
    return this.#puts.get(key) ?? this.#stored.get(key);
  }

  /** What its agent, or a person, brought. */
  resultOf(subtask: string): Json | undefined {
    return this.#json(RESULT + subtask);
  }

  /** The data of the last progress that had some: for the next attempt. */
  progressOf(subtask: string): Json | undefined {
    return this.#json(PROGRESS + subtask);
  }

  #json(key: string): Json | undefined {
    const text = this.#get(key);
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  }

  /** Where in the log it is. */
  readonly reportSeq = (report: ReportName): number | undefined => {
    const key = reportKey(report);
    if (key === this.#unknown) return undefined;
    const text = this.#get(key);
    if (text === undefined) this.#unknown = key;
    return text === undefined ? undefined : Number(text);
  };

  readonly isReported = (report: ReportName): boolean => this.reportSeq(report) !== undefined;

  /** Whether this agent ever held a lease here. */
  knows(agent: string): boolean {
    return this.#get(AGENT + agent) !== undefined;
  }

  /** Stages what an event changes. */
  apply(event: Event): void {
    if (event.type === "plan.loaded") return void this.#loaded.push(event.data);
    for (const state of this.current()?.apply(event) ?? []) this.#puts.set(STATE + state.id, JSON.stringify(state));
    if (event.type === "task.decomposed") {
      const row: DecomposedRow = { found: event.data, atMs: event.atMs };
      this.#puts.set(TASK + event.data.taskId, JSON.stringify(row));
    }
    if (event.type === "subtask.leased") this.#leasedTo(event.data.agent);
    if (event.type === "subtask.completed") this.#keep(RESULT + event.data.subtask, event.data.output);
    if (event.type !== "agent.reported") return;
    this.#puts.set(reportKey(event.data), String(event.seq));
    this.#unknown = undefined;
    const { move, output } = event.data;
    if (move?.to === "completed") this.#keep(RESULT + move.subtask, output);
    if (move?.to === "progress") this.#keep(PROGRESS + move.subtask, output);
  }

  #leasedTo(agent: string): void {
    if (this.#agents.has(agent)) return;
    if (this.#agents.size >= MOST_AGENTS) this.#agents.clear();
    this.#agents.add(agent);
    this.#puts.set(AGENT + agent, "1");
  }

  #keep(key: string, output: Json | undefined): void {
    if (output !== undefined) this.#puts.set(key, JSON.stringify(output));
  }

  get changes(): ReadonlyMap<string, string> {
    return this.#puts;
  }

  /** The changes are on disk. */
  flush(): void {
    if (this.#puts.size > 0) this.#puts = new Map();
  }
}
