/** When clients come back that were cut at one instant, as a deployment cuts them. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { backOff, DEFAULT_TIMING } from "../../../../src/client/transport/pace.ts";
import { seeded } from "../../../support/simulator/random.ts";

const CLIENTS = 1_000;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockImplementation(seeded(7));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** So many milliseconds after the cut, each. */
async function comingBack(attempt: number, atLeastMs?: number): Promise<number[]> {
  const cutMs = Date.now();
  const waits = Array.from({ length: CLIENTS }, async () => {
    await backOff(DEFAULT_TIMING, attempt, atLeastMs === undefined ? {} : { atLeastMs });
    return Date.now() - cutMs;
  });
  await vi.runAllTimersAsync();
  return Promise.all(waits);
}
const most = (waits: readonly number[], spanMs: number) =>
  Math.max(...waits.map((from) => waits.filter((ms) => ms >= from && ms < from + spanMs).length));

test.each([
  [1, 100],
  [4, 800],
  [9, 5_000],
])(
  "a thousand that were cut at once come back spread over the whole wait, at try %s over %s ms",
  async (attempt, spanMs) => {
    const waits = await comingBack(attempt);
    expect(Math.max(...waits)).toBeLessThanOrEqual(spanMs);
    expect(most(waits, spanMs / 10)).toBeLessThan(CLIENTS / 5);
  },
);

test("who was told when to come back comes then or later, and not all at that instant", async () => {
  const waits = await comingBack(4, 2_000);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(2_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(2_800);
  expect(most(waits, 80)).toBeLessThan(CLIENTS / 5);
});
