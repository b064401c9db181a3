/** The rule of a queue: who speaks for its definition, and what an operator set. */
import { beforeEach, expect, test } from "vitest";
import type { KeptQueue } from "../../../../src/actors/queues/queue-keeper.ts";
import { QueueKeeper } from "../../../../src/actors/queues/queue-keeper.ts";
import type { QueueChange } from "../../../../src/domain/intake/queue-change.ts";
import type { QueueRule } from "../../../../src/domain/intake/slot-book.ts";
import type { SlotMessage } from "../../../../src/domain/intake/slot-message.ts";

let disk: KeptQueue | undefined;
let writes: number;
/** Of the index: its writes that are under way, and what it says. */
let listed: boolean;
let duringRemove: () => Promise<void>;
let underWay: (() => void)[];
let indexed: QueueRule | undefined | "nothing";
let keeper: QueueKeeper;

function boot(): QueueKeeper {
  return new QueueKeeper({
    read: () => disk,
    write: (kept) => {
      disk = kept;
      writes += 1;
    },
    erase: async () => {
      disk = undefined;
    },
    index: {
      register: async () => {
        listed = true;
      },
      remove: async () => {
        await duringRemove();
        listed = false;
      },
      set: (_whose, rule) =>
        new Promise((resolve) => {
          underWay.push(() => {
            indexed = rule;
            resolve();
          });
        }),
    },
  });
}

beforeEach(() => {
  disk = undefined;
  writes = 0;
  underWay = [];
  listed = false;
  duringRemove = async () => {};
  indexed = "nothing";
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

const WHOSE = { tenant: "acme", queue: "a/f" };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("two who change one rule at once both count, here and in the index, in whatever order its writes come through", async () => {
  const changes: readonly QueueChange[] = [{ paused: true }, { limit: 3 }, { paused: false }, { limit: null }];
  const said: (QueueRule | undefined)[] = [];
  for (const [first, second] of [changes.slice(0, 2), changes.slice(2, 4)]) {
    const published: Promise<void>[] = [];
    for (const change of [first, second]) {
      keeper.change(WHOSE, change ?? {});
      published.push(keeper.publish());
      await turn();
    }
    for (let left = 5; left > 0; left -= 1) {
      await turn();
      for (const end of underWay.splice(0).reverse()) end();
    }
    await Promise.all(published);
    expect(indexed).toEqual(keeper.kept?.set);
    said.push(keeper.kept?.set);
  }
  expect(said).toEqual([{ limit: 3, paused: true }, undefined]);
});

test("an index that refused a write is told again with the next change", async () => {
  const set = async () => Promise.reject(new Error("away"));
  const broken = new QueueKeeper({
    read: () => undefined,
    write: () => {},
    erase: async () => {},
    index: { register: async () => {}, remove: async () => {}, set },
  });
  broken.change(WHOSE, { limit: 1 });
  await expect(broken.publish()).rejects.toThrow("away");
  await expect(broken.publish()).rejects.toThrow("away");
  expect(broken.rule.limit).toBe(1);
});

test("one that is idle is forgotten, here and in the index, and the next ask names it anew", async () => {
  keeper.hear(ask(1, 1_000));
  await keeper.register();
  expect([listed, disk?.registered]).toEqual([true, true]);
  await keeper.forget(() => true);
  expect([listed, disk, keeper.kept]).toEqual([false, undefined, undefined]);
  keeper.hear(ask(1, 1_000));
  await keeper.register();
  expect([listed, disk?.declared]).toEqual([true, 1]);
});

test("one that is asked while the index removes it stays, and is listed again", async () => {
  keeper.hear(ask(1, 1_000));
  await keeper.register();
  let isIdle = true;
  let registered: Promise<void> | undefined;
  duringRemove = async () => {
    isIdle = false;
    keeper.hear(ask(1, 2_000));
    expect(keeper.kept?.registered).toBe(false);
    registered = keeper.register();
    await turn();
  };
  await keeper.forget(() => isIdle);
  await registered;
  expect([listed, disk?.registered]).toEqual([true, true]);
});

test("what only gives back names no queue", () => {
  keeper.hear(giveBack(5));
  expect([keeper.kept, disk]).toEqual([undefined, undefined]);
});
