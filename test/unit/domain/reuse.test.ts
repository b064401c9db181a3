/** What of a journal another execution may take over, and what a restart needs and leaves. */

import { describe, expect, it } from "vitest";
import type { Command, RestartCommand } from "../../../src/domain/execution/command.ts";
import type { EntryKind } from "../../../src/domain/execution/entry.ts";
import { loggedCode } from "../../../src/domain/execution/error-code.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import { parseEvent } from "../../../src/domain/execution/event-text.ts";
import type { RestartedFrom, ReusableResult } from "../../../src/domain/execution/reusable-result.ts";
import { reactionsOf } from "../../../src/domain/fold/reactions.ts";
import type { Log } from "../../support/log.ts";
import { running } from "../../support/log.ts";

const begin = (key: string, kind: EntryKind = "effect", more: object = {}): Command => ({
  type: "start_entry",
  key,
  kind,
  name: key,
  attempt: 1,
  digest: `digest of ${key}`,
  ...more,
});
const end = (key: string, kind: EntryKind = "effect", more: object = {}): Command => ({
  type: "finish_entry",
  key,
  kind,
  name: key,
  attempt: 1,
  outcome: { ok: true, value: `${key}!` },
  ...more,
});
const fail = (key: string, kind: EntryKind = "effect"): Command =>
  end(key, kind, { outcome: { ok: false, error: { code: loggedCode("x"), message: "y" } } });
const child = (key: string, childId: string): Command => ({
  type: "start_child",
  key,
  name: key,
  childId,
  target: "a.f",
  digest: `digest of ${key}`,
  input: null,
  limits: {},
  grant: { turns: 0, tokens: 0, costUsd: 0, children: 0 },
});
const finished = (childId: string, ok: boolean): Command => ({
  type: "child_finished",
  childId,
  status: ok ? "succeeded" : "failed",
  outcome: ok ? { ok, value: "child!" } : { ok, error: { code: loggedCode("x"), message: "y" } },
  usage: { turns: 0, tokens: 0, costUsd: 0, children: 0 },
});
const restart: RestartCommand = {
  type: "restart",
  id: "exec_2",
  runId: "run",
  scope: "execution",
  reuse: "all-succeeded",
  fork: false,
  digest: "d2",
  by: "ann",
};

type Rule = Partial<Pick<RestartedFrom, "reuse" | "inputChanged" | "from">>;
const offers = (log: Log, rule: Rule = {}): ReusableResult[] =>
  log.offers({ id: "exec_1", reuse: "all-succeeded", inputChanged: false, ...rule });
const keys = (log: Log, rule: Rule = {}) => offers(log, rule).map(({ key }) => key);

/** A follower that inherited this much. */
function follower(inherited: readonly ReusableResult[], reuse: RestartedFrom["reuse"] = "all-succeeded"): Log {
  const log = running({ id: "exec_2", restartedFrom: { id: "exec_1", runId: "run", reuse, inputChanged: false } });
  log.tell({ type: "inherit", offset: 0, offers: [...inherited], upto: 9, done: true });
  return log;
}

