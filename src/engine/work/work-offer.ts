/** What the execution of a plan offers to agents that poll, read off its work when the message leaves. */
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { Reserved } from "../../domain/execution/work-command.ts";
import type { OffersMessage } from "../../domain/node/work-offer.ts";
import type { Piece } from "../../domain/work/order.ts";
import type { Work } from "../../domain/work/work.ts";
import type { Journal } from "../journal/journal.ts";

/** The subtasks of further roles go to any agent that can do them. */
const MOST_ROLES = 100;
/** Most actions in an offer. It is sent at each event, and kept of each execution: a plan of thousands of words does not make it large. */
const MOST_ACTIONS = 200;

export function workOfferOf(journal: Journal, state: ExecutionState): OffersMessage | undefined {
  const work = journal.work.current();
  const { origin, status, seq, createdAtMs } = state;
  if (!work || !origin.plan) return undefined;
  const gives = status === "queued" || status === "running";
  const ready = gives ? work.ready.filter(({ at }) => work.actionAt(at) !== null) : [];
  const leased = gives ? work.held.flatMap((piece) => unstarted(work.state(piece))) : [];
  const agents = [...new Set([...leased, ...(state.work?.stop?.agents ?? [])])];
  const actions = [...new Set(ready.flatMap(({ at }) => work.actionAt(at) ?? []))];
  const holders = isTerminal(status) ? [] : work.held.flatMap((piece) => work.state(piece).lease?.agent ?? []);
  const offer = {
    tenant: origin.tenant,
    executionId: origin.id,
    seq,
    isOpen: !isTerminal(status),
    agentId: origin.plan.agentId,
    actions: actions.slice(0, MOST_ACTIONS),
    isCut: actions.length > MOST_ACTIONS,
    ready: ready.length,
    roles: [...new Set(ready.flatMap(({ task }) => task.assigneeRole ?? []))].slice(0, MOST_ROLES),
    agents,
    asks: asksOf(work, ready),
    holders: [...new Set(holders)],
    leaseMs: origin.plan.leaseMs,
    lapses: state.work?.lapses ?? [],
    createdAtMs,
  };
  return { to: "offers", offer };
}

function asksOf(work: Work, ready: readonly Piece[]): Reserved[] {
  const asks = new Map<string, Set<string>>();
  let named = 0;
  for (const { at, task } of ready) {
    const action = work.actionAt(at);
    if (task.assigneeRole === null || action === null) continue;
    const actions = asks.get(task.assigneeRole) ?? new Set();
    if (named === MOST_ACTIONS || actions.has(action) || (asks.size === MOST_ROLES && actions.size === 0)) continue;
    asks.set(task.assigneeRole, actions.add(action));
    named += 1;
  }
  return [...asks].map(([role, actions]) => ({ role, actions: [...actions] }));
}

function unstarted({ status, lease }: { status: string; lease?: { agent: string } | undefined }): string[] {
  return status === "leased" && lease ? [lease.agent] : [];
}
