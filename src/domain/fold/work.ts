/** What events of an execution of a plan change in its state, and which timers they set. Called by `evolve` and `reactionsOf`. */
import type { Event } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { timerName } from "../execution/timer.ts";
import type { WorkMark } from "../execution/work-mark.ts";
import { unreachable } from "../values/json.ts";
import type { PlanPart } from "../work/plan-parts.ts";
import type { ReportMove } from "../work/report.ts";
import type { WorkEvent } from "../work/work-event.ts";
import { withResult } from "./restart.ts";

/** Why a subtask is ready again whose time was over. */
export const TIMEOUT = "timeout";
const NONE: WorkMark = { parts: 0, loaded: 0, tasks: 0, subtasks: 0, tasksCompleted: 0, subtasksCompleted: 0 };

export function foldWork(state: ExecutionState, event: WorkEvent): ExecutionState {
  const work = state.work ?? NONE;
  switch (event.type) {
    case "plan.loaded":
      return { ...state, work: withPart(work, event.data) };
    case "plan.progressed":
      return { ...state, work: { ...work, ...event.data } };
    case "stop.requested":
      return { ...state, work: { ...work, stop: event.data } };
    case "stop.seen":
      return { ...state, work: withoutAgent(work, event.data.agent) };
    case "failure.dismissed":
      return { ...state, work: { ...work, dismissed: true } };
    case "subtask.requeued":
      return { ...state, work: withLapse(work, event) };
    case "subtask.blocked":
      return { ...state, work: withLapse(withoutDoubt(work, event.data.subtask), event) };
    case "agent.reported":
      return event.data.applied ? afterReport(state, { ...event.data, work }) : state;
    case "agent.heartbeat":
      return event.data.why === undefined ? { ...state, work: withoutLapses(work, event.data.agent) } : state;
    case "subtask.completed":
      return withResult(state, event.data.takenFrom === undefined ? {} : { reusedFrom: event.data.takenFrom });
    case "task.decomposed": {
      const subtasks = work.subtasks + event.data.subtasks.length - 1;
      return { ...state, work: { ...work, subtasks } };
    }
    case "task.decomposing":
    case "task.undecomposed":
    case "subtask.leased":
    case "subtask.skipped":
    case "subtask.failed":
    case "subtask.escalated":
      return state;
  }
  return unreachable(event);
}

interface Applied {
  readonly work: WorkMark;
  readonly agent: string;
  readonly move?: ReportMove | undefined;
}

function afterReport(state: ExecutionState, { work, agent, move }: Applied): ExecutionState {
  const heard = { ...state, work: withoutLapses(work, agent) };
  return move?.to === "completed" ? withResult(heard, {}) : heard;
}

function withPart(work: WorkMark, { parts, totals, doubted }: PlanPart): WorkMark {
  return { ...work, ...totals, ...(doubted ? { doubted } : {}), parts, loaded: work.loaded + 1 };
}

function withoutDoubt({ doubted, ...work }: WorkMark, subtask: string): WorkMark {
  const left = doubted?.filter((id) => id !== subtask) ?? [];
  return left.length === 0 ? work : { ...work, doubted: left };
}

/** Lapses that are remembered. */
const LAPSES = 10;

type Lost = Extract<WorkEvent, { type: "subtask.requeued" | "subtask.blocked" }>;

/** A subtask that took longer than its timeout says nothing about its agent. */
function withLapse(work: WorkMark, { data, atMs }: Lost): WorkMark {
  const { subtask, lapsed: agent, why } = data;
  if (agent === undefined || why === TIMEOUT) return work;
  return { ...work, lapses: [...(work.lapses ?? []), { agent, subtask, atMs }].slice(-LAPSES) };
}

function withoutLapses({ lapses, ...work }: WorkMark, agent: string): WorkMark {
  if (lapses === undefined) return work;
  const left = lapses.filter((lapse) => lapse.agent !== agent);
  return left.length === 0 ? work : { ...work, lapses: left };
}

