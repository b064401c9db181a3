/** What must hold in the little platform at every quiet moment, and whenever time is about to move. Finds, and says it. */
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import { retentionEndsAtMs } from "../../../../src/domain/read-models/tombstone.ts";
import type { DurableExecution } from "../../../../src/engine/execution/durable-execution.ts";
import { isBusy } from "../../../../src/engine/journal/next-wake.ts";
import type { SimStore } from "../actors/sim-store.ts";

interface Watched {
  readonly now: number;
  readonly stores: ReadonlyMap<string, SimStore>;
  readonly actors: ReadonlyMap<string, DurableExecution>;
  /** The platform lost its alarm, and nothing has set another one: the sweeper is on its way. */
  readonly isLost: (id: string) => boolean;
  /** It waits for a moment of its own process. */
  readonly isPutOff: (id: string) => boolean;
  /** No heartbeat is planned for later, whatever the clock on the wall has shown. */
  readonly latestHeartbeatMs: number;
  /** Where the log of each actor stood when it was loaded: older duties wait for their alarm. */
  readonly loadedAt: ReadonlyMap<string, number>;
}

/** P1 at every quiet moment: what is committed and has not ended has an alarm, and what works one within a heartbeat. */
export function unarmed({ stores, isLost, latestHeartbeatMs }: Watched): string[] {
  const wrongs: string[] = [];
  for (const [id, { view, durable, putOffMs }] of stores) {
    for (const { state, alarmAtMs } of view === durable ? [view] : [view, durable]) {
      if (!state || isTerminal(state.status) || isLost(id)) continue;
      const { status, seq } = state;
      if (alarmAtMs === undefined) wrongs.push(`P1: ${id} is ${status} at ${seq} and no alarm is armed`);
      else if (alarmAtMs !== putOffMs && isBusy(state) && alarmAtMs > latestHeartbeatMs)
        wrongs.push(`P1: ${id} works at ${seq}, and its alarm is later than a heartbeat`);
    }
  }
  return wrongs;
}

/** Nothing is pending and time is about to move: who ought to be doing something now? A net is no excuse. */
export function overdue(watched: Watched): string[] {
  const wrongs: string[] = [];
  for (const [id, { state, busy, journal }] of watched.actors) {
    const loadedAt = watched.loadedAt.get(id) ?? 0;
    const isPutOff = watched.isPutOff(id);
    const working = state?.status === "running" && isBusy(state) && state.seq > loadedAt;
    if (working && !busy && !isPutOff && journal.alarmAtMs !== undefined && journal.alarmAtMs > watched.now)
      wrongs.push(`lost wake-up: ${id} is running at ${state.seq} and does nothing`);
    for (const [name, { attempts, message }] of journal.outbox)
      if (attempts === 0 && message.seq > loadedAt && journal.isCommitted(name) && !isPutOff)
        wrongs.push(`${id} holds the message ${name} and did not send it`);
    wrongs.push(...misled(watched, id, journal));
  }
  return wrongs;
}

/** Nothing is on its way and nothing is owed: then a parent knows which of its children wait for a person. */
function misled({ stores }: Watched, id: string, journal: DurableExecution["journal"]): string[] {
  const { state } = journal;
  if (!state || isTerminal(state.status)) return [];
  const entries = journal.index();
  return [...entries.open].flatMap((key) => {
    const entry = entries.entries.get(key);
    if (entry?.kind !== "child" || entry.childId === undefined || entry.status === "done") return [];
    const { childId, childWaiting = false } = entry;
    const child = stores.get(childId)?.view;
    if (!child?.state || child.outbox.has("parent:waiting") || isTerminal(child.state.status)) return [];
    if (childWaiting === (child.state.status === "waiting")) return [];
    return [`${id} takes its child ${childId} for ${childWaiting ? "waiting" : "going on"}`];
  });
}

interface Reaching {
  readonly id: string;
  readonly label: string;
  readonly root: string;
  /** Whom a cancel of the root still waits for. */
  readonly pending: () => readonly string[];
}

/**
 * Whoever begins something with the outside may do so: E6 for itself, P3 for all below a cancel. What a try goes on with
 * ("again") was begun before.
 */
export function outOfTurn(stores: ReadonlyMap<string, SimStore>, { id, label, root, pending }: Reaching): string[] {
  const statusOf = (of: string) => stores.get(of)?.view.state?.status;
  const wrong = (why: string) => `${id} reaches the outside (${label}) ${why}`;
  const isHeld = statusOf(id) !== "running" && label !== "look" && !label.startsWith("again ");
  const isOver = isBelow(stores, id, root) && statusOf(root) === "cancelled" && pending().length === 0;
  return [
    ...(isHeld ? [wrong(`while it is ${statusOf(id)}`)] : []),
    ...(isOver ? [wrong("after the cancel is quiesced (P3)")] : []),
  ];
}

/** Whoever follows the root, and all below it, is not the root's. */
function isBelow(stores: ReadonlyMap<string, SimStore>, id: string, root: string): boolean {
  const parentId = stores.get(id)?.view.state?.origin.parentId;
  return parentId === undefined ? id === root : isBelow(stores, parentId, root);
}

/** Whose retention ends first, and when. */
export function firstToExpire(stores: ReadonlyMap<string, SimStore>, retentionMs: number) {
  const ends = [...stores].flatMap(([id, { view }]) => {
    const endsAtMs = view.state && retentionEndsAtMs(view.state, retentionMs);
    return endsAtMs === undefined ? [] : [{ id, endsAtMs }];
  });
  return ends.sort((a, b) => a.endsAtMs - b.endsAtMs)[0];
}
