import { describe, expect, it } from "vitest";
import { NOTHING } from "../../../src/domain/execution/budget.ts";
import type { Command } from "../../../src/domain/execution/command.ts";
import { activeMs } from "../../../src/domain/execution/state.ts";
import { unaskedRepeats } from "../../../src/domain/invariants/entries.ts";
import type { Log } from "../../support/log.ts";
import { ORIGIN, running } from "../../support/log.ts";

const effect = (more: object = {}): Command => ({
  type: "start_entry",
  key: "e",
  kind: "effect",
  name: "e",
  attempt: 1,
  ...more,
});
const gate = (more: object = {}): Command => ({
  type: "open_gate",
  key: "g",
  name: "g",
  gateId: "g1",
  kind: "pause",
  payload: { amount: 5 },
  payloadDigest: "p",
  onReject: "continue",
  ...more,
});
const rest: Command = { type: "come_to_rest" };
const decide = (more: object = {}): Command => ({
  type: "decide_gate",
  gateId: "g1",
  decision: "approved",
  by: "ann",
  ...more,
});
const turn = (reserve: object, more: object = {}): Command => ({
  type: "start_entry",
  key: "t",
  kind: "turn",
  name: "t",
  attempt: 1,
  reserve: { ...NOTHING, turns: 1, ...reserve },
  ...more,
});
const status = (log: Log) => log.state?.status;

describe("a gate", () => {
  it("waits for a person and goes on with the decision", () => {
    const log = running();
    expect(log.tell(gate(), rest)).toEqual(["gate.opened", "execution.waiting"]);
    expect(log.tell(decide({ feedback: "fine" }))).toEqual(["gate.decided", "execution.resumed"]);
    expect(log.outcome("g")).toMatchObject({ value: { decision: "approved", feedback: "fine" } });
  });

  it("takes a decision once, for the payload that was shown (P6)", () => {
    const log = running();
    log.tell(gate(), rest);
    expect(log.tell(decide({ digest: "other" }))).toEqual(["decision_mismatch"]);
    expect(log.tell(decide({ digest: "p" }))).toContain("gate.decided");
    expect(log.tell(decide({ decision: "rejected" }))).toEqual([]);
    expect(log.tell(decide({ gateId: "never" }))).toEqual(["no_open_gate"]);
  });

  it("takes only its own options", () => {
    const log = running();
    log.tell(gate({ options: ["blue", "red"] }), rest);
    expect(log.tell(decide({ option: "green" }))).toEqual(["invalid_input"]);
    expect(log.tell(decide({ option: "red" }))).toContain("gate.decided");
  });

  it.each([
    ["cancel", "cancelled"],
    ["continue", "running"],
  ])("refused or expired, with onReject %s, leaves the execution %s", (onReject, after) => {
    const refused = running();
    refused.tell(gate({ onReject }), rest, decide({ decision: "rejected" }));
    expect(status(refused)).toBe(after);
    const expired = running();
    expired.tell(gate({ onReject, expiresAtMs: 5 }), rest, { type: "fire_timer", name: "gate:g1" });
    expect(status(expired)).toBe(after);
  });
});