describe("what is offered", () => {
  it("is every success of work, in the order in which it came, with what was asked", () => {
    const log = running();
    log.tell(begin("slow"), begin("quick", "turn", { reserve: { turns: 1, tokens: 5, costUsd: 0, children: 0 } }));
    log.tell(end("quick", "turn", { usage: { turns: 1, tokens: 2, costUsd: 0, children: 0 } }));
    log.tell(end("dice", "value", { outcome: { ok: true, value: 0.5 } }), end("sum", "step"), end("slow"));
    expect(offers(log)).toEqual([
      { key: "quick", kind: "turn", name: "quick", digest: "digest of quick", from: "exec_1", output: "quick!" },
      { key: "dice", kind: "value", name: "dice", from: "exec_1", output: 0.5 },
      { key: "sum", kind: "step", name: "sum", from: "exec_1", output: "sum!" },
      { key: "slow", kind: "effect", name: "slow", digest: "digest of slow", from: "exec_1", output: "slow!" },
    ]);
  });

  it("is never a decision, a signal, a sleep, nor a failure", () => {
    const log = running();
    log.tell({ type: "start_entry", key: "nap", kind: "sleep", name: "sleep", attempt: 1, wakeAtMs: 2_000 });
    log.tell({ type: "start_entry", key: "go", kind: "signal", name: "go", attempt: 1, signal: "go" });
    log.tell({ type: "signal", signals: [{ name: "go", data: 1 }], by: "ann" });
    log.tell({ type: "fire_timer", name: "sleep:nap" });
    log.tell({
      type: "open_gate",
      key: "ask",
      name: "ask",
      gateId: "g",
      kind: "pause",
      payload: null,
      payloadDigest: "p",
      onReject: "continue",
    });
    log.tell({ type: "decide_gate", gateId: "g", decision: "approved", by: "ann" });
    log.tell(begin("bad"), fail("bad"), fail("sum", "step"));
    expect([...log.index.entries.values()].every(({ status }) => status === "done")).toBe(true);
    expect(offers(log)).toEqual([]);
  });

  it("ends with the first failure where only what came before it is wanted", () => {
    const log = running();
    log.tell(begin("a"), end("a"), begin("b"), begin("bad"), fail("bad"), end("b"), begin("c"), end("c"));
    expect(keys(log, { reuse: "succeeded-before" })).toEqual(["a"]);
    expect(keys(log, { reuse: "all-succeeded" })).toEqual(["a", "b", "c"]);
    expect(keys(log, { reuse: "none" })).toEqual([]);
  });

  it("ends where the chosen entry begins; what was begun before and ended later is done anew too", () => {
    const log = running();
    log.tell(begin("a"), end("a"), begin("slow"), begin("b"), end("slow"), end("b"), begin("c"), end("c"));
    expect(keys(log, { from: "b" })).toEqual(["a"]);
    expect(keys(log, { from: "c" })).toEqual(["a", "slow", "b"]);
    expect(keys(log, { from: "a" })).toEqual([]);
  });

  it("has an effect that nobody saw end, wherever the cut is: it is not begun again in silence", () => {
    const log = running();
    log.tell(begin("a"), end("a"), begin("lost"));
    expect(offers(log, { from: "a" }).map(({ key, output }) => [key, output])).toEqual([["lost", undefined]]);
  });

  it("has nothing that another one offered and that was never asked for, where a beginning was chosen", () => {
    const log = follower([
      { key: "x", kind: "effect", name: "x", digest: "d", from: "exec_1", output: 1 },
      { key: "y", kind: "effect", name: "y", digest: "d", from: "exec_1", output: 2 },
      { key: "lost", kind: "effect", name: "lost", digest: "d", from: "exec_1" },
    ]);
    log.tell({ type: "reuse_entry", key: "x" }, begin("z"), end("z"));
    expect(keys(log)).toEqual(["x", "z", "y", "lost"]);
    expect(keys(log, { from: "z" })).toEqual(["x", "lost"]);
  });

  it("ends with the answer that validators rejected: taken over, it would be rejected again", () => {
    const log = running();
    const [said, never] = [
      { reserve: { turns: 1, tokens: 5, costUsd: 0, children: 0 } },
      { usage: { turns: 1, tokens: 2, costUsd: 0, children: 0 } },
    ];
    const turn = (key: string) => log.tell(begin(key, "turn", said), end(key, "turn", never));
    const judged = (n: number) =>
      log.tell(end(`verdict${n}`, "step"), {
        type: "say_attempt",
        event: {
          type: "attempt.rejected",
          data: { key: `rejected${n}`, n, verdicts: [], feedback: "no", retry: n === 1 },
        },
      });
    turn("plan");
    log.tell(begin("tool", "tool"), end("tool", "tool"));
    turn("answer");
    judged(1);
    turn("correction");
    judged(2);
    expect(keys(log, { reuse: "succeeded-before" })).toEqual(["plan", "tool"]);
    expect(keys(log, { reuse: "all-succeeded" })).toContain("answer");
  });

  it("is everything where nothing failed: it ended for another reason", () => {
    const log = running();
    log.tell(begin("a"), end("a"), {
      type: "start_entry",
      key: "w",
      kind: "signal",
      name: "w",
      attempt: 1,
      signal: "w",
    });
    log.tell({ type: "fail", code: loggedCode("own"), message: "the program said so" });
    expect(keys(log, { reuse: "succeeded-before" })).toEqual(["a"]);
  });

  it("holds no computation once the input is another: nothing says what it was computed from", () => {
    const log = running();
    log.tell(end("sum", "step"), begin("a"), end("a"), end("dice", "value", { outcome: { ok: true, value: 1 } }));
    expect(keys(log, { inputChanged: true })).toEqual(["a", "dice"]);
  });

  it("names an effect that nobody heard of as begun, whatever the rule", () => {
    const log = running();
    log.tell(begin("open", "effect", { input: { n: 1 }, idempotent: true }), begin("doubted"), begin("turn", "turn"));
    log.tell({ type: "doubt_effect", key: "doubted", gateId: "g", payload: null, payloadDigest: "p" });
    log.tell(begin("late"), fail("late"));
    const begun = { kind: "effect", from: "exec_1" };
    for (const reuse of ["succeeded-before", "all-succeeded"] as const)
      expect(offers(log, { reuse })).toEqual([
        { ...begun, key: "open", name: "open", digest: "digest of open", input: { n: 1 }, idempotent: true },
        { ...begun, key: "doubted", name: "doubted", digest: "digest of doubted" },
      ]);
  });

  it("names a child that did not succeed, so that the next one follows it; a child that came by itself it does not", () => {
    const log = running();
    log.tell(child("good", "k1"), child("bad", "k2"), child("open", "k3"), finished("k1", true), finished("k2", false));
    log.tell({ type: "adopt_child", childId: "k4", target: "a.f", digest: "d" }, finished("k4", true));
    expect(offers(log).map(({ key, output, childId }) => ({ key, output, childId }))).toEqual([
      { key: "good", output: "child!", childId: undefined },
      { key: "bad", output: undefined, childId: "k2" },
      { key: "open", output: undefined, childId: "k3" },
    ]);
  });

  it("goes on to the follower of a follower, under the name of who did it", () => {
    const log = running();
    log.tell(begin("a"), end("a"), begin("b"), end("b"), begin("open"));
    const second = follower(offers(log));
    second.tell({ type: "reuse_entry", key: "a" }, begin("c"), end("c"));
    const third = second.offers({ id: "exec_2", reuse: "all-succeeded", inputChanged: false });
    expect(third.map(({ key, from, output }) => [key, from, output])).toEqual([
      ["a", "exec_1", "a!"],
      ["c", "exec_2", "c!"],
      ["b", "exec_1", "b!"],
      ["open", "exec_1", undefined],
    ]);
  });
});

