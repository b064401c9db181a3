import type { Event } from "./event.ts";
import { openGate } from "./gate.ts";
import type { ExecutionState } from "./state.ts";

export function withOpened(
  state: ExecutionState,
  { seq, atMs, data }: Extract<Event, { type: "gate.opened" }>,
): ExecutionState {
  const { key, gateId, kind, onReject, options, expiresAtMs, requestUrl, payloadDigest, requested, reasked } = data;
  const { approvers, fourEyes } = data;
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
    ...(reasked === undefined ? {} : { reasked }),
    ...(approvers === undefined ? {} : { approvers }),
    ...(fourEyes === undefined ? {} : { fourEyes }),
  };
  const { opened, doubts, ...rest } = state.gatesSoFar;
  const gatesSoFar = {
    ...rest,
    opened: opened + 1,
    doubts: kind === "review" ? doubts + 1 : doubts,
    ...(requested ? { requested: gateId } : {}),
  };
  return { ...state, gates: [...state.gates, gate], gatesSoFar };
}

export function withClosed(
  state: ExecutionState,
  event: Extract<Event, { type: "gate.decided" | "gate.expired" }>,
): ExecutionState {
  const gate = openGate(state.gates, event.data.gateId);
  if (!gate) return state;
  const decision = event.type === "gate.expired" ? "expired" : event.data.verdict.decision;
  const lastGate = { ...gate, decision, decidedSeq: event.seq, decidedAtMs: event.atMs };
  const unnamed = event.type === "gate.decided" ? event.data.unnamed : undefined;
  const { gateId } = gate;
  const rest = withoutGate(state, gateId);
  if (unnamed === undefined) return { ...rest, lastGate };
  return { ...rest, lastGate, gatesSoFar: { ...rest.gatesSoFar, unnamed: { gateId, digest: unnamed } } };
}

/** As if the gate had never been open: one from outside holds the execution only while it is. */
export function withoutGate(state: ExecutionState, gateId: string): ExecutionState {
  const gates = state.gates.filter((gate) => gate.gateId !== gateId);
  const { requested, ...rest } = state.gatesSoFar;
  return { ...state, gates, gatesSoFar: requested === gateId ? rest : state.gatesSoFar };
}

/** The end of an execution closes all of them. */
export function withoutGates({ gatesSoFar }: ExecutionState): Pick<ExecutionState, "gates" | "gatesSoFar"> {
  const { requested: _closed, ...rest } = gatesSoFar;
  return { gates: [], gatesSoFar: rest };
}
