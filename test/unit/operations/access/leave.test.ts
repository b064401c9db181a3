/** The leave of a caller to go on being answered: asked before each piece, and looked at while nothing is sent. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import { Leave } from "../../../../src/operations/access/leave.ts";

const BELIEVED_MS = 30_000;
let asked: number;
let answer: "good" | "revoked" | "away";
let gone: AbortController;

const ring = {
  keyOfHash: async (hash: string) => {
    asked += 1;
    if (answer === "away") return refuse("unavailable", "the registry of keys did not answer");
    if (answer === "revoked") return refuse("unauthorized", "this key was revoked");
    return accept({ hash, untilMs: Date.now() + BELIEVED_MS });
  },
};

function leaveOf(fields: Partial<Principal>): Leave {
  const caller = { tenant: "t", subject: "s", scopes: [], ...fields };
  return new Leave({ ring, now: () => Date.now() }, caller, gone.signal);
}
const keyed = () => leaveOf({ key: { hash: "h", untilMs: Date.now() + BELIEVED_MS } });

beforeEach(() => {
  vi.useFakeTimers({ now: 5_000_000 });
  [asked, answer, gone] = [0, "good", new AbortController()];
});
afterEach(() => {
  gone.abort();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("a key", () => {
  test("is asked for each 30 seconds, whether something is sent or not", async () => {
    const leave = keyed();
    for (let second = 0; second < 29; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await leave.holds()).toBe(true);
    }
    expect(asked).toBe(0);
    await vi.advanceTimersByTimeAsync(91_000);
    expect(asked).toBe(4);
    expect([leave.ended.aborted, await leave.holds()]).toEqual([false, true]);
  });

  test.each([
    ["revoked", 4401],
    ["away", 1013],
  ] as const)("that is found %s ends it with %i, within 30 seconds and by itself", async (found, code) => {
    const leave = keyed();
    answer = found;
    await vi.advanceTimersByTimeAsync(BELIEVED_MS);
    expect([leave.ended.aborted, leave.why?.code, await leave.holds()]).toEqual([true, code, false]);
    expect(asked).toBe(1);
  });

  test("is asked before a piece is sent, also when a clock has jumped", async () => {
    const leave = keyed();
    answer = "revoked";
    vi.setSystemTime(Date.now() + BELIEVED_MS);
    expect(await Promise.all([leave.holds(), leave.holds()])).toEqual([false, false]);
    expect([asked, leave.why?.code]).toEqual([1, 4401]);
  });
});

test("a token ends it at its instant, with its key or without", async () => {
  const leave = leaveOf({ expiresAtMs: Date.now() + 2_500 });
  await vi.advanceTimersByTimeAsync(2_499);
  expect(await leave.holds()).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect([leave.why, await leave.holds()]).toEqual([{ code: 4401, reason: "the token has expired" }, false]);
});

test("who came with neither may stay, and costs no timer", async () => {
  const leave = leaveOf({});
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect([await leave.holds(), asked]).toEqual([true, 0]);
});

test("a reader who goes ends it without a reason", async () => {
  const leave = keyed();
  gone.abort();
  expect([leave.ended.aborted, leave.why, await leave.holds()]).toEqual([true, undefined, false]);
  expect(leaveOf({}).ended.aborted).toBe(true);
});
