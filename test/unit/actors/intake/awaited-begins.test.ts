/** Readers that wait for the begin of a queued execution: told once, and forgotten when they have waited long enough. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AwaitedBegins } from "../../../../src/actors/intake/awaited-begins.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a reader that has waited long enough leaves nothing behind, and others of the same execution wait on", async () => {
  const awaited = new AwaitedBegins();
  const told: string[] = [];
  for (let n = 0; n < 100; n += 1) void awaited.until("a", 1_000);
  void awaited.until("a", 5_000).then(() => told.push("late"));
  void awaited.until("b", 1_000).then(() => told.push("b"));
  expect(awaited.size).toBe(2);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([awaited.size, told]).toEqual([1, ["b"]]);
  awaited.hasBegun("a");
  await vi.advanceTimersByTimeAsync(0);
  expect([awaited.size, told]).toEqual([0, ["b", "late"]]);
  expect(vi.getTimerCount()).toBe(0);
});
