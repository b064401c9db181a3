import type { Event } from "./event.ts";
import { openGate } from "./gate.ts";
import type { ExecutionState } from "./state.ts";

export function withOpened(
  state: ExecutionState,
  { seq, atMs, data }: Extract<Event, { type: "gate.opened" }>,
): ExecutionState {
  const { key, gateId, kind, onReject, options, expiresAtMs, requestUrl, payloadDigest, requested } = data;
  const gate = {
    gateId,
    key,
    kind,
    onReject,
    openedSeq: seq,
    requestedAtMs: atMs,
    digest: payloadDigest,
    ...(options ? { options } : {}),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...(requestUrl === undefined ? {} : { requestUrl }),
    ...(requested === undefined ? {} : { requested }),
  };
  return { ...state, gates: [...state.gates, gate] };
}

export function withClosed(
  state: ExecutionState,
  event: Extract<Event, { type: "gate.decided" | "gate.expired" }>,
): ExecutionState {
  const gate = openGate(state.gates, event.data.gateId);
  if (!gate) return state;
  const decision = event.type === "gate.expired" ? "expired" : event.data.verdict.decision;
  const lastGate = { ...gate, decision, decidedSeq: event.seq, decidedAtMs: event.atMs };
  return { ...state, gates: state.gates.filter((one) => one !== gate), lastGate };
}