describe("an effect in doubt", () => {
  const doubt: Command = { type: "doubt_effect", key: "e", gateId: "g1", payload: null, payloadDigest: "p" };

  it("asks a person; a late result does not pass by the person", () => {
    const log = running();
    expect(log.tell(effect(), doubt, rest)).toEqual([
      "step.started",
      "effect.in_doubt",
      "gate.opened",
      "execution.waiting",
    ]);
    const late = {
      type: "finish_entry",
      key: "e",
      kind: "effect",
      name: "e",
      attempt: 1,
      outcome: { ok: true, value: 1 },
    } as const;
    expect(log.tell(late)).toEqual(["invalid_state"]);
  });

  it.each([
    ["retry", ["gate.decided", "effect.resolved", "execution.resumed"], "open"],
    ["succeeded", ["gate.decided", "effect.resolved", "step.completed", "execution.resumed"], "done"],
    ["failed", ["gate.decided", "effect.resolved", "step.failed", "execution.resumed"], "done"],
  ] as const)("resolved as %s", (resolution, events, entry) => {
    const log = running();
    log.tell(effect(), doubt, rest);
    expect(log.tell({ type: "resolve_effect", key: "e", resolution, output: 7, by: "bob" })).toEqual(events);
    expect(log.index.entries.get("e")?.status).toBe(entry);
    expect(log.tell({ type: "resolve_effect", key: "e", resolution: "failed", by: "bob" })).toEqual([]);
    expect(log.violations()).toEqual([]);
  });

  it("is not begun again without a permission, unless it is safe or its policy says so (P2)", () => {
    const again = (more: object) => {
      const log = running();
      log.tell(effect(more));
      return log.tell(effect({ attempt: 2, recovered: true, ...more }));
    };
    expect(again({})).toEqual(["invalid_state"]);
    expect(again({ idempotent: true, onInterrupt: "ask" })).toEqual(["invalid_state"]);
    expect(again({ idempotent: true })).toEqual(["step.started"]);
    expect(again({ onInterrupt: "retry" })).toEqual(["step.started"]);
  });

  it("that timed out is not begun again, until its probe or a person says so (P2)", () => {
    const error = { code: "timeout", message: "too long" } as const;
    const timedOut: Command = {
      type: "finish_entry",
      key: "e",
      kind: "effect",
      name: "e",
      attempt: 1,
      outcome: { ok: false, error },
      retryAtMs: 2_000,
      timedOut: true,
    };
    const log = running();
    log.tell(effect(), timedOut);
    expect(log.tell(effect({ attempt: 2 }))).toEqual(["invalid_state"]);

    const asked = running();
    asked.tell(effect());
    expect(asked.tell({ type: "begin_probe", key: "e", attempt: 2, timeoutMs: 5 })).toEqual(["invalid_state"]);
    expect(asked.tell({ type: "begin_probe", key: "e", attempt: 1, timeoutMs: 5 })).toEqual(["effect.probing"]);
    asked.tell({ type: "allow_retry", key: "e", by: "probe" }, timedOut);
    expect(asked.tell(effect({ attempt: 2 }))).toEqual(["step.started"]);
    expect(asked.violations()).toEqual([]);

    const safe = running();
    safe.tell(effect({ idempotent: true }), timedOut);
    expect(safe.tell(effect({ attempt: 2, idempotent: true }))).toEqual(["step.started"]);
    expect(safe.violations()).toEqual([]);
  });

  it("that a log began again after a timeout is reported by the invariants", () => {
    const log = running();
    log.tell(effect());
    const [began] = log.events.slice(-1);
    if (began?.type !== "step.started") throw new Error("it did not begin");
    const envelope = { atMs: log.now, actor: "test", v: 1 };
    const { seq, data } = began;
    const failed = {
      key: "e",
      kind: "effect",
      name: "e",
      attempt: 1,
      error: { code: "timeout", message: "" },
    } as const;
    const again = (timedOut: boolean) => {
      const check = unaskedRepeats();
      const events = [
        ...log.events,
        { ...envelope, type: "step.failed", seq: seq + 1, data: { ...failed, retryAtMs: 1, timedOut } },
        { ...envelope, type: "step.started", seq: seq + 2, data: { ...data, attempt: 2 } },
      ];
      return events.flatMap((event) => check({ event } as never));
    };
    expect(again(true)).toMatchObject([{ seqs: [seq + 2] }]);
    expect(again(false)).toEqual([]);
  });

  it("has no timeout that would ring for ever", () => {
    const log = running();
    log.tell(effect({ timeoutAtMs: 50 }), doubt);
    expect([...log.timers.keys()]).toEqual([]);
  });
});

describe("a budget", () => {
  it("is reserved before the turn and settled by what it used", () => {
    const log = running({ limits: { maxTokens: 100 } });
    log.tell(turn({ tokens: 80 }));
    expect(log.state).toMatchObject({ reserved: { tokens: 80 }, spent: { tokens: 0 } });
    const usage = { ...NOTHING, turns: 1, tokens: 30 };
    log.tell({
      type: "finish_entry",
      key: "t",
      kind: "turn",
      name: "t",
      attempt: 1,
      outcome: { ok: true, value: 1 },
      usage,
    });
    expect(log.state).toMatchObject({ reserved: NOTHING, spent: { tokens: 30, turns: 1 } });
  });

  it("counts an interrupted turn as spent", () => {
    const log = running({ limits: { maxTokens: 200 } });
    log.tell(turn({ tokens: 80 }), turn({ tokens: 80 }, { attempt: 2, recovered: true }));
    expect(log.state).toMatchObject({ reserved: { tokens: 80 }, spent: { tokens: 80, turns: 1 } });
  });

  it("that a turn would pass ends the execution before it", () => {
    const log = running({ limits: { maxTokens: 100 } });
    expect(log.tell(turn({ tokens: 101 }))).toEqual(["budget.exceeded", "execution.failed"]);
    expect(log.state?.errorMessage).toBe("the budget maxTokens is spent");
  });

  it("is drawn by a child once an id, and topped up when it asks for more under it", () => {
    const log = running({ limits: { maxTokens: 100 } });
    const start = {
      type: "start_child",
      key: "c",
      name: "c",
      childId: "k",
      target: "a.f",
      digest: "d",
      input: 1,
    } as const;
    log.tell({ ...start, limits: {}, grant: NOTHING });
    const draw = (tokens: number): Command => ({
      type: "draw_budget",
      childId: "k",
      drawId: "k:1",
      amount: { ...NOTHING, tokens },
    });
    expect(log.tell(draw(60), draw(60), draw(40))).toEqual(["budget.drawn"]);
    expect(log.tell(draw(70), draw(101))).toEqual(["budget.drawn", "budget_exceeded"]);
    expect(log.state?.reserved.tokens).toBe(70);
    const finished = {
      type: "child_finished",
      childId: "k",
      status: "succeeded",
      outcome: { ok: true, value: 1 },
    } as const;
    log.tell({ ...finished, usage: { ...NOTHING, tokens: 12 } }, { ...finished, usage: { ...NOTHING, tokens: 99 } });
    expect(log.state).toMatchObject({ reserved: NOTHING, spent: { tokens: 12 } });
    expect(log.tell(draw(1_000))).toEqual(["parent_refused"]);
  });
});

