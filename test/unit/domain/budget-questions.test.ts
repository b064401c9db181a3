/** A limit that asks (`onExceeded: "pause"`): what is asked, what each answer means, and the warning before. */
import { describe, expect, it } from "vitest";
import { decide } from "../../../src/domain/decide/decide.ts";
import { NOTHING, tighter } from "../../../src/domain/execution/budget.ts";
import { sliceOf } from "../../../src/domain/execution/child-origin.ts";
import type { Command } from "../../../src/domain/execution/command.ts";
import { ExecutionState } from "../../../src/domain/execution/state.ts";
import { activeLimitAtMs } from "../../../src/domain/read-models/why.ts";
import { canonicalJson } from "../../../src/domain/values/json.ts";
import type { Log } from "../../support/log.ts";
import { running } from "../../support/log.ts";

const turn = (key: string): Command => ({
  ...{ type: "start_entry", key, kind: "turn", name: key, attempt: 1, reserve: { ...NOTHING, turns: 1 } },
});
const finished = (key: string): Command => ({
  ...{ type: "finish_entry", key, kind: "turn", name: key, attempt: 1, outcome: { ok: true, value: 1 } },
  usage: { ...NOTHING, turns: 1 },
});
const asking = (limits: object = { maxTurns: 2 }) => running({ limits: { ...limits, onExceeded: "pause" } });
const spend = (log: Log, count: number) => {
  for (let at = 1; at <= count; at += 1) log.tell(turn(`t${at}`), finished(`t${at}`));
};
const start = (childId: string) =>
  ({ type: "start_child", key: "c", name: "c", childId, target: "a.f", digest: "d", input: 1 }) as const;
/** What the newest question shows. */
const asked = (log: Log) =>
  log.events.flatMap((event) => (event.type === "gate.opened" ? [event.data.payload] : [])).at(-1);
const answer = (log: Log, more: object): string[] => {
  const [gateId = ""] = log.gates.keys();
  return log.tell({ type: "decide_gate", gateId, by: "ann", decision: "approved", ...more } as Command);
};

