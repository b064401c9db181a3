import { describe, expect, it } from "vitest";
import { StepError } from "../../../src/define/errors.ts";
import { TurnFailure } from "../../../src/domain/model/conversation.ts";
import { LAST_INSTANT_MS } from "../../../src/domain/values/numbers.ts";
import { afterFailure, retryAtMs } from "../../../src/engine/activities/retry.ts";
import { TryEnds } from "../../../src/engine/activities/try-ends.ts";
import type { Journal } from "../../../src/engine/journal/journal.ts";
import type { Loop } from "../../../src/engine/operations/operation.ts";
import { turnActivity } from "../../../src/engine/operations/turn.ts";
import type { World } from "../../../src/engine/ports.ts";

const world = {
  now: () => 1_000,
  random: () => 0.5,
  digest: (text: string) => text,
  log: () => {},
  model: { estimate: () => ({ inputTokens: 10, costUsd: 0.5 }), ask: () => Promise.reject(new Error("unused")) },
} as unknown as World;

const turn = { ...turnActivity({ world } as unknown as Loop, { messages: "hello", maxTokens: 90 }), key: "turn" };

describe("a turn that brought no reply", () => {
  it.each([3_600_001, 1e15, Number.POSITIVE_INFINITY])(
    "fails when the provider asks for %d ms, and says until when",
    (ms) => {
      const thrown = new TurnFailure("overloaded", "slow down", { retryAfterMs: ms });
      const { error, retryAtMs: again } = afterFailure(world, turn, { failures: 1, thrown });
      const retry_at = new Date(Math.min(1_000 + ms, LAST_INSTANT_MS)).toISOString();
      expect([again, error]).toMatchObject([undefined, { code: "rate_limited", details: { retry_at } }]);
    },
  );

  it.each([Number.NaN, -5, -0, 0])("waits for our own backoff when the provider asks for %d ms", (ms) => {
    const thrown = new TurnFailure("rate_limited", "slow down", { retryAfterMs: ms });
    expect(afterFailure(world, turn, { failures: 1, thrown }).retryAtMs).toBe(2_000);
  });

  it("waits as long as the provider asked, when that is longer than our own backoff", () => {
    const thrown = new TurnFailure("rate_limited", "slow down", { retryAfterMs: 60_000 });
    expect(retryAtMs(world, turn, { failures: 1, thrown })).toBe(61_000);
  });

  it("is tried again only when its kind is worth it", () => {
    const overloaded = new TurnFailure("overloaded", "busy");
    expect(retryAtMs(world, turn, { failures: 1, thrown: overloaded })).toBeGreaterThan(1_000);
    expect(retryAtMs(world, turn, { failures: 5, thrown: overloaded })).toBeUndefined();
    const refused = new TurnFailure("invalid_request", "no");
    expect(retryAtMs(world, turn, { failures: 1, thrown: refused })).toBeUndefined();
  });

  it("is no turn: it counts its worst case when nobody knows whether it was paid, and nothing otherwise", () => {
    const cut = new TurnFailure("cut_stream", "gone", { spent: "unknown" });
    expect(turn.spentBy?.(cut)).toEqual({
      ...{ turns: 0, tokens: 100, costUsd: 0.5, children: 0 },
      ...{ inputTokens: 10, outputTokens: 90 },
    });
    const limited = new TurnFailure("rate_limited", "slow down");
    expect(turn.spentBy?.(limited)).toEqual({ turns: 0, tokens: 0, costUsd: 0, children: 0 });
  });
});

it("a turn whose time is over is no turn, and counts its worst case: its provider may go on with it", () => {
  const dispatched: unknown[] = [];
  const dispatch = (command: unknown) => dispatched.push(command) && { ok: true, events: [] };
  const journal = { dispatch, index: () => ({ entries: new Map() }), flushWhenDue: () => {} } as unknown as Journal;
  const ends = new TryEnds(journal, world, { onDone: () => {}, startWhen: () => {}, startOutcomeCheck: () => {} });
  ends.timedOut(turn, 1, new StepError("timeout", "no answer"));
  const usage = { turns: 0, tokens: 100, costUsd: 0.5, children: 0, inputTokens: 10, outputTokens: 90 };
  expect(dispatched).toMatchObject([{ type: "finish_entry", outcome: { ok: false }, timedOut: true, usage }]);
});
