/** Which approval a decision is for, as far as approvals and effects in doubt answer alike. Called only by `decide`. */
import type { OpenApproval } from "../execution/approval.ts";
import { isTerminal } from "../execution/status.ts";
import type { Refusal } from "../values/fault.ts";
import { refuse } from "../values/fault.ts";
import type { Decided, LiveView } from "./decided.ts";
import { illegal } from "./decided.ts";

/** The open approval, or what a decision that finds none is answered. */
export type Meant = { readonly approval: OpenApproval } | { readonly answer: Decided };

/** So many open approvals are named at most: who asks wants one. */
export const MOST_NAMED = 100;

/** It was decided: nothing happens once more. */
export const already = (gateId: string): Decided => ({ ok: true, events: [], gateId });

/** An approval that is not open: decided, closed without a decision, or never there. */
export function decidedBefore(view: LiveView, gateId: string): Decided {
  const mark = view.index().approvals.get(gateId);
  if (mark?.decision !== undefined) return already(gateId);
  if (isTerminal(view.state.status)) return illegal(view.state, "be decided on");
  return refuse("no_open_gate", `no approval "${gateId.slice(0, 300)}" is open here`);
}

/** Several were asked for: a decision that names none could be for any of them. */
export function nameOne(
  approvals: readonly OpenApproval[],
  { open, field }: { readonly open: number; readonly field: string },
): Refusal {
  const named = approvals.map(({ gateId, digest }) => ({ id: gateId, gateId, digest }));
  const ids = named.map(({ id }) => id).join(", ");
  const more = open > named.length ? ` and ${open - named.length} more` : "";
  const detail = `${field}: this execution asked more than once, so say which one is meant; open: ${ids.slice(0, 4_000)}${more}`;
  return { ...refuse("approval_id_required", detail), open: named };
}