describe("a limit that asks", () => {
  it("opens an approval in the place of what would pass it, and begins nothing until it is decided", () => {
    const log = asking();
    spend(log, 2);
    expect(log.tell(turn("t3"))).toEqual(["gate.opened", "execution.waiting"]);
    const opened = log.events.find(({ type }) => type === "gate.opened");
    expect(opened?.data).toMatchObject({
      kind: "pause",
      payload: { kind: "budget", limit: "max_turns", now: 2, raise_by: 2, question: expect.stringContaining("by 2?") },
    });
    expect(log.tell(turn("t3"))).toEqual(["invalid_state"]);
    expect(answer(log, {})).toEqual(["gate.decided", "budget.raised", "execution.resumed"]);
    expect(log.state?.limits.maxTurns).toBe(4);
    expect(log.tell(turn("t3"))).toEqual(["turn.started"]);
  });

  it("is raised by another number where the decision says one, and not by nonsense", () => {
    for (const [raise_by, to] of [
      [5, 7],
      [0.5, 3],
      [-1, 4],
      ["9", 4],
      [Number.MAX_VALUE, 2 + Math.ceil(Number.MAX_SAFE_INTEGER / 2)],
    ]) {
      const log = asking();
      spend(log, 2);
      log.tell(turn("t3"));
      answer(log, { response: { raise_by } });
      expect(log.state?.limits.maxTurns).toBe(to);
    }
  });

  it("is raised by what it was at first however often, and by what is missing where that is more", () => {
    const log = asking({ maxTurns: 2 });
    spend(log, 2);
    for (const to of [4, 6]) {
      log.tell(turn(`over ${to}`));
      expect(asked(log)).toMatchObject({ now: to - 2, raise_by: 2 });
      answer(log, {});
      expect(log.state?.limits.maxTurns).toBe(to);
      for (const key of [`over ${to}`, `one more ${to}`]) log.tell(turn(key), finished(key));
    }
    const small = asking({ maxTokens: 100 });
    const large: Command = { ...start("c"), limits: {}, grant: { ...NOTHING, tokens: 1_000 } };
    expect(small.tell(large)).toEqual(["gate.opened", "execution.waiting"]);
    expect(asked(small)).toMatchObject({ now: 100, raise_by: 900 });
    answer(small, {});
    expect(small.tell(large)[0]).toBe("child.started");
  });

  it("asks anew under another key and another id each time", () => {
    const log = asking();
    spend(log, 2);
    log.tell(turn("t3"));
    answer(log, { response: { raise_by: 1 } });
    log.tell(turn("t3"), finished("t3"), turn("t4"));
    const opened = log.events.flatMap((event) => (event.type === "gate.opened" ? [event.data] : []));
    expect(new Set(opened.map(({ key }) => key)).size).toBe(2);
    expect(new Set(opened.map(({ gateId }) => gateId)).size).toBe(2);
  });

  it("has 72 hours, and a digest of what it shows: an answer to another question is none to this one", () => {
    const log = asking();
    spend(log, 2);
    const view = { state: log.state, index: () => log.index, approvals: () => undefined };
    const decided = decide({ ...view, digest: (text: string) => `digest of ${text}` } as never, turn("t3"), log.now);
    const opened = decided.ok ? decided.events.find(({ type }) => type === "gate.opened") : undefined;
    if (opened?.type !== "gate.opened") throw new Error("nothing was asked");
    const { payload, payloadDigest, expiresAtMs } = opened.data;
    expect(payloadDigest).toBe(`digest of ${canonicalJson(payload)}`);
    expect(expiresAtMs).toBe(log.now + 72 * 3_600_000);
  });

  it("is told in dollars and raised by parts of one, but by no amount too small to be kept", () => {
    const draw: Command = { type: "draw_budget", childId: "c", drawId: "c:1", amount: { ...NOTHING, costUsd: 0.3 } };
    for (const [raise_by, to] of [
      [undefined, 0.3],
      [0.25, 0.35],
      [1e-12, 0.3],
    ] as const) {
      const log = asking({ maxCostUsd: 0.1 });
      log.tell({ ...start("c"), limits: {}, grant: NOTHING }, draw);
      expect(asked(log)).toMatchObject({ limit: "max_cost_usd", now: 0.1, raise_by: 0.2 });
      answer(log, { response: { raise_by } });
      expect(log.state?.limits.maxCostUsd).toBe(to);
    }
  });

  it("ends the execution where a person says no, wants changes, or nobody answers in time", () => {
    for (const decision of ["rejected", "request_changes"]) {
      const log = asking();
      spend(log, 2);
      log.tell(turn("t3"));
      expect(answer(log, { decision })).toEqual([
        ...["gate.decided", "execution.resumed", "budget.exceeded", "execution.failed"],
      ]);
      expect(log.state?.errorCode).toBe("budget_exceeded");
    }
    const late = asking();
    spend(late, 2);
    late.tell(turn("t3"));
    late.now += 73 * 3_600_000;
    const [gateId = ""] = late.gates.keys();
    expect(late.tell({ type: "fire_timer", name: `gate:${gateId}` }).at(-1)).toBe("execution.failed");
  });

  it("asks for its children too: one that draws waits, and is given what was raised", () => {
    const log = asking({ maxTokens: 100 });
    log.tell({ ...start("k"), limits: {}, grant: NOTHING });
    const draw: Command = { type: "draw_budget", childId: "k", drawId: "k:1", amount: { ...NOTHING, tokens: 150 } };
    expect(log.tell(draw)).toEqual(["gate.opened", "execution.waiting"]);
    expect(log.tell(draw)).toEqual(["unavailable"]);
    answer(log, {});
    expect(log.tell(draw)).toEqual(["budget.drawn"]);
    expect(log.state?.limits.maxTokens).toBe(200);
  });

  it("is raised as far as a number goes, however often", () => {
    const log = asking({ maxTurns: 1 });
    for (let n = 0; n < 3; n += 1) {
      log.tell({ ...turn(`t${n}`), reserve: { ...NOTHING, turns: Number.MAX_SAFE_INTEGER } } as Command);
      answer(log, { response: { raise_by: 1e300 } });
    }
    expect(log.state?.limits.maxTurns).toBe(Number.MAX_SAFE_INTEGER);
    expect(ExecutionState.safeParse(log.state).error).toBeUndefined();
  });

  it("asks about active time, and takes none while it asks", () => {
    const log = asking({ maxDurationMs: 1_000 });
    log.now += 1_000;
    expect(log.tell({ type: "fire_timer", name: "active:" })).toEqual(["gate.opened", "execution.waiting"]);
    expect(asked(log)).toMatchObject({ limit: "max_duration", now: 1, raise_by: 1 });
    log.now += 3_600_000;
    expect(log.tell({ type: "fire_timer", name: "active:" })).toEqual([]);
    answer(log, {});
    expect(log.state).toMatchObject({ status: "running", limits: { maxDurationMs: 2_000 } });
    expect(log.state && activeLimitAtMs(log.state, log.now)).toBe(log.now + 1_000);
  });

  it("takes another number for active time in the seconds in which it was shown", () => {
    const log = asking({ maxDurationMs: 1_000 });
    log.now += 1_000;
    log.tell({ type: "fire_timer", name: "active:" });
    answer(log, { response: { raise_by: 1.5 } });
    expect(log.state?.limits.maxDurationMs).toBe(2_500);
  });

  it("hands its way on to children, and fails where one of two says so", () => {
    expect(sliceOf({ maxTurns: 1 }, { limits: { onExceeded: "pause" } }).limits).toEqual({
      maxTurns: 1,
      onExceeded: "pause",
    });
    expect(tighter({ onExceeded: "pause" }, {}).onExceeded).toBe("pause");
    expect(tighter({ onExceeded: "pause" }, { onExceeded: "fail" }).onExceeded).toBe("fail");
    expect(tighter({ maxTurns: 1 }, {})).toEqual({ maxTurns: 1 });
  });
});

