/**
 * What follows from an event besides the state: timers and messages, written in the event's own transaction. A pure
 * function of the log, so the actor, the simulator and a reader of the log agree on what must happen next.
 *
 * - A timer exists exactly while its entry or approval is open. A message leaves by the outbox, is safe to repeat and
 * stays until it is acknowledged.
 */
import type { Event } from "../execution/event.ts";
import { has } from "../execution/event-traits.ts";
import type { OutboxEntry } from "../execution/outbox-entry.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { timerName } from "../execution/timer.ts";
import { unreachable } from "../values/json.ts";
import type { Change } from "./messages.ts";
import { messagesOf } from "./messages.ts";
import { isTimedWork, workTimers } from "./work.ts";

export interface Reactions {
  readonly setTimers: readonly { readonly name: string; readonly atMs: number }[];
  /** `all` those that do not outlive the end. */
  readonly clearTimers: readonly string[] | "all";
  readonly messages: readonly OutboxEntry[];
}

export function reactionsOf(event: Event, change: Change): Reactions {
  const messages = messagesOf(event, change);
  const { before, after } = change;
  const ended = isTerminal(after.status);
  if (ended && before?.status !== after.status) return { setTimers: [], clearTimers: "all", messages };
  // An ended execution sets none; of its own it clears the one that outlives the end.
  const changed = ended && event.type !== "files.expired" ? none : timers(event, after);
  return { ...changed, messages };
}

type Timers = Pick<Reactions, "setTimers"> & { readonly clearTimers: readonly string[] };
const none: Timers = { setTimers: [], clearTimers: [] };

function timers(event: Event, state: ExecutionState): Timers {
  if (!has(event, "timer")) return none;
  if (isTimedWork(event)) return workTimers(event, state);
  switch (event.type) {
    case "files.expired":
      return { setTimers: [], clearTimers: [timerName("files")] };
    case "execution.created": {
      const { origin, files } = event.data;
      const setTimers: { name: string; atMs: number }[] = [];
      if (origin.deadlineMs !== undefined) setTimers.push({ name: timerName("deadline"), atMs: origin.deadlineMs });
      if (files) setTimers.push({ name: timerName("files"), atMs: files.expiresAtMs });
      return { setTimers, clearTimers: [] };
    }
    case "step.started":
    case "tool.started":
    case "turn.started": {
      const { key, kind, wakeAtMs, attempt } = event.data;
      const setTimers: { name: string; atMs: number }[] = [];
      if (wakeAtMs !== undefined)
        setTimers.push({
          name: timerName(kind === "signal" || kind === "external" ? kind : "sleep", key),
          atMs: wakeAtMs,
        });
      const silence = kind === "external" ? [timerName("silence", key)] : [timerName("retry", key)];
      return { setTimers, clearTimers: attempt > 1 ? silence : [] };
    }
    case "step.completed":
    case "tool.completed":
    case "turn.completed":
      return { setTimers: [], clearTimers: timersOf(event.data.key, event.data.kind) };
    case "step.failed":
    case "tool.failed":
    case "turn.failed": {
      const { key, kind, retryAtMs } = event.data;
      const setTimers = retryAtMs === undefined ? [] : [{ name: timerName("retry", key), atMs: retryAtMs }];
      return { setTimers, clearTimers: timersOf(key, kind) };
    }
    case "gate.opened": {
      const { gateId, expiresAtMs } = event.data;
      return expiresAtMs === undefined
        ? none
        : { setTimers: [{ name: timerName("gate", gateId), atMs: expiresAtMs }], clearTimers: [] };
    }
    case "external.waiting": {
      const { key, untilMs } = event.data;
      const name = timerName("silence", key);
      return untilMs === undefined
        ? { setTimers: [], clearTimers: [name] }
        : { setTimers: [{ name, atMs: untilMs }], clearTimers: [] };
    }
    case "external.extended": {
      const { key, untilMs } = event.data;
      return { setTimers: [{ name: timerName("external", key), atMs: untilMs }], clearTimers: [] };
    }
    // Whatever else the execution waits for, what its receiver does not report by then is lost.
    case "external.receiver_gone": {
      const { key, untilMs } = event.data;
      return {
        setTimers: [{ name: timerName("silence", key), atMs: untilMs }],
        clearTimers: [timerName("external", key)],
      };
    }
    case "entry.withdrawn": {
      const { key, kind, gateId } = event.data;
      const approval = gateId === undefined ? [] : [timerName("gate", gateId)];
      return { setTimers: [], clearTimers: [...timersOf(key, kind), ...approval] };
    }
    case "gate.decided":
    case "gate.expired":
      return { setTimers: [], clearTimers: [timerName("gate", event.data.gateId)] };
  }
  return unreachable(event);
}

/** Only the timers that an entry of this kind can have: clearing costs a statement each. */
function timersOf(key: string, kind: string): string[] {
  if (kind === "sleep") return [timerName("sleep", key)];
  if (kind === "signal") return [timerName(kind, key)];
  if (kind === "external") return [timerName("external", key), timerName("silence", key)];
  if (kind === "value") return [];
  return [timerName("retry", key)];
}
