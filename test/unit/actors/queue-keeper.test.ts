/** The rule of a queue: who speaks for its definition, and what an operator set. */
import { beforeEach, expect, test } from "vitest";
import type { KeptQueue } from "../../../src/actors/parts/queue-keeper.ts";
import { QueueKeeper } from "../../../src/actors/parts/queue-keeper.ts";
import type { SlotMessage } from "../../../src/domain/intake/slot-message.ts";

let disk: KeptQueue | undefined;
let writes: number;
let keeper: QueueKeeper;

function boot(): QueueKeeper {
  return new QueueKeeper({
    read: () => disk,
    write: (kept) => {
      disk = kept;
      writes += 1;
    },
  });
}

beforeEach(() => {
  disk = undefined;
  writes = 0;
  keeper = boot();
});

const from = (limit: number | undefined) => ({
  to: "limiter" as const,
  ...{ tenant: "acme", executionId: "e" },
  queue: { name: "a/f", ...(limit === undefined ? {} : { limit }) },
});
const ask = (limit: number | undefined, sinceMs: number): SlotMessage => ({
  ...from(limit),
  ...{ verb: "ask", epoch: 1, owner: "ann", above: [], sinceMs },
});
const giveBack = (limit: number): SlotMessage => ({ ...from(limit), verb: "give_back", upToEpoch: 1 });

test("the youngest start says the limit: one from before a deployment that goes on does not raise it again", () => {
  keeper.hear(ask(5, 1_000));
  keeper.hear(ask(2, 2_000));
  keeper.hear(ask(5, 1_000));
  keeper.hear(ask(5, 1_999));
  keeper.hear(giveBack(5));
  expect(keeper.rule.limit).toBe(2);
  // What was said is known after a death too.
  keeper = boot();
  keeper.hear(ask(5, 1_000));
  expect(keeper.rule.limit).toBe(2);
  keeper.hear(ask(undefined, 3_000));
  expect(keeper.rule.limit).toBeUndefined();
});

test("one that says what is known moves the instant, and is not written", () => {
  keeper.hear(ask(3, 1_000));
  keeper.hear(ask(3, 5_000));
  expect(writes).toBe(1);
  keeper.hear(ask(9, 4_000));
  expect(keeper.rule.limit).toBe(3);
});

test("what was kept before starts had instants gives way to the first start", () => {
  disk = { whose: { tenant: "acme", queue: "a/f" }, declared: 7 };
  keeper = boot();
  keeper.hear(ask(4, 10));
  expect(keeper.rule.limit).toBe(4);
});

test("what only gives back names no queue", () => {
  keeper.hear(giveBack(5));
  expect([keeper.kept, disk]).toEqual([undefined, undefined]);
});