describe("a warning", () => {
  const warned = (log: Log) => log.events.flatMap((event) => (event.type === "budget.warned" ? [event.data] : []));

  it("comes once when 80 % are spent, with what spent them, and again where the limit was raised", () => {
    const log = asking({ maxTurns: 5 });
    spend(log, 3);
    expect(warned(log)).toEqual([]);
    spend(log, 0);
    log.tell(turn("t4"));
    expect(log.tell(finished("t4"))).toEqual(["turn.completed", "budget.warned"]);
    log.tell(turn("t5"), finished("t5"));
    expect(warned(log)).toEqual([{ limit: "maxTurns", spent: 4, of: 5 }]);
    log.tell(turn("t6"));
    answer(log, {});
    for (const key of ["t6", "t7", "t8"]) log.tell(turn(key), finished(key));
    expect(warned(log)).toEqual([
      { limit: "maxTurns", spent: 4, of: 5 },
      { limit: "maxTurns", spent: 8, of: 10 },
    ]);
  });

  it("comes with a try that brought no reply, and with a child that ends", () => {
    const log = running({ limits: { maxTokens: 10 } });
    log.tell({ ...turn("t1"), reserve: { ...NOTHING, turns: 1, tokens: 8 } } as Command);
    const failed = { ok: false, error: { code: "model_failed", message: "no" }, willRetry: false };
    const end = { ...finished("t1"), outcome: failed, usage: { ...NOTHING, tokens: 8 } } as never;
    expect(log.tell(end).slice(0, 2)).toEqual(["turn.failed", "budget.warned"]);
    const parent = running({ limits: { maxTokens: 10 } });
    parent.tell({ ...start("k"), limits: {}, grant: { ...NOTHING, tokens: 9 } });
    const usage = { ...NOTHING, tokens: 8 };
    const outcome = { ok: true, value: 1 } as const;
    const ended: Command = { type: "child_finished", childId: "k", status: "succeeded", usage, outcome };
    expect(parent.tell(ended)).toContain("budget.warned");
  });

  it("counts what open children have spent, once, as far as their draws tell", () => {
    const parent = running({ limits: { maxTokens: 100 } });
    parent.tell({ ...start("k"), limits: {}, grant: NOTHING }, { ...start("l"), key: "d", limits: {}, grant: NOTHING });
    const draw = (childId: string, n: number, [amount, used]: readonly [number, number]): Command => ({
      ...{ type: "draw_budget", childId, drawId: `${childId}:${n}` },
      ...{ amount: { ...NOTHING, tokens: amount }, used: { ...NOTHING, tokens: used } },
    });
    parent.tell(draw("k", 1, [45, 0]), draw("l", 1, [45, 0]));
    // 90 are drawn, and nothing is spent.
    expect(warned(parent)).toEqual([]);
    parent.tell(draw("k", 2, [2, 43]), draw("l", 2, [2, 36]));
    expect(warned(parent)).toEqual([]);
    expect(parent.tell(draw("l", 2, [2, 36]))).toEqual([]);
    expect(parent.tell(draw("l", 3, [1, 37]))).toEqual(["budget.drawn", "budget.warned"]);
    const outcome = { ok: true, value: 1 } as const;
    const usage = { ...NOTHING, tokens: 44 };
    parent.tell({ type: "child_finished", childId: "k", status: "succeeded", usage, outcome });
    expect(warned(parent)).toEqual([{ limit: "maxTokens", spent: 80, of: 100 }]);
    expect(parent.state).toMatchObject({ spent: { tokens: 44 }, usedBelow: { tokens: 37 } });
    parent.tell({ type: "child_finished", childId: "l", status: "succeeded", usage: NOTHING, outcome });
    expect(parent.state).toMatchObject({ spent: { tokens: 44 } });
    expect(parent.state).not.toHaveProperty("usedBelow");
  });

  it("comes of a budget that fails too, and of none where nothing is limited", () => {
    const log = running({ limits: { maxTurns: 1 } });
    spend(log, 1);
    expect(warned(log)).toHaveLength(1);
    const free = running();
    spend(free, 3);
    expect(warned(free)).toEqual([]);
  });
});
