/** A limiter beside its slots: what one message costs it, when its alarm goes off, and what it reports. */
import { beforeEach, expect, test } from "vitest";
import type { Heard, LimiterParts } from "../../../../src/actors/queues/limiter.ts";
import { Limiter } from "../../../../src/actors/queues/limiter.ts";
import type { SlotRecord } from "../../../../src/domain/intake/slot-book.ts";
import { FIRST_CHECK_MS } from "../../../../src/domain/intake/slot-book.ts";

let now: number;
let disk: Map<string, SlotRecord>;
let limit: number | undefined;
let heard: Heard;
let asked: string[];
let commits: number;
let alarms: number[];
let looks: number;
let isSet: boolean;

beforeEach(() => {
  now = 1_000_000;
  disk = new Map();
  limit = undefined;
  heard = "yes";
  asked = [];
  commits = 0;
  alarms = [];
  looks = 0;
  isSet = true;
});

/** Each look into what was stored is counted. */
const counted = (record: SlotRecord): SlotRecord =>
  new Proxy(record, {
    get: (of, name) => {
      looks += 1;
      return Reflect.get(of, name);
    },
  });

function boot(): Limiter {
  const look = async (id: string) => {
    asked.push(id);
    return heard;
  };
  const parts: LimiterParts = {
    now: () => now,
    load: () => ({ records: [...disk.values()].map(counted), rule: { limit } }),
    commit: ({ put, removed, alarmAtMs }) => {
      commits += 1;
      for (const record of put) disk.set(record.id, record);
      for (const id of removed) disk.delete(id);
      if (alarmAtMs !== undefined) alarms.push(alarmAtMs);
    },
    tell: look,
    check: look,
    isSet: () => isSet,
    failed: (error) => {
      throw error;
    },
  };
  return new Limiter(parts);
}

const one = (id: string, above: readonly string[] = []) => ({
  ...{ id, epoch: 1, priority: 3 as const, fairness: "f", sinceMs: now, above },
});

test("the alarm is armed where it is to go off earlier, or after it went off, and not with each message", async () => {
  const limiter = boot();
  const first = now + FIRST_CHECK_MS;
  for (let n = 0; n < 100; n += 1) {
    limiter.ask(one(`e${n}`));
    now += 10;
  }
  expect([commits, alarms]).toEqual([100, [first]]);
  // What changes nothing is not written.
  limiter.ask(one("e7"));
  limiter.giveBack("e7", 0);
  expect(commits).toBe(100);
  limiter.giveBack("e0", 1);
  now = first;
  await limiter.round();
  expect([asked, alarms]).toEqual([[], [first, first + 10]]);
  now = first + 20;
  await limiter.round();
  expect(asked).toEqual(["e1", "e2"]);
  // While the second was asked it had to stand for that one.
  expect(alarms.slice(2)).toEqual([first + 20]);
  await limiter.round();
  expect(alarms.slice(3)).toEqual([first + 30]);
});

test("a look is repeated less and less often, and soon where its holder was not reached", async () => {
  const limiter = boot();
  limiter.ask(one("a"));
  const waits: number[] = [];
  for (const answer of ["yes", "yes", "yes", "unknown", "yes"] as const) {
    heard = answer;
    now = disk.get("a")?.checkAtMs ?? 0;
    await limiter.round();
    waits.push(((disk.get("a")?.checkAtMs ?? 0) - now) / 1_000);
  }
  expect(waits).toEqual([60, 120, 240, 40, 960]);
  for (let n = 0; n < 12; n += 1) {
    now = disk.get("a")?.checkAtMs ?? 0;
    await limiter.round();
  }
  expect((disk.get("a")?.checkAtMs ?? 0) - now).toBe(3_600_000);
  heard = "no";
  now += 3_600_000;
  await limiter.round();
  expect(disk.size).toBe(0);
});

test("a message costs no look at each of 5,000 that hold and 5,000 that wait", () => {
  limit = 5_000;
  const writer = boot();
  for (let n = 0; n < 10_000; n += 1) writer.ask(one(`e${n}`, n % 2 === 0 ? ["root"] : []));
  const limiter = boot();
  expect(limiter.report()).toMatchObject({ running: 5_000, waiting: 5_000 });
  looks = 0;
  limiter.ask(one("new", ["e4", "elsewhere"]));
  limiter.ask(one("other"));
  limiter.giveBack("other", 1);
  expect(limiter.report().oldestAtMs).toBe(now);
  expect(looks).toBeLessThan(500);
});

test("a queue that holds nothing is idle after a minute without a word, unless an operator set it", async () => {
  isSet = false;
  const limiter = boot();
  limiter.ask(one("a"));
  expect(limiter.isIdle).toBe(false);
  now += 30_000;
  limiter.giveBack("a", 1);
  const heardAtMs = now;
  // The alarm that stood for the check goes off first.
  now += 30_000;
  await limiter.round();
  expect([limiter.isIdle, alarms.at(-1)]).toEqual([false, heardAtMs + 60_000]);
  now = heardAtMs + 60_000;
  await limiter.round();
  expect(limiter.isIdle).toBe(true);
  isSet = true;
  expect([limiter.isIdle, boot().isIdle]).toEqual([false, false]);
  isSet = false;
  // One that was woken by its alarm has heard nothing.
  expect(boot().isIdle).toBe(true);
  limiter.ask(one("b"));
  limiter.giveBack("b", 1);
  expect([limiter.isIdle, boot().isIdle]).toEqual([false, true]);
});

test("one is let into the slot of an execution above or below it, after a reload too", () => {
  limit = 1;
  boot().ask(one("parent"));
  expect(boot().ask(one("stranger"))).toBe(false);
  expect(boot().ask(one("child", ["parent"]))).toBe(true);
  expect(boot().ask(one("sibling", ["parent"]))).toBe(false);
  const limiter = boot();
  limiter.giveBack("parent", 1);
  expect(boot().ask({ ...one("parent"), epoch: 2 })).toBe(true);
  expect([boot().report().running, boot().report().waiting]).toEqual([1, 2]);
});

test("reports since when the oldest waits, of what still waits", () => {
  limit = 0;
  const limiter = boot();
  expect(limiter.report().oldestAtMs).toBeUndefined();
  for (const id of ["a", "b", "c"]) {
    limiter.ask(one(id));
    now += 1_000;
  }
  expect(limiter.report().oldestAtMs).toBe(now - 3_000);
  limiter.giveBack("a", 1);
  expect(limiter.report().oldestAtMs).toBe(now - 2_000);
  limiter.configure({ limit: 1 });
  expect(limiter.report().oldestAtMs).toBe(now - 1_000);
});
