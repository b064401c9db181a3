/** What an operator set is known to each isolate within ten seconds, without a hop on the way of most starts. */
import { beforeEach, expect, test } from "vitest";
import type { QueueRules } from "../../../../src/domain/intake/queues.ts";
import { NO_RULES } from "../../../../src/domain/intake/queues.ts";
import { QueueRuleCache } from "../../../../src/operations/operator/queue-rules.ts";

const FIRST: QueueRules = new Map([["a", { limit: 1 }]]);
const SECOND: QueueRules = new Map([["a", { limit: 2 }]]);

let now: number;
let stored: QueueRules | "away" | "slow";
let reads: number;
let cache: QueueRuleCache;

beforeEach(() => {
  now = 1_000_000;
  stored = FIRST;
  reads = 0;
  cache = new QueueRuleCache({
    now: () => now,
    pause: () => Promise.resolve(),
    read: async () => {
      reads += 1;
      const is = stored;
      if (is === "slow") return new Promise<never>(() => {});
      if (is === "away") throw new Error("the index is away");
      return is;
    },
  });
});

/** As a start asks, with what it set off beside it done. */
async function known(): Promise<QueueRules> {
  const rules = await cache.of("acme");
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  return rules;
}

/** A read wins the race against a pause that ends at once only when it was there before. */
async function first(): Promise<void> {
  await known();
  await known();
}

test("many starts read once", async () => {
  await first();
  for (let n = 0; n < 20; n += 1) expect(await known()).toBe(FIRST);
  expect(reads).toBe(1);
});

test("starts that go on without a pause wait for a read once in four seconds, and know a change within ten", async () => {
  await first();
  stored = SECOND;
  let changedAfter = Number.POSITIVE_INFINITY;
  let waited = 0;
  const since = now;
  for (now += 100; now - since <= 10_000; now += 100) {
    const rules = cache.of("acme");
    waited += rules instanceof Promise ? 1 : 0;
    if ((await rules) === SECOND || (await known()) === SECOND) changedAfter = Math.min(changedAfter, now - since);
  }
  expect(changedAfter).toBeLessThanOrEqual(10_000);
  expect(waited).toBeLessThanOrEqual(4);
  expect(reads).toBeLessThanOrEqual(4);
});

test("a read that ended with the request that began it holds no other start up, at any age", async () => {
  await first();
  for (const ageMs of [5_000, 11_000]) {
    now += ageMs;
    stored = "slow";
    void cache.of("acme");
    stored = ageMs === 5_000 ? SECOND : FIRST;
    now += 1_000;
    await known();
    expect(await known()).toBe(stored);
  }
});

test("two starts that know nothing read for themselves", async () => {
  void cache.of("acme");
  void cache.of("acme");
  expect(reads).toBe(2);
});

test("what is older than ten seconds is not used: the read is waited for", async () => {
  await first();
  stored = SECOND;
  now += 10_001;
  const waited = cache.of("acme");
  expect(waited).toBeInstanceOf(Promise);
  await waited;
  expect(await known()).toBe(SECOND);
});

test("an index that does not answer is not waited for: what was known last counts", async () => {
  stored = "slow";
  expect(await cache.of("other")).toBe(NO_RULES);
  stored = FIRST;
  await first();
  stored = "away";
  now += 60_000;
  expect(await cache.of("acme")).toBe(FIRST);
});

test("after a change of its own nothing old is known, also where an older read is under way", async () => {
  await first();
  now += 5_000;
  void cache.of("acme");
  stored = SECOND;
  cache.forget("acme");
  await known();
  expect(await known()).toBe(SECOND);
});

test("what a read brings that a change or a younger read overtook is not kept", async () => {
  const ends: ((rules: QueueRules) => void)[] = [];
  const read = () => new Promise<QueueRules>((resolve) => ends.push(resolve));
  const slow = new QueueRuleCache({ now: () => now, pause: () => new Promise<void>(() => {}), read });
  const before = slow.of("acme");
  slow.forget("acme");
  ends[0]?.(FIRST);
  await before;
  const older = slow.of("acme");
  expect(older).toBeInstanceOf(Promise);
  now += 1;
  const younger = slow.of("acme");
  ends[2]?.(SECOND);
  await younger;
  ends[1]?.(FIRST);
  await older;
  expect(slow.of("acme")).toBe(SECOND);
});
