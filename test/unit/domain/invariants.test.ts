import { describe, expect, it } from "vitest";
import { NOTHING } from "../../../src/domain/execution/budget.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import type { ExecutionState } from "../../../src/domain/execution/state.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import { canonicalJson } from "../../../src/domain/values/json.ts";
import { shortDigest } from "../../../src/vault/digest.ts";
import { Log, ORIGIN, running } from "../../support/log.ts";

/** A good log with one thing wrong in it. */
function violated(
  change: (log: Log) => { events?: Event[]; state?: ExecutionState; timers?: Map<string, number>; alarmAtMs?: number },
) {
  const log = running({ limits: { maxTokens: 50 } });
  log.tell({ type: "start_entry", key: "e", kind: "effect", name: "e", attempt: 1 });
  const { events, state, timers, now } = log;
  if (!state) throw new Error("there is no state");
  const reports = checkInvariants({
    ...{ events, state, timers, now, alarmAtMs: now, digest: shortDigest, ...change(log) },
  });
  return reports.flatMap(({ promise, verdict, detail }) => (verdict === "violated" ? [`${promise}: ${detail}`] : []));
}

const event = (log: Log, type: Event["type"], data: object) =>
  ({ seq: log.events.length + 1, atMs: log.now, actor: "test", v: 1, type, data }) as Event;
const effect = { key: "e", kind: "effect", name: "e", attempt: 1 };

describe("the checker of promises", () => {
  it("finds nothing in a good log, and says what it cannot know", () => {
    const log = running();
    log.tell({ type: "succeed", output: 1 });
    expect(log.check(shortDigest).map(({ promise, verdict }) => [promise, verdict])).toEqual([
      ["P1", "holds"],
      ["P2", "holds"],
      ["P3", "holds"],
      ["P4", "holds"],
      ["P5", "holds"],
      ["P6", "holds"],
      ["P7", "not_checkable_here"],
      ["P8", "holds"],
    ]);
  });

  const more = (log: Log, type: Event["type"], data: object) => ({ events: [...log.events, event(log, type, data)] });
  const found: [string, string, Parameters<typeof violated>[0]][] = [
    ["a missing alarm", "P1: it is running and no alarm is armed", () => ({ alarmAtMs: undefined as never })],
    [
      "a timer that nobody looks at",
      "comes before the alarm",
      (log) => ({ timers: new Map([["deadline:", 0]]), alarmAtMs: log.now + 90_000 }),
    ],
    [
      "a rest on nothing",
      "waits for nothing",
      ({ state }) => ({ state: { ...state, suspended: "sleeping" } as ExecutionState }),
    ],
    [
      "a result without an intent",
      'P2: "x" has a result and no intent',
      (log) => more(log, "step.completed", { ...effect, key: "x" }),
    ],
    ["a repeated effect", "may have happened", (log) => more(log, "step.started", { ...effect, attempt: 2 })],
    [
      "a gap",
      "has the number 9",
      (log) => ({ events: [...log.events, { ...event(log, "note.added", { message: "", tags: [] }), seq: 9 }] }),
    ],
    [
      "another state",
      "folding the log does not give the state",
      ({ state }) => ({ state: { ...state, recoveries: 7 } as ExecutionState }),
    ],
    ["an illegal move", "P5: running became queued", (log) => more(log, "execution.queued", {})],
    [
      "a decision about nothing",
      "which was not open",
      (log) => more(log, "gate.expired", { key: "g", gateId: "g", kind: "pause" }),
    ],
    [
      "time that runs backwards",
      "is older than the one before it",
      (log) => ({ events: log.events.map((one, at) => ({ ...one, atMs: -at })) }),
    ],
    ["a timer of nothing", "belongs to nothing open", () => ({ timers: new Map([["sleep:x", 5]]) })],
    [
      "a passed limit",
      "P4: maxTokens is passed",
      (log) => more(log, "turn.started", { ...effect, key: "t", kind: "turn", reserve: { ...NOTHING, tokens: 51 } }),
    ],
  ];
  it.each(found)("finds %s", (...[, message, change]) => {
    expect(violated(change)).toContainEqual(expect.stringContaining(message));
  });

  it("says what was not handed in instead of promising it", () => {
    const { events, state, now } = running();
    if (!state) throw new Error("there is no state");
    const reports = checkInvariants({ events, state, now, alarmAtMs: now });
    const unsure = reports.filter(({ verdict }) => verdict === "not_checkable_here");
    expect(unsure.map(({ promise, detail }) => [promise, detail.match(/handed in: (.*)/)?.[1]])).toEqual([
      ["P1", "outbox"],
      ["P2", "digest"],
      ["P5", "chain"],
      ["P7", undefined],
      ["P8", "timers"],
    ]);
  });

  it("finds what was changed under a digest, a timer that was moved, and a message that no event made", () => {
    const log = running();
    const input = { amount: 10 };
    const digest = `=${canonicalJson(input)}`;
    log.tell({ type: "start_entry", ...effect, key: "e", kind: "effect", input, digest });
    log.tell({ type: "start_entry", key: "s", kind: "sleep", name: "s", attempt: 1, wakeAtMs: log.now + 5_000 });
    const { events, state, now, timers } = log;
    if (!state) throw new Error("there is no state");
    const good = { events, state, now, timers, alarmAtMs: now, digest: shortDigest, outbox: new Map() };
    const wrong = (change: Partial<Parameters<typeof checkInvariants>[0]>) =>
      checkInvariants({ ...good, ...change }).flatMap(({ verdict, detail }) => (verdict === "violated" ? detail : []));
    expect(wrong({})).toEqual([]);
    const forged = events.map((one) =>
      one.type === "step.started" && one.data.key === "e"
        ? ({ ...one, data: { ...one.data, input: { amount: 9_000 } } } as Event)
        : one,
    );
    expect(wrong({ events: forged })).toEqual(['the input of "e" is not the one that its digest was made of']);
    expect(wrong({ timers: new Map([...timers, ["sleep:s", now + 9_000]]) })).toEqual([
      "the timer sleep:s is not at its instant",
    ]);
    expect(wrong({ timers: new Map() })).toContainEqual(expect.stringContaining("sleep:s is missing"));
    const stray = { to: "child", verb: "cancel", childId: "exec_x", seq: 2 } as const;
    expect(wrong({ outbox: new Map([["child:cancel:exec_x", { message: stray }]]) })).toEqual([
      "the message child:cancel:exec_x was made by no event",
    ]);
  });

  it("finds what began after the end, and an end after the end", () => {
    const log = new Log();
    log.tell({ type: "create", origin: ORIGIN, input: null }, { type: "cancel", by: "ann" });
    const { state, events, now } = log;
    if (!state) throw new Error("there is no state");
    const late = [
      event(log, "step.started", effect),
      { ...event(log, "execution.succeeded", { output: 1 }), seq: 5 } as Event,
    ];
    const reports = checkInvariants({ events: [...events, ...late], state, now });
    expect(reports.filter(({ verdict }) => verdict === "violated").map(({ promise }) => promise)).toEqual(["P3", "P5"]);
  });
});