describe("a child's word that it waits for a person", () => {
  function parentOf(childId: string): Log {
    const log = running();
    const asked = { key: "c", name: "c", target: "a.f", digest: "d", input: 1, limits: {}, grant: NOTHING };
    log.tell({ type: "start_child", childId, ...asked }, { type: "come_to_rest" });
    return log;
  }
  const said = (waiting: boolean, seq: number): Command => ({ type: "child_waiting", childId: "k", waiting, seq });

  it("moves a resting parent with it, to and fro, and once for a letter that comes twice", () => {
    const log = parentOf("k");
    expect(log.tell(said(true, 5), said(true, 5))).toEqual(["child.waiting", "execution.waiting"]);
    expect(log.tell(said(false, 7))).toEqual(["child.waiting", "execution.resumed", "execution.suspended"]);
    expect(log.tell(said(true, 9))).toEqual(["child.waiting", "execution.waiting"]);
  });

  it("loses to a newer one that came before it, also to one that changed nothing", () => {
    const log = parentOf("k");
    expect(log.tell(said(false, 7), said(true, 5))).toEqual(["child.waiting"]);
    expect(log.state).toMatchObject({ status: "running", suspended: "awaiting_child" });
  });
});

describe("while an operator is awaited", () => {
  it.each(["pause", "block"])("(%s) nothing begins, instants are kept, and results are written down (E6)", (how) => {
    const log = running();
    log.tell(effect(), { type: "start_entry", key: "s", kind: "sleep", name: "sleep", attempt: 1, wakeAtMs: 5 });
    log.tell(how === "pause" ? { type: "pause", by: "ann" } : { type: "block", reason: "program_changed" });
    expect(log.tell(effect({ key: "new" }), gate())).toEqual(["invalid_state", "invalid_state"]);
    expect(log.tell({ type: "fire_timer", name: "sleep:s" })).toEqual([]);
    const result = {
      type: "finish_entry",
      key: "e",
      kind: "effect",
      name: "e",
      attempt: 1,
      outcome: { ok: true, value: 1 },
    } as const;
    expect(log.tell(result)).toEqual(["step.completed"]);
    expect(status(log)).toBe(how === "pause" ? "paused" : "blocked");
    log.tell({ type: "resume", by: "ann" });
    expect(log.tell({ type: "fire_timer", name: "sleep:s" })).toEqual(["step.completed"]);
  });

  it.each(["pause", "block"])(
    "(%s) a person's decision, an expiry and a child's end are written down and resume nothing",
    (how) => {
      const log = running();
      const child = { key: "c", name: "c", target: "a.f", digest: "d", input: 1, limits: {}, grant: NOTHING } as const;
      log.tell({ type: "start_child", childId: "k", ...child }, gate(), rest);
      log.tell(how === "pause" ? { type: "pause", by: "ann" } : { type: "block", reason: "program_changed" });
      const held = how === "pause" ? "paused" : "blocked";
      expect(status(log)).toBe(held);
      expect(log.tell(decide())).toEqual(["gate.decided"]);
      const finished = { type: "child_finished", childId: "k", status: "succeeded", usage: NOTHING } as const;
      expect(log.tell({ ...finished, outcome: { ok: true, value: 1 } })).toEqual(["child.finished"]);
      expect(status(log)).toBe(held);
      expect(log.tell({ type: "resume", by: "ann" })).toEqual(["execution.resumed"]);
      expect(log.violations()).toEqual([]);
    },
  );

  const block: Command = { type: "block", reason: "program_changed", detail: "it asks for more" };
  const retry = (deployment: string): Command => ({ type: "retry_program", deployment });

  it("a program that changed is tried once with the code of each deployment that answers", () => {
    const log = running();
    expect(log.tell(block, retry("d2"))).toEqual(["execution.blocked", "execution.resumed"]);
    expect(log.state).toMatchObject({ status: "running", reason: "program_retried", triedBy: "d2" });
    log.tell(block);
    expect(log.tell(retry("d2"), retry("d2"))).toEqual([]);
    expect(status(log)).toBe("blocked");
    expect(log.tell(retry("d3"))).toEqual(["execution.resumed"]);
    expect(log.violations()).toEqual([]);
  });

  it("a program that this deployment itself found changed is not tried by it again", () => {
    const log = running();
    for (const reason of ["program_changed", "never_rests"]) {
      log.tell({ ...block, reason, deployment: "d1" });
      expect(log.tell(retry("d1"))).toEqual([]);
      expect(log.tell(retry("d2"))).toEqual(["execution.resumed"]);
    }
  });

  it.each([
    ["runs", []],
    ["is paused", [{ type: "pause", by: "ann" }]],
    ["is blocked for another reason", [{ type: "block", reason: "program_changed_hands" }]],
    ["has ended", [{ type: "succeed", output: 1 }]],
  ] as [string, Command[]][])("one that %s is not tried", (_how, commands) => {
    const log = running();
    log.tell(...commands);
    const before = status(log);
    expect(log.tell(retry("d2"))).toEqual([]);
    expect(status(log)).toBe(before);
  });

  it("and while it waits or sleeps, no active time passes", () => {
    const log = running();
    log.now += 100;
    log.tell(gate(), rest);
    log.now += 10_000;
    log.tell(decide());
    log.now += 50;
    log.tell({ type: "pause", by: "ann" });
    log.now += 10_000;
    expect(log.state && activeMs(log.state, log.now)).toBe(150);
  });
});

