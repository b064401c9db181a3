import { expect, test } from "vitest";
import { Prefix } from "../../../src/dashboard/execution/prefix.ts";
import { marksOf, moved, placeOf, zoomed } from "../../../src/dashboard/execution/waterfall/scale.ts";
import type { Event, NewEvent } from "../../../src/domain/execution/event.ts";

/** A log whose events lie 100 ms apart, the first at 1,000. */
function logOf(...news: readonly object[]): Event[] {
  return news.map((one, at) => ({ ...one, seq: at + 1, atMs: 1_000 + at * 100, actor: "program", v: 1 }) as Event);
}

const traceOf = (events: readonly Event[]) => new Prefix().to(events, events.length).trace;

const created = { type: "execution.created", data: {} };
const started = { type: "execution.started", data: {} };
const step = (name: string, attempt = 1) => ({
  type: "step.started",
  data: { key: name, kind: "effect", name, attempt },
});
const done = (name: string, attempt = 1) => ({
  type: "step.completed",
  data: { key: name, kind: "effect", name, attempt },
});
const failed = (name: string, attempt: number, retryAtMs?: number) =>
  ({
    type: "step.failed",
    data: { key: name, kind: "effect", name, attempt, error: { code: "x", message: "no" }, retryAtMs },
  }) as unknown as NewEvent;

test("tries of one entry are parts of one span, and what lies between them is the backoff", () => {
  const log = logOf(created, started, step("pay"), failed("pay", 1, 9_999), step("pay", 2), done("pay", 2));
  const { spans } = traceOf(log);
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({ kind: "effect", status: "done", startMs: 1_200, endMs: 1_500, seq: 3, endSeq: 6 });
  expect(spans[0]?.tries).toEqual([
    { n: 1, startMs: 1_200, endMs: 1_300, failed: true },
    { n: 2, startMs: 1_400, endMs: 1_500, failed: false },
  ]);
  expect(traceOf(log.slice(0, 4)).spans[0]).toMatchObject({ status: "backing_off", endMs: undefined, error: "no" });
});

test("the execution's own line has a phase for each status: what was queued is told from what ran", () => {
  const { phases, ended, lastMs } = traceOf(
    logOf(
      created,
      { type: "execution.queued", data: {} },
      started,
      { type: "execution.suspended", data: { reason: "sleeping" } },
      { type: "execution.resumed", data: {} },
      { type: "execution.succeeded", data: { output: null } },
    ),
  );
  expect(phases.map(({ status, startMs, endMs }) => [status, startMs, endMs])).toEqual([
    ["queued", 1_000, 1_200],
    ["running", 1_200, 1_300],
    ["resting", 1_300, 1_400],
    ["running", 1_400, 1_500],
  ]);
  expect([ended, lastMs]).toEqual([true, 1_500]);
});

test("a pass of an agentic execution holds what it asked for; an end closes what is open", () => {
  const { spans } = traceOf(
    logOf(
      created,
      started,
      { type: "attempt.started", data: { key: "a", n: 1 } },
      step("look"),
      done("look"),
      { type: "attempt.rejected", data: { key: "a", n: 1, verdicts: [], feedback: "again", retry: true } },
      step("open"),
      { type: "execution.cancelled", data: {} },
    ),
  );
  expect(spans.map(({ label, depth, status, endMs }) => [label, depth, status, endMs])).toEqual([
    ["Attempt 1", 0, "failed", 1_500],
    ["look", 1, "done", 1_400],
    ["open", 0, "open", 1_700],
  ]);
});

test("an effect in doubt says so until it is resolved, and a review is no span of its own", () => {
  const doubt = [created, started, step("pay"), { type: "effect.in_doubt", data: { key: "pay", gateId: "g" } }];
  const review = { type: "gate.opened", data: { key: "pay", gateId: "g", kind: "review", name: "pay" } };
  expect(traceOf(logOf(...doubt, review)).spans.map(({ status, gateId }) => [status, gateId])).toEqual([
    ["in_doubt", "g"],
  ]);
  const resolved = { type: "effect.resolved", data: { key: "pay", resolution: "failed" } };
  expect(traceOf(logOf(...doubt, review, resolved)).spans[0]?.status).toBe("open");
});

test("bars lie to scale, and are cut at the edges of the window", () => {
  const window = { fromMs: 1_000, toMs: 2_000 };
  expect(placeOf(window, 1_250, 1_500)).toEqual({ left: 25, width: 25 });
  expect(placeOf(window, 500, 1_500)).toEqual({ left: 0, width: 50 });
  expect(placeOf(window, 1_900, 9_000)).toEqual({ left: 90, width: 10 });
  expect(placeOf(window, 2_001, 9_000)).toBeUndefined();
  expect(placeOf({ fromMs: 5, toMs: 5 }, 5, 5)).toEqual({ left: 0, width: 0 });
});

test.each([10, 950, 61_000, 7_200_000, 40 * 86_400_000])(
  "marks of %d ms are few, in order and at round times",
  (length) => {
    const marks = marksOf({ fromMs: 1_000, toMs: 1_000 + length }, 1_000, 6);
    expect(marks.length).toBeGreaterThan(0);
    expect(marks.length).toBeLessThanOrEqual(7);
    expect(marks[0]).toBe(1_000);
    expect([...marks].sort((a, b) => a - b)).toEqual(marks);
  },
);

test("a zoom keeps the instant under it, and never leaves the whole", () => {
  const whole = { fromMs: 0, toMs: 1_000 };
  expect(zoomed(whole, { whole, atMs: 500, factor: 2 })).toEqual({ fromMs: 250, toMs: 750 });
  expect(zoomed({ fromMs: 250, toMs: 750 }, { whole, atMs: 500, factor: 0.1 })).toEqual(whole);
  expect(moved({ fromMs: 250, toMs: 750 }, whole, 9_000)).toEqual({ fromMs: 500, toMs: 1_000 });
  expect(moved({ fromMs: 250, toMs: 750 }, whole, -9_000)).toEqual({ fromMs: 0, toMs: 500 });
});
