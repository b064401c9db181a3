import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDecision } from "../../../src/domain/execution/approval.ts";
import { exceededLimit, isNothing, minus, NOTHING, plus, uncovered } from "../../../src/domain/execution/budget.ts";
import { isTerminal, LEGAL_MOVES, mayMove, parseStatus, Status } from "../../../src/domain/execution/status.ts";
import { formatTarget, parseTarget } from "../../../src/domain/execution/target.ts";
import { timerName, timerOf } from "../../../src/domain/execution/timer.ts";
import { Backoff, backoffMs } from "../../../src/domain/values/backoff.ts";
import { canonicalJson } from "../../../src/domain/values/json.ts";
import { LAST_INSTANT_MS } from "../../../src/domain/values/numbers.ts";
import { ordinal } from "../../../src/domain/values/ordinal.ts";

describe("a status", () => {
  const meant: Record<string, string> = {
    "success successful completed complete done ok SUCCEEDED": "succeeded",
    "error failure errored FAILED": "failed",
    "canceled cancel CANCELLED": "cancelled",
    "timed_out TimeOut": "timeout",
    "in_progress processing RUNNING": "running",
    "awaiting_approval awaiting_human approval_pending waiting": "waiting",
    "hold on_hold suspended pause paused": "paused",
    "wait queued": "queued",
    "created pending": "pending",
    blocked: "blocked",
  };
  const pairs = Object.entries(meant).flatMap(([words, status]) => words.split(" ").map((word) => [word, status]));
  it.each(pairs)("%s means %s", (word, status) => expect(parseStatus(` ${word} `)).toBe(status));

  it.each(["unknown", "", "finished", "__proto__", "constructor"])("%j means none", (word) => {
    expect(parseStatus(word)).toBeUndefined();
  });

  it("that is terminal goes nowhere, and every other one can be cancelled", () => {
    for (const status of Status.options) {
      expect(isTerminal(status)).toBe(["succeeded", "failed", "cancelled", "timeout"].includes(status));
      expect(mayMove(status, "cancelled")).toBe(!isTerminal(status));
      expect(LEGAL_MOVES[status]).not.toContain(status);
    }
  });
});

describe("a target", () => {
  it.each([
    ["support.answer", "support", "answer"],
    ["api.designer.run", "api.designer", "run"],
    ["a-b_c.d-e_f", "a-b_c", "d-e_f"],
  ])("%s is split at its last dot", (text, agent, fn) => {
    expect(parseTarget(text)).toEqual({ agent, fn });
    expect(formatTarget({ agent, fn })).toBe(text);
  });

  it.each(["", ".", "a", "a.", ".a", "A.b", "a.B", "a b.c", "a.b c", "1a.b", `${"a".repeat(129)}.b`])(
    "%j is none",
    (text) => {
      expect(parseTarget(text)).toBeUndefined();
    },
  );
});

