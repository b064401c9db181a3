/**
 * What the course of an execution changes in its state: each status from the start to the end. Called only by `evolve`.
 *
 * - The first terminal status stays.
 */
import type { Event, EventData } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { factsOf } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { unreachable } from "../values/json.ts";
import { awake, rest, without } from "./active-clock.ts";
import { withoutApprovals } from "./approval.ts";
import { replayed } from "./restart.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

type StatusEvent = Exclude<Extract<Event, { type: `execution.${string}` }>, { type: "execution.created" }>;

export function changeStatus(state: ExecutionState, event: StatusEvent): ExecutionState {
  // The first terminal status stays.
  if (isTerminal(state.status)) return event.type === "execution.recovered" ? recovered(state, event) : state;
  switch (event.type) {
    case "execution.queued":
      return { ...rest(state, event.atMs), status: "queued" };
    case "execution.started":
      return { ...running(state, event), ...ranBy(event.data) };
    case "execution.waiting":
      return { ...rest(state, event.atMs), status: "waiting", ...begun(state, event), reason: event.data.reason };
    case "execution.suspended":
      return suspend(state, event);
    case "execution.blocked":
      return { ...blocked(state, event), ...triedBy(event.data) };
    case "execution.paused":
      return { ...rest(state, event.atMs), status: "paused", ...begun(state, event), ...said(state, event) };
    case "execution.resumed":
      return { ...running(state, event, event.data), ...triedBy(event.data), ...movedBy(state, event.data) };
    case "execution.recovered":
      return recovered(state, event);
    case "execution.succeeded":
    case "execution.failed":
    case "execution.cancelled":
    case "execution.timed_out":
      return end(state, event);
  }
  return unreachable(event);
}

/** Each status after the start names its instant. */
const begun = ({ startedAtMs }: ExecutionState, { atMs }: Event) => ({ startedAtMs: startedAtMs ?? atMs });

const stored = ({ data }: Extract<Event, { type: "execution.succeeded" }>) =>
  data.stored ? ({ storedResult: "named" } as const) : {};

function errorOf({ code, message }: EventData<"execution.failed">) {
  return { errorCode: code, errorMessage: message.slice(0, 500) };
}

interface Words {
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
}

/** A fixed word, and behind it what a person or the engine says more. */
function worded({ reason, detail }: Words): { reason?: string } {
  if (reason === undefined) return {};
  return { reason: detail === undefined ? reason : `${reason}: ${detail.slice(0, 500)}` };
}

const MOST_BULKS = 8;

/** The bulk operation that sent the move, which may send it again. */
function movedBy({ bulks = [] }: ExecutionState, { bulk }: { bulk?: string | undefined }): { bulks?: string[] } {
  return bulk === undefined ? {} : { bulks: [...bulks, bulk].slice(-MOST_BULKS) };
}

const said = (state: ExecutionState, { data }: Of<"execution.paused" | "execution.cancelled">) => ({
  ...worded(data),
  ...movedBy(state, data),
});

type End = Of<"execution.succeeded" | "execution.failed" | "execution.cancelled" | "execution.timed_out">;

function end(state: ExecutionState, event: End): ExecutionState {
  const facts = rest(state, event.atMs);
  const { startedAtMs } = state;
  const started = startedAtMs === undefined ? {} : { startedAtMs };
  const ended = { ...facts, ...started, finishedAtMs: event.atMs, ...withoutApprovals(facts) };
  switch (event.type) {
    case "execution.succeeded":
      return { ...ended, status: "succeeded", resultSeq: event.seq, ...stored(event), ...replayed(facts) };
    case "execution.failed":
      return { ...ended, status: "failed", resultSeq: event.seq, ...errorOf(event.data) };
    case "execution.cancelled":
      return { ...ended, status: "cancelled", ...said(state, event) };
    case "execution.timed_out":
      return { ...ended, status: "timeout", reason: `timeout: ${event.data.limit}` };
  }
  return unreachable(event);
}

function running(state: ExecutionState, event: Event, words: Words = {}): ExecutionState {
  const { activeSinceMs = event.atMs } = state;
  const facts = factsOf(without(state, "awaitsTurn"));
  return { ...facts, status: "running", ...begun(state, event), activeSinceMs, ...worded(words) };
}

function blocked(state: ExecutionState, event: Of<"execution.blocked">): ExecutionState {
  const { reason = event.data.reason } = worded(event.data);
  return { ...rest(state, event.atMs), status: "blocked", ...begun(state, event), reason };
}

const triedBy = ({ deployment }: { deployment?: string | undefined }) =>
  deployment === undefined ? {} : { triedBy: deployment };
const ranBy = ({ deployment }: { deployment?: string | undefined }) =>
  deployment === undefined ? {} : { ranBy: deployment };

function suspend(state: ExecutionState, event: Of<"execution.suspended">): ExecutionState {
  if (state.status !== "running") return state;
  const { reason } = event.data;
  return { ...rest(state, event.atMs), status: "running", ...begun(state, event), suspended: reason, reason };
}

function recovered(state: ExecutionState, { atMs, data }: Of<"execution.recovered">): ExecutionState {
  const { spared } = data;
  const counts = { recoveries: data.count, recoveriesWithoutProgress: data.withoutProgress };
  const known = without(awake(state, atMs), "outgrown");
  return { ...known, ...counts, ...(spared === undefined ? {} : { spared }), ...ranBy(data) };
}