function withoutAgent({ stop, ...work }: WorkMark, agent: string): WorkMark {
  const agents = stop?.agents.filter((one) => one !== agent) ?? [];
  return stop && agents.length > 0 ? { ...work, stop: { ...stop, agents } } : work;
}

/** An execution that goes on has no agent left that should stop. */
export function withoutPause(state: ExecutionState, { type }: Event): ExecutionState {
  if (type !== "execution.resumed" || state.work?.stop === undefined || isTerminal(state.status)) return state;
  const { stop: _stop, ...work } = state.work;
  return { ...state, work };
}

interface Timers {
  readonly setTimers: readonly { readonly name: string; readonly atMs: number }[];
  readonly clearTimers: readonly string[];
}

const lease = (subtask: string) => timerName("lease", subtask);
const redelivery = (subtask: string) => timerName("redelivery", subtask);
const escalation = (subtask: string) => timerName("escalation", subtask);
const none: Timers = { setTimers: [], clearTimers: [] };

type TimedWork = Extract<WorkEvent, { type: `subtask.${string}` | `agent.${string}` }>;

export function isTimedWork(event: Event): event is TimedWork {
  return event.type.startsWith("subtask.") || event.type.startsWith("agent.");
}

/** A timer exists exactly while its lease, its backoff or its block does. */
export function workTimers(event: TimedWork, { origin }: ExecutionState): Timers {
  const escalateAtMs = event.atMs + (origin.plan?.escalateMs ?? 0);
  switch (event.type) {
    case "subtask.leased":
      return { setTimers: [{ name: lease(event.data.subtask), atMs: event.data.deadlineMs }], clearTimers: [] };
    case "agent.heartbeat":
      return {
        setTimers: event.data.leases.map(({ subtask, deadlineMs }) => ({ name: lease(subtask), atMs: deadlineMs })),
        clearTimers: [],
      };
    case "agent.reported":
      return timersAfter(event, escalateAtMs);
    case "subtask.requeued": {
      const { subtask, retryAtMs } = event.data;
      const setTimers = retryAtMs === undefined ? [] : [{ name: redelivery(subtask), atMs: retryAtMs }];
      return { setTimers, clearTimers: [lease(subtask), redelivery(subtask), escalation(subtask)] };
    }
    case "subtask.blocked": {
      const { subtask } = event.data;
      return { setTimers: [{ name: escalation(subtask), atMs: escalateAtMs }], clearTimers: [lease(subtask)] };
    }
    case "subtask.completed":
    case "subtask.failed":
      return { setTimers: [], clearTimers: [lease(event.data.subtask), escalation(event.data.subtask)] };
    case "subtask.skipped":
      return { setTimers: [], clearTimers: event.data.subtasks.map(escalation) };
    case "subtask.escalated": {
      const { subtask, to } = event.data;
      // Who is asked now is reminded too.
      if (to !== undefined) return { setTimers: [{ name: escalation(subtask), atMs: escalateAtMs }], clearTimers: [] };
      return { setTimers: [], clearTimers: [escalation(subtask)] };
    }
  }
  return unreachable(event);
}

function timersAfter({ data }: Extract<Event, { type: "agent.reported" }>, escalateAtMs: number): Timers {
  const { move } = data;
  if (!move) return none;
  const { subtask } = move;
  switch (move.to) {
    case "started":
    case "progress":
      return move.deadlineMs === undefined
        ? none
        : { setTimers: [{ name: lease(subtask), atMs: move.deadlineMs }], clearTimers: [] };
    case "awaiting":
      return { setTimers: [{ name: lease(subtask), atMs: move.deadlineMs }], clearTimers: [] };
    case "completed":
    case "failed":
      return { setTimers: [], clearTimers: [lease(subtask)] };
    case "delayed":
      return { setTimers: [{ name: redelivery(subtask), atMs: move.retryAtMs }], clearTimers: [lease(subtask)] };
    case "blocked":
      return { setTimers: [{ name: escalation(subtask), atMs: escalateAtMs }], clearTimers: [lease(subtask)] };
  }
  return unreachable(move);
}
