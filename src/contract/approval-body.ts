import type { z } from "zod";
import { openGate } from "../domain/gate.ts";
import type { ExecutionState } from "../domain/state.ts";
import type { ExecutionView } from "../domain/view.ts";
import type { AskedBody } from "./approval-requests.ts";
import type { ApprovalStatusBody } from "./replies.ts";
import { iso } from "./wire.ts";

/** The open approval, else the one that was decided last. */
export function approvalStatusBody({
  openGates,
  state,
  lastVerdict,
}: ExecutionView): z.infer<typeof ApprovalStatusBody> {
  const [open] = openGates;
  const gate = open ? openGate(state.gates, open.gateId) : state.lastGate;
  if (!gate) throw new Error("an approval status was asked of an execution that never requested one");
  const base = {
    approval_request_id: gate.gateId,
    requested_at: iso(gate.requestedAtMs),
    payload_digest: gate.digest,
    ...(gate.requestUrl === undefined ? {} : { request_url: gate.requestUrl }),
    ...(gate.expiresAtMs === undefined ? {} : { expires_at: iso(gate.expiresAtMs) }),
  };
  if (open) return { status: "pending", ...base, payload: open.payload };
  const { lastGate } = state;
  if (!lastGate) throw new Error("a decided gate has no decision");
  return {
    status: lastGate.decision,
    ...base,
    responded_at: iso(lastGate.decidedAtMs),
    ...(lastVerdict?.feedback === undefined ? {} : { feedback: lastVerdict.feedback }),
    ...(lastVerdict?.option === undefined ? {} : { option: lastVerdict.option }),
    ...(lastVerdict?.response === undefined ? {} : { response: lastVerdict.response }),
  };
}

export function askedBody(state: ExecutionState, id: string): z.infer<typeof AskedBody> {
  const gate = openGate(state.gates, id);
  if (gate?.expiresAtMs === undefined) throw new Error("an approval that was just asked for is not open");
  return {
    execution_id: state.origin.id,
    approval_request_id: id,
    approval_request_url: gate.requestUrl ?? `/ui/approvals/${id}`,
    status: "pending",
    execution_status: state.status,
    expires_at: iso(gate.expiresAtMs),
  };
}