describe("time", () => {
  it("ends an execution at its active limit, and by its budget when that is smaller", () => {
    const slow = running({ timeoutMs: 500 });
    slow.now += 500;
    expect(slow.tell({ type: "fire_timer", name: "active:" })).toEqual(["execution.timed_out"]);
    const poor = running({ timeoutMs: 500, limits: { maxDurationMs: 100 } });
    poor.now += 100;
    expect(poor.tell({ type: "fire_timer", name: "active:" })).toEqual(["budget.exceeded", "execution.failed"]);
  });

  it("whose end is late lets nothing begin in between", () => {
    const poor = running({ limits: { maxDurationMs: 100 } });
    poor.now += 100;
    expect(poor.tell(turn({}))).toEqual(["budget.exceeded", "execution.failed"]);
    const slow = running({ timeoutMs: 500 });
    slow.now += 500;
    expect(slow.tell(gate())).toEqual(["execution.timed_out"]);
    const due = running({ deadlineMs: 2_000 });
    due.now = 2_000;
    expect(due.tell(effect())).toEqual(["execution.timed_out"]);
    const early = running({ deadlineMs: 2_000, limits: { maxDurationMs: 100 } });
    early.now += 99;
    expect(early.tell(effect())).toEqual(["step.started"]);
  });

  it("ends it at its deadline also while it is paused", () => {
    const log = running({ deadlineMs: 2_000 });
    expect([...log.timers]).toEqual([["deadline:", 2_000]]);
    log.tell({ type: "pause", by: "ann" });
    expect(log.tell({ type: "fire_timer", name: "deadline:" })).toEqual(["execution.resumed", "execution.timed_out"]);
    expect([...log.timers]).toEqual([]);
  });
});

describe("a repeated creation", () => {
  it("is the same execution, and another request under its id is refused", () => {
    const log = running();
    expect(log.tell({ type: "create", origin: ORIGIN, input: null })).toEqual([]);
    expect(log.tell({ type: "create", origin: { ...ORIGIN, digest: "x" }, input: null })).toEqual([
      "idempotency_mismatch",
    ]);
  });
});

describe("a signal", () => {
  it("is taken by the oldest wait, and kept when nobody waits", () => {
    const log = running();
    const wait = (key: string): Command => ({
      type: "start_entry",
      key,
      kind: "signal",
      name: key,
      signal: "s",
      attempt: 1,
    });
    const signal = (data: number): Command => ({ type: "signal", signals: [{ name: "s", data }], by: "carl" });
    expect(log.tell(signal(1))).toEqual(["signal.received"]);
    expect(log.tell(wait("a"))).toEqual(["step.started", "step.completed"]);
    log.tell(wait("b"), wait("c"), signal(2), signal(3));
    const values = ["a", "b", "c"].map((key) => log.outcome(key));
    expect(values).toEqual([1, 2, 3].map((value) => ({ ok: true, value })));
  });
});