describe("a follower", () => {
  const offer: ReusableResult = {
    key: "a",
    kind: "effect",
    name: "a",
    from: "exec_0",
    digest: "d",
    output: { n: 1 },
    scratch: { s: 1 },
  };

  it("takes an offer as its result: once, at no cost, and its log alone says all of it", () => {
    const log = follower([offer]);
    expect(log.tell({ type: "reuse_entry", key: "a" }, { type: "reuse_entry", key: "a" })).toEqual(["step.completed"]);
    const [entry] = log.index.entries.values();
    expect(entry).toMatchObject({ status: "done", reusedFrom: "exec_0", digest: "d" });
    expect(log.outcome("a")).toEqual({ ok: true, value: { n: 1 } });
    expect(log.state).toMatchObject({ results: { reused: 1, own: 0 }, spent: { turns: 0, tokens: 0, children: 0 } });
    expect(log.state?.inherits).toBeUndefined();
    expect(log.violations()).toEqual([]);
    const stored = log.events.map((event) => parseEvent(JSON.parse(JSON.stringify(event))));
    expect(stored).toEqual(log.events);
  });

  it("cannot take what is not offered, nor what nobody knows the end of", () => {
    const { output: _output, ...begun } = offer;
    const log = follower([begun]);
    expect(log.tell({ type: "reuse_entry", key: "a" }, { type: "reuse_entry", key: "b" })).toEqual([
      "invalid_state",
      "invalid_state",
    ]);
  });

  it("inherits page by page; a page that comes twice adds nothing", () => {
    const from = { id: "exec_1", runId: "run", reuse: "all-succeeded", inputChanged: false } as const;
    const log = running({ restartedFrom: from });
    const page = { type: "inherit", offset: 0, offers: [offer], upto: 7, done: false } as const;
    expect(log.tell({ ...page, offers: [offer] }, { ...page, offers: [offer] })).toEqual(["journal.inherited"]);
    expect(log.state?.inherits).toEqual({ offset: 1, upto: 7 });
    const last = { ...page, offset: 1, offers: [{ ...offer, key: "b" }], done: true };
    expect(log.tell(last, last)).toEqual(["journal.inherited"]);
    expect(log.state?.inherits).toBeUndefined();
    expect([...log.index.offers.values()].map(({ key, rank }) => [key, rank])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
  });

  it("waits for nothing where nothing is reused", () => {
    expect(follower([], "none").state?.inherits).toBeUndefined();
  });

  it("says whose result it gives when it did nothing itself, and only then", () => {
    const log = follower([offer]);
    log.tell({ type: "reuse_entry", key: "a" }, { type: "succeed", output: 1 });
    expect(log.state).toMatchObject({ status: "succeeded", reason: "replayed_from_execution:exec_1" });
    const busy = follower([offer]);
    busy.tell({ type: "reuse_entry", key: "a" }, begin("b"), end("b"), { type: "succeed", output: 1 });
    expect(busy.state?.reason).toBeUndefined();
  });

  it("is found out by the checker when it claims a result that nobody offered", () => {
    const log = follower([]);
    const data = { key: "x", kind: "effect", name: "x", attempt: 1, reusedFrom: "exec_1" };
    const forged = { seq: log.events.length + 1, atMs: log.now, actor: "test", v: 1, type: "step.completed", data };
    log.events.push(forged as Event);
    expect(log.violations().join()).toContain('"x" has a result and no intent');
  });
});

describe("a source", () => {
  it("is not restarted from an entry that it does not have", () => {
    const log = running();
    log.tell(begin("a"), end("a"), { type: "fail", code: loggedCode("x"), message: "y" });
    expect(log.tell({ ...restart, from: "b" })).toEqual(["invalid_input"]);
    expect(log.tell({ ...restart, from: "a" })).toEqual(["successor.started"]);
  });

  const ended = () => {
    const log = running();
    log.tell({ type: "fail", code: loggedCode("x"), message: "y" });
    return log;
  };

  it("is restarted when it has ended, and its log says by whom it is followed", () => {
    const log = ended();
    expect(log.tell(restart)).toEqual(["successor.started"]);
    expect(log.state).toMatchObject({ status: "failed", restartedAs: "exec_2" });
    expect(log.violations()).toEqual([]);
  });

  it("knows a repetition, refuses another request under the same id, and takes another follower", () => {
    const log = ended();
    log.tell(restart);
    expect(log.tell(restart)).toEqual([]);
    expect(log.tell({ ...restart, digest: "other" })).toEqual(["idempotency_mismatch"]);
    expect(log.tell({ ...restart, id: "exec_3" })).toEqual(["successor.started"]);
    expect(log.state?.restartedAs).toBe("exec_3");
  });

  it.each([
    ["running", []],
    ["paused", [{ type: "pause", by: "ann" }]],
    ["blocked for another reason", [{ type: "block", reason: "program_changed_hands" }]],
  ] as [string, Command[]][])("is refused while it is %s", (_what, commands) => {
    const log = running();
    log.tell(...commands);
    const refused = log.dispatch(restart);
    expect(refused).toMatchObject({ ok: false, code: "invalid_state" });
    expect(JSON.stringify(refused)).toContain("cancel it first");
  });

  it("ends with its restart where its program changed and it cannot go on", () => {
    const log = running();
    log.tell({ type: "block", reason: "program_changed", detail: "the journal holds more" });
    expect(log.tell(restart)).toEqual(["execution.cancelled", "successor.started"]);
    expect(log.state).toMatchObject({ status: "cancelled", reason: "restarted", restartedAs: "exec_2" });
    expect(log.violations()).toEqual([]);
  });

  it("starts its follower only when all its children have ended (P3)", () => {
    const log = running();
    log.tell(child("c", "k1"));
    log.tell({ type: "cancel", by: "ann" }, restart);
    const sent = () => {
      const event = log.events.at(-1);
      const { state } = log;
      if (!event || !state) throw new Error("there is no log");
      const change = { before: { ...state }, after: state, index: () => log.index };
      return reactionsOf(event, change).messages.filter(({ to }) => to === "successor");
    };
    expect(sent()).toEqual([]);
    log.tell(finished("k1", false));
    expect(sent()).toEqual([{ to: "successor", id: "exec_2", seq: log.index.successors.get("exec_2")?.seq }]);
  });
});
