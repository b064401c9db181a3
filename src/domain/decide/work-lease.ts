/**
 * Leases: who gets which subtask, how long, and what becomes of one whose agent is silent. Called only by `decide`.
 *
 * - A lease names itself by a random id and counts by its epoch: who lost it changes nothing any more.
 * - An agent that asks again gets the lease that it has not begun: an answer that was lost costs nothing.
 * - After it has begun, a lease that ends says not what happened: only what may be done twice is given out again (P2).
 */
import type { NewEvent } from "../execution/event.ts";
import type { TakeWork } from "../execution/work-command.ts";
import { TIMEOUT } from "../fold/work.ts";
import { backoffMs } from "../values/backoff.ts";
import { OPTIONS_IN_DOUBT, optionsAfterError } from "../work/options.ts";
import type { Piece } from "../work/order.ts";
import type { SubtaskState } from "../work/subtask-state.ts";
import type { Work } from "../work/work.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted } from "./decided.ts";
import { openBlock } from "./work-block.ts";
import { exhausted } from "./work-exhausted.ts";

/** So many lapses on so many agents make a subtask a poisoned one. */
const POISON = { lapses: 3, agents: 2 };
const HOUR_MS = 3_600_000;
const RETRY_CAP_MS = HOUR_MS;
const RETRY_FIRST_MS = 60_000;

/** The lease that an agent has and has not begun. */
export function unstartedOf(work: Work, agentId: string): Piece | undefined {
  return work.held.find((piece) => {
    const { status, lease } = work.state(piece);
    return status === "leased" && lease?.agent === agentId;
  });
}

/** The instant up to which a call renews a lease, where that is later by more than a third; else `undefined`. */
export function renewal({ lease }: SubtaskState, lastsMs: number, now: number): number | undefined {
  if (!lease) return undefined;
  const untilMs = Math.min(now + lastsMs, lease.limitMs);
  const moved = untilMs - lease.deadlineMs;
  // The last renewal, up to the timeout of the subtask, may be a short one.
  const isLast = untilMs === lease.limitMs && moved > 0;
  return isLast || moved > lastsMs / 3 ? untilMs : undefined;
}

/**
 * Wait before the next try, in ms; `draw` is uniform in [0, 1), and 1 gives the longest. Exponential: 60 s, doubled each time up to
 * an hour, full jitter.
 */
export function redeliveryMs({ subtask }: Piece, attempt: number, draw: number): number {
  const { backoff, backoffSeconds } = subtask.retryPolicy;
  const initialMs = backoffSeconds === null ? RETRY_FIRST_MS : backoffSeconds * 1_000;
  if (backoff === "fixed") return initialMs;
  return backoffMs({ initialMs, factor: 2, maxMs: Math.max(RETRY_CAP_MS, initialMs), jitter: true }, attempt, draw);
}

export function takeWork(view: LiveView, work: Work, { command, now }: { command: TakeWork; now: number }): Decided {
  const { state } = view;
  const { agentId } = command;
  const heard: NewEvent[] = state.work?.stop?.agents.includes(agentId)
    ? [{ type: "stop.seen", data: { agent: agentId } }]
    : [];
  const own = state.origin.plan;
  if (!own || (state.status !== "queued" && state.status !== "running")) return accepted(...heard);
  if (own.agentId !== undefined && own.agentId !== agentId) return accepted(...heard);
  const again = unstartedOf(work, agentId);
  if (again) {
    const deadlineMs = renewal(work.state(again), own.leaseMs, now);
    if (deadlineMs === undefined) return accepted(...heard);
    const leases = [{ subtask: again.id, deadlineMs }];
    return accepted(...heard, { type: "agent.heartbeat", data: { agent: agentId, leases } });
  }
  const piece = nextFor(work, command, own.agentId !== undefined);
  if (!piece) return accepted(...heard);
  const started: NewEvent[] = state.status === "queued" ? [{ type: "execution.started", data: {} }] : [];
  return accepted(...heard, ...started, leaseOf(work, piece, { command, leaseMs: own.leaseMs, now }));
}

/** Those of its own role come first, then those of any other that are not left to others. An execution for one agent leaves nothing to others. */
function nextFor(work: Work, { actions, role, reserved = [] }: TakeWork, isOnly: boolean): Piece | undefined {
  const left = new Map(isOnly ? [] : reserved.map((one) => [one.role, new Set(one.actions)]));
  const does = (piece: Piece) => {
    const action = work.actionAt(piece.at);
    return action !== null && Object.hasOwn(actions, action);
  };
  const meant = ({ task }: Piece) => task.assigneeRole === null || task.assigneeRole === role;
  const isLeft = ({ at, task }: Piece) => left.get(task.assigneeRole ?? "")?.has(work.actionAt(at) ?? "") === true;
  return work.first((piece) => meant(piece) && does(piece)) ?? work.first((piece) => does(piece) && !isLeft(piece));
}