describe("a backoff", () => {
  const policy = fc.record({
    initialMs: fc.oneof(fc.constantFrom(0, -0, 0.5, 1, LAST_INSTANT_MS), fc.double({ min: 0, max: 1e15, noNaN: true })),
    factor: fc.oneof(fc.constantFrom(1, 1.5, 2, 1e308), fc.double({ min: 1, max: Number.MAX_VALUE, noNaN: true })),
    maxMs: fc.oneof(fc.constantFrom(0, 1, Number.POSITIVE_INFINITY, 1e308), fc.double({ min: 0, noNaN: true })),
    jitter: fc.boolean(),
  });
  const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it("is a whole number within its bounds for every policy and every number of tries", () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 1_000_000 }), draws, (given, failures, draw) => {
        const parsed = Backoff.safeParse(given);
        if (!parsed.success) return void expect(given.initialMs).toBeGreaterThan(LAST_INSTANT_MS);
        const wait = backoffMs(parsed.data, failures, draw);
        expect(Number.isSafeInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.ceil(Math.min(given.maxMs, LAST_INSTANT_MS)));
      }),
      { numRuns: 5_000 },
    );
  });

  it("without a cap grows on, and is capped where no instant is left", () => {
    const endless = Backoff.parse({ initialMs: 100, factor: 10, maxMs: Number.POSITIVE_INFINITY, jitter: false });
    expect([1, 4, 20, 1_000_000].map((tries) => backoffMs(endless, tries, 0))).toEqual([
      100,
      100_000,
      LAST_INSTANT_MS,
      LAST_INSTANT_MS,
    ]);
  });

  it.each([
    [{ initialMs: Number.NaN }, "initialMs", "is NaN"],
    [{ initialMs: Number.POSITIVE_INFINITY }, "initialMs", "is Infinity"],
    [{ initialMs: -1 }, "initialMs", "is -1"],
    [{ factor: 0.5 }, "factor", "from 1"],
    [{ maxMs: Number.NaN }, "maxMs", "or Infinity for no limit"],
    [{ maxMs: "1s" }, "maxMs", 'is "1s"'],
  ])("that is none is refused by name: %j", (given, path, message) => {
    const issue = Backoff.safeParse(given).error?.issues[0];
    expect([issue?.path.join("."), issue?.message]).toEqual([path, expect.stringContaining(message)]);
  });

  const even = Backoff.parse({ initialMs: 100, factor: 2, maxMs: 500, jitter: false });
  it.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 500],
    [90, 500],
  ])("after failure %i waits %i ms", (failures, ms) => expect(backoffMs(even, failures, 0.3)).toBe(ms));

  it("with jitter draws between nothing and the whole wait", () => {
    const jittered = { ...even, jitter: true };
    expect([0, 0.5, 0.999].map((draw) => backoffMs(jittered, 2, draw))).toEqual([0, 100, 200]);
    expect(Backoff.parse({})).toEqual({ initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: true });
  });
});

describe("an amount", () => {
  const tokens = (count: number) => ({ ...NOTHING, tokens: count });
  const budget = { limits: { maxTokens: 100 }, spent: tokens(50), reserved: tokens(30) };

  it("fits up to the limit and not beyond, what is reserved included", () => {
    expect(exceededLimit(budget, tokens(20))).toBeUndefined();
    expect(exceededLimit(budget, tokens(21))).toBe("maxTokens");
    expect(exceededLimit(budget, { ...NOTHING, turns: 99 })).toBeUndefined();
  });

  it("of dollars fits although floating point sums miss by a hair", () => {
    const dollars = { limits: { maxCostUsd: 0.3 }, spent: { ...NOTHING, costUsd: 0.1 }, reserved: NOTHING };
    expect(exceededLimit(dollars, { ...NOTHING, costUsd: 0.2 })).toBeUndefined();
  });

  it("is missing as far as the grant does not cover it; a root misses nothing", () => {
    expect(uncovered({ ...budget, granted: tokens(90) }, tokens(20))).toEqual(tokens(10));
    expect(isNothing(uncovered({ ...budget, granted: tokens(100) }, tokens(20)))).toBe(true);
    expect(uncovered(budget, tokens(1_000))).toEqual(NOTHING);
  });

  it("gives back what was added, and never less than nothing", () => {
    expect(minus(plus(tokens(3), tokens(4)), tokens(4))).toEqual(tokens(3));
    expect(minus(tokens(3), tokens(4))).toEqual(NOTHING);
  });
});

describe("small words", () => {
  it.each([
    ["Approve", "approved"],
    ["confirm", "approved"],
    ["deny", "rejected"],
    ["request_changes", "request_changes"],
    ["maybe", undefined],
    ["toString", undefined],
  ])("the decision %s means %s", (word, decision) => expect(parseDecision(word)).toBe(decision));

  it("the same value has the same text, whatever the order of its keys", () => {
    expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}');
  });

  it("a timer's name gives back its kind and subject", () => {
    expect(timerOf(timerName("gate", "gate:1"))).toEqual({ kind: "gate", subject: "gate:1" });
    expect(() => timerOf("nap:1")).toThrow('no timer is called "nap:1"');
  });
});

describe("a place", () => {
  it.each([
    [1, "1st"],
    [2, "2nd"],
    [3, "3rd"],
    [4, "4th"],
    [11, "11th"],
    [12, "12th"],
    [13, "13th"],
    [21, "21st"],
    [111, "111th"],
    [1_022, "1022nd"],
  ])("%d is the %s", (n, words) => {
    expect(ordinal(n)).toBe(words);
  });
});
