/** What the execution of a plan offers to agents that poll, read off its work when the message leaves. */
import type { ExecutionState } from "../domain/execution/state.ts";
import { isTerminal } from "../domain/execution/status.ts";
import type { OffersMessage } from "../domain/node/work-offer.ts";
import type { Journal } from "./journal.ts";

export function workOfferOf(journal: Journal, state: ExecutionState): OffersMessage | undefined {
  const work = journal.work.current();
  const { origin, status, seq, createdAtMs } = state;
  if (!work || !origin.plan) return undefined;
  const gives = status === "queued" || status === "running";
  const ready = gives ? work.ready.filter(({ at }) => work.actionAt(at) !== null) : [];
  const leased = gives ? work.held.flatMap((piece) => unstarted(work.state(piece))) : [];
  const agents = [...new Set([...leased, ...(state.work?.stop?.agents ?? [])])];
  const offer = {
    tenant: origin.tenant,
    executionId: origin.id,
    seq,
    isOpen: !isTerminal(status),
    agentId: origin.plan.agentId,
    actions: [...new Set(ready.flatMap(({ at }) => work.actionAt(at) ?? []))],
    ready: ready.length,
    roles: [...new Set(ready.flatMap(({ task }) => task.assigneeRole ?? []))],
    agents,
    lapses: state.work?.lapses ?? [],
    createdAtMs,
  };
  return { to: "offers", offer };
}

function unstarted({ status, lease }: { status: string; lease?: { agent: string } | undefined }): string[] {
  return status === "leased" && lease ? [lease.agent] : [];
}
