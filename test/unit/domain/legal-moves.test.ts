/** Each refusal with 409 lists what is possible, from the table that the refusals themselves come from. */
import { expect, it } from "vitest";
import { problemOf } from "../../../src/contract/problem.ts";
import type { Move } from "../../../src/domain/decide/legal-moves.ts";
import { MOVES } from "../../../src/domain/decide/legal-moves.ts";
import type { Command } from "../../../src/domain/execution/command.ts";
import type { Status } from "../../../src/domain/execution/status.ts";
import { FAULTS } from "../../../src/domain/values/fault.ts";
import { Log, ORIGIN } from "../../support/log.ts";

const by = "ann";
const COMMANDS: Readonly<Record<Move, Command>> = {
  cancel: { type: "cancel", by },
  pause: { type: "pause", by },
  resume: { type: "resume", by },
  restart: {
    ...{ type: "restart", id: "exec_next", runId: "run", scope: "execution", reuse: "none", fork: false },
    ...{ digest: "d", by },
  },
  signals: { type: "signal", signals: [{ name: "go", data: null }], by },
  "approval-response": { type: "decide_gate", decision: "approved", by },
  "request-approval": {
    ...{ type: "request_approval", gateId: "asked", payload: null, payloadDigest: "p" },
    ...{ expiresAtMs: 9_000_000_000_000, by },
  },
  resolve: { type: "resolve_effect", resolution: "retry", by },
  notes: { type: "add_note", message: "m", tags: [], by },
};

const begun = () => {
  const log = new Log();
  log.dispatch({ type: "create", origin: ORIGIN, input: null });
  log.dispatch({ type: "begin" });
  return log;
};
const after = (...commands: Command[]) => {
  const log = begun();
  for (const command of commands) log.dispatch(command);
  return log;
};
const gate: Command = {
  ...{ type: "open_gate", key: "g", name: "g", gateId: "g1", kind: "pause", payload: null },
  ...{ payloadDigest: "p", onReject: "continue" },
};
const doubt: readonly Command[] = [
  { type: "start_entry", key: "e", kind: "effect", name: "e", attempt: 1, onInterrupt: "ask" },
  { type: "doubt_effect", key: "e", gateId: "g2", payload: null, payloadDigest: "p" },
];

const STANDS: readonly (readonly [Status, string, () => Log, readonly Move[]])[] = [
  ["running", "", begun, ["cancel", "pause", "signals", "request-approval", "notes"]],
  [
    "waiting",
    " for a person",
    () => after(gate, { type: "come_to_rest" }),
    ["cancel", "pause", "signals", "approval-response", "notes"],
  ],
  [
    "waiting",
    " for an effect in doubt",
    () => after(...doubt, { type: "come_to_rest" }),
    ["cancel", "pause", "signals", "approval-response", "request-approval", "resolve", "notes"],
  ],
  ["paused", "", () => after(COMMANDS.pause), ["cancel", "resume", "signals", "notes"]],
  [
    "blocked",
    "",
    () => after({ type: "block", reason: "max_recoveries" }),
    ["cancel", "pause", "resume", "signals", "notes"],
  ],
  [
    "blocked",
    " because its program changed",
    () => after({ type: "block", reason: "program_changed" }),
    ["cancel", "pause", "resume", "restart", "signals", "notes"],
  ],
  ["succeeded", "", () => after({ type: "succeed", output: 1 }), ["restart", "notes"]],
  ["failed", "", () => after({ type: "fail", code: "error", message: "m" }), ["restart", "notes"]],
  ["cancelled", "", () => after(COMMANDS.cancel), ["restart", "notes"]],
];

for (const [status, why, make, moves] of STANDS) {
  it(`an execution that is ${status}${why} says exactly what is possible whenever it refuses a command`, () => {
    const { state } = make();
    expect(state?.status).toBe(status);
    for (const move of MOVES) {
      const log = make();
      const decided = log.dispatch(COMMANDS[move]);
      const refused = !decided.ok && FAULTS[decided.code].status === 409;
      // What is so already is answered as done.
      const isSo = (move === "pause" && status === "paused") || (move === "resume" && status === "running");
      expect([move, refused]).toEqual([move, !moves.includes(move) && !isSo]);
      if (!refused) continue;
      const problem = problemOf(decided, "req_1");
      expect(problem.legal_moves).toEqual(moves);
      expect(problem.detail).toContain(`Possible while it is ${status}: ${moves.join(", ")}.`);
    }
  });
}
