/**
 * What callers may do with an execution in each status: one table that `decide` asks before it lets one of these commands
 * through, and from which each refusal with 409 lists what would be possible. A move has the name of its call's last segment.
 */

import type { Command } from "../execution/command.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal, mayMove } from "../execution/status.ts";
import type { LiveView } from "./decided.ts";
import { isProgramChanged } from "./program.ts";

export const MOVES = [
  "cancel",
  "pause",
  "resume",
  "restart",
  "signals",
  "approval-response",
  "request-approval",
  "resolve",
  "notes",
] as const;
export type Move = (typeof MOVES)[number];

type Gates = Pick<LiveView, "approvals"> & { readonly state: ExecutionState };

const LEGAL: Readonly<Record<Move, (view: Gates) => boolean>> = {
  cancel: ({ state }) => mayMove(state.status, "cancelled"),
  pause: ({ state }) => mayMove(state.status, "paused"),
  // Only what stands still goes on: a person's approval is answered, not resumed.
  resume: ({ state }) => isHalted(state) && !awaitsChoice(state),
  // Two that do the same work at once would do it twice; a program that changed does not go on by itself (E3).
  restart: ({ state }) => isTerminal(state.status) || isProgramChanged(state),
  signals: ({ state }) => !isTerminal(state.status),
  // An effect in doubt is decided so too: yes is "try it again".
  "approval-response": ({ state }) => state.gates.open > 0,
  "request-approval": (view) => !isTerminal(view.state.status) && !isHalted(view.state) && !hasOpen(view, "pause"),
  resolve: (view) => hasOpen(view, "review"),
  notes: () => true,
};

/** The commands that callers send, each with its move. */
const MOVE_OF: Partial<Readonly<Record<Command["type"], Move>>> = {
  cancel: "cancel",
  pause: "pause",
  resume: "resume",
  restart: "restart",
  signal: "signals",
  decide_gate: "approval-response",
  request_approval: "request-approval",
  resolve_effect: "resolve",
  add_note: "notes",
};

export function isLegal(move: Move, view: Gates): boolean {
  return LEGAL[move](view);
}

export function legalMoves(view: Gates): Move[] {
  return MOVES.filter((move) => LEGAL[move](view));
}

/** Whether a refusal of this command goes to a caller, who is told what else is possible. */
export function isMove({ type }: Command): boolean {
  return MOVE_OF[type] !== undefined;
}

/** True when an operator or a block halted the execution: nothing begins, no matter which command asks for it. */
export function isHalted({ status }: Pick<ExecutionState, "status">): boolean {
  return status === "paused" || status === "blocked";
}

/** A plan that is blocked goes on when a person has chosen how, and not by a resume. */
export function awaitsChoice({ status, work }: Pick<ExecutionState, "status" | "work">): boolean {
  return status === "blocked" && work !== undefined;
}

/** Among so many open approvals as are looked at. */
const MOST_GATES = 100;

function hasOpen({ state, approvals }: Gates, kind: "pause" | "review"): boolean {
  const open = Math.min(state.gates.open, MOST_GATES);
  return open > 0 && approvals.first(open).some((approval) => (approval.kind === "review") === (kind === "review"));
}