function leaseOf(
  work: Work,
  piece: Piece,
  { command, leaseMs, now }: { command: TakeWork; leaseMs: number; now: number },
): NewEvent {
  const { subtask } = piece;
  const { epoch, instead } = work.state(piece);
  const limitMs = now + subtask.timeoutHours * HOUR_MS;
  const said = command.actions[work.actionAt(piece.at) ?? ""] === true;
  const data = {
    subtask: piece.id,
    agent: command.agentId,
    leaseId: command.leaseId,
    epoch: epoch + 1,
    deadlineMs: Math.min(now + leaseMs, limitMs),
    limitMs,
    // What the plan says of its own action says nothing of another one.
    idempotent: (instead && instead.action !== subtask.action ? null : subtask.idempotent) ?? said,
  };
  return { type: "subtask.leased", data };
}

/** A timer that comes so late was not late by itself: this object was not there, and its agents were not heard. */
const OUTAGE_MS = 15_000;

/** The instant up to which a lease lasts that ended while this object was not there to hear its agent; `undefined` of any other. */
function afterOutage({ state }: LiveView, { lease }: SubtaskState, now: number): number | undefined {
  if (!lease || now - lease.deadlineMs < OUTAGE_MS || lease.limitMs <= now) return undefined;
  return Math.min(now + Math.ceil((state.origin.plan?.leaseMs ?? 0) / 3), lease.limitMs);
}

/** The timer of a lease: its agent was silent for so long, or the time of the subtask is over. */
export function endLease(view: LiveView, work: Work, { id, now }: { id: string; now: number }): Decided {
  const piece = work.piece(id);
  const state = piece && work.state(piece);
  if (!piece || !state?.lease || state.lease.deadlineMs > now) return accepted();
  const { lease, status, attempt } = state;
  const isOver = lease.limitMs <= now;
  const longer = afterOutage(view, state, now);
  if (longer !== undefined) {
    const leases = [{ subtask: id, deadlineMs: longer }];
    return accepted({ type: "agent.heartbeat", data: { agent: lease.agent, leases, why: "outage" } });
  }
  const lost = isOver ? {} : { lapsed: lease.agent };
  if (status === "awaiting") {
    const why = `it waited for the outside until its time was over`;
    const options = optionsAfterError(piece.subtask, []);
    return accepted(...openBlock(view, piece, { why, options, blocking: false, errorType: "timeout" }));
  }
  if (status === "started" && !lease.idempotent) {
    const why = `the agent ${lease.agent} began it and was not heard of again: it may have happened`;
    return accepted(
      ...openBlock(view, piece, { why, options: OPTIONS_IN_DOUBT, blocking: false, errorType: "in_doubt", ...lost }),
    );
  }
  const lapses = [...(state.lapses ?? []), lease.agent];
  if (lapses.length >= POISON.lapses && new Set(lapses).size >= POISON.agents) {
    const why = `${lapses.length} leases of it ended without a word, on ${new Set(lapses).size} agents`;
    return accepted(
      ...openBlock(view, piece, { why, options: OPTIONS_IN_DOUBT, blocking: false, errorType: "poisoned", ...lost }),
    );
  }
  const again = status === "started" && isOver;
  if (again && attempt >= piece.subtask.retryPolicy.maxAttempts)
    return accepted(
      ...exhausted(view, work, { piece, error: "it took longer than its timeout", errorType: "timeout" }),
    );
  const why = isOver ? TIMEOUT : "lease_ended";
  const data = { subtask: id, why, attempt: again ? attempt + 1 : attempt, lapsed: lease.agent };
  return accepted({ type: "subtask.requeued", data });
}

/** The wait before the next try is over. */
export function redeliver(work: Work, id: string): Decided {
  const piece = work.piece(id);
  const state = piece && work.state(piece);
  if (state?.status !== "delayed") return accepted();
  return accepted({ type: "subtask.requeued", data: { subtask: id, why: "backoff_over", attempt: state.attempt } });
}

/** It was blocked for long. */
export function escalate(work: Work, id: string): Decided {
  const piece = work.piece(id);
  const blocked = piece && work.state(piece).blocked;
  if (!blocked) return accepted();
  return accepted({ type: "subtask.escalated", data: { subtask: id, blockedSinceMs: blocked.sinceMs } });
}
