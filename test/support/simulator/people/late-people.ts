/**
 * People, callers and messages that come once more, or too late. What they say was said before or is over: it is answered
 * with what is so already, or refused, and nothing is written down (D2, G2, V3).
 */
import { CHILD_REFUSED } from "../../../../src/domain/decide/child.ts";
import type { Decided } from "../../../../src/domain/decide/decided.ts";
import type { Command } from "../../../../src/domain/execution/command.ts";
import { loggedCode } from "../../../../src/domain/execution/error-code.ts";
import type { Event } from "../../../../src/domain/execution/event.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import type { SimWorld } from "../sim-world.ts";

export interface Late {
  readonly id: string;
  readonly what: string;
  readonly command: Command;
}

/** Says one of the things that can be repeated now; `draw` in [0, 1) picks it. */
export function repeatOne(world: SimWorld, draw: number): void {
  const all = [...world.stores.keys()].flatMap((id) => lateFor(world, id));
  const late = all[Math.floor(draw * all.length)];
  if (!late || world.refusal(late.id)) return;
  const { id, what, command } = late;
  world.trace.push(`AGAIN ${id}: ${what}`);
  world.try(() => {
    const decided: Decided = world.actor(id).journal.dispatch(command, "again");
    if (decided.ok && decided.events.length > 0)
      world.wrongs.push(`D2: ${what} to ${id} wrote ${decided.events.map(({ type }) => type).join()}`);
  });
}

/** All that can be said to it again now, or that comes too late. None of it may write anything. */
export function lateFor(world: SimWorld, id: string): Late[] {
  const { events, state } = world.store(id).view;
  if (!state) return [];
  const late = (what: string, command: Command): Late => ({ id, what, command });
  const over = isTerminal(state.status);
  return [
    ...events.flatMap((event) => ofEvent(event).map(([what, command]) => late(what, command))),
    ...(over ? AFTER_THE_END.map((command) => late(command.type, command)) : []),
    ...(state.status === "paused" ? [late("another pause", { type: "pause", by: "eve" })] : []),
    ...(state.status === "running" ? [late("a resume", { type: "resume", by: "eve" })] : []),
    ...(over || state.status === "blocked" ? [] : [late("a restart of what goes on", restartOf(state.status))]),
    ...(state.triedBy === undefined
      ? []
      : [late("the same deployment", { type: "retry_program", deployment: state.triedBy })]),
    late("a decision about no gate", { type: "decide_gate", gateId: "gate_none", decision: "approved", by: "eve" }),
    late("a doubt that never was", { type: "resolve_effect", gateId: "gate_none", resolution: "retry", by: "eve" }),
  ];
}

const AFTER_THE_END: readonly Command[] = [
  { type: "cancel", by: "eve" },
  { type: "pause", by: "eve" },
  { type: "resume", by: "eve" },
  { type: "signal", signals: [{ name: "late", data: 1 }], by: "eve" },
  { type: "recover" },
  { type: "external_waiting", of: {}, waiting: true },
  { type: "receiver_restarted", instance: "late", graceMs: 0 },
  { type: "start_entry", key: "late", kind: "effect", name: "late", attempt: 1 },
  { type: "succeed", output: "late" },
  { type: "fail", code: loggedCode("late"), message: "late" },
  { type: "block", reason: "program_changed", detail: "late" },
];

const restartOf = (status: string): Command => ({
  type: "restart",
  id: "exec_too_early",
  runId: "run",
  scope: "execution",
  reuse: "all-succeeded",
  fork: false,
  digest: status,
  by: "eve",
});

type Said = readonly [what: string, command: Command];

/** What an event came of, once more; with another answer, where there could be one. */
function ofEvent(event: Event): Said[] {
  switch (event.type) {
    case "execution.created": {
      const { origin, input } = event.data;
      const other = { ...origin, digest: "another request" };
      return [
        ["the start", { type: "create", origin, input }],
        ["another start under this id", { type: "create", origin: other, input }],
      ];
    }
    case "step.completed":
    case "step.failed": {
      const { key, kind, attempt } = event.data;
      const outcome = { ok: true, value: "another end" } as const;
      if (kind !== "external") return [];
      return [["another report of a receiver", { type: "finish_external", of: { key, attempt }, outcome }]];
    }
    case "gate.decided":
    case "gate.expired":
      return ofGate(event.data);
    case "child.finished": {
      const { childId, usage, goesOnBelow = false, outcome: known } = event.data;
      // One whose start was refused never was, and may have been taken on anew under its id.
      if (!known.ok && known.error.code === CHILD_REFUSED) return [];
      const outcome = { ok: true, value: "another output" } as const;
      const ended = { type: "child_finished", childId, status: "succeeded", outcome, usage, goesOnBelow } as const;
      return [["the end of a child", ended]];
    }
    case "child.waiting": {
      const { childId, waiting, childSeq = 0 } = event.data;
      return [["an older letter", { type: "child_waiting", childId, waiting: !waiting, seq: childSeq - 1 }]];
    }
    case "budget.drawn":
      return [["a draw", { type: "draw_budget", ...event.data }]];
    case "successor.started":
      return [
        ["the restart", { type: "restart", ...event.data }],
        ["another restart under this id", { type: "restart", ...event.data, digest: "another request" }],
      ];
    case "journal.inherited": {
      const { offers, upto, done } = event.data;
      return [["a page of offers", { type: "inherit", offset: -1, offers, upto, done }]];
    }
    default:
      return [];
  }
}

function ofGate({
  gateId,
  key,
  kind,
}: {
  readonly gateId: string;
  readonly key: string;
  readonly kind: string;
}): Said[] {
  const by = "eve";
  const decisions = (["approved", "rejected", "request_changes"] as const).map(
    (decision): Said => [`${decision} for a gate that is over`, { type: "decide_gate", gateId, decision, by }],
  );
  if (kind !== "review") return decisions;
  const late = { type: "resolve_effect", gateId, by } as const;
  return [
    ...decisions,
    ["a late result", { ...late, resolution: "succeeded", output: "another result" }],
    ["a late failure", { ...late, key, resolution: "failed" }],
  ];
}
