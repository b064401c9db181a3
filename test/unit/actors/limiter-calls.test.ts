/** What a limiter says and asks: an answer that is lost gives no slot away, and what it says is what its disk says. */
import { expect, test } from "vitest";
import type { Heard } from "../../../src/actors/queues/limiter.ts";
import { Limiter } from "../../../src/actors/queues/limiter.ts";
import type { Asked, QueueRule, SlotRecord } from "../../../src/domain/intake/slot-book.ts";

const asked = (id: string): Asked => ({ id, epoch: 1, above: [], sinceMs: 0, priority: 3, fairness: "x" });
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A limiter whose executions answer as `heard` says, on a disk that can be full. */
class Town {
  now = 0;
  rows = new Map<string, SlotRecord>();
  alarmAtMs: number | undefined;
  isFull = false;
  heard: () => Promise<Heard> = async () => "yes";
  /** Each that was told or asked, and when. */
  readonly calls: { readonly what: string; readonly atMs: number }[] = [];
  readonly limiter: Limiter;

  constructor(rule: QueueRule) {
    this.limiter = new Limiter({
      now: () => this.now,
      load: () => ({ records: [...this.rows.values()], rule }),
      commit: ({ put, removed, alarmAtMs }) => {
        if (this.isFull) throw new Error("the disk is full");
        for (const record of put) this.rows.set(record.id, record);
        for (const id of removed) this.rows.delete(id);
        this.alarmAtMs = alarmAtMs ?? this.alarmAtMs;
      },
      tell: (id) => this.#called(`tell ${id}`),
      check: (id) => this.#called(`check ${id}`),
      isSet: () => true,
      failed: () => {},
    });
  }

  #called(what: string): Promise<Heard> {
    this.calls.push({ what, atMs: this.now });
    return this.heard();
  }

  /** The alarm goes off, so many times; the waits between the calls that it makes. */
  async alarms(times: number): Promise<number[]> {
    const before = this.calls.length;
    for (let n = 0; n < times; n += 1) {
      this.now = this.alarmAtMs ?? this.now;
      await this.limiter.round();
    }
    const made = this.calls.slice(before).map(({ atMs }) => atMs);
    return made.slice(1).map((atMs, at) => atMs - (made[at] ?? 0));
  }
}

test("one that waited is told until it hears, at most five minutes apart, and keeps its slot meanwhile", async () => {
  const town = new Town({ limit: 1 });
  expect(["a", "b", "c"].map((id) => town.limiter.ask(asked(id)))).toEqual([true, false, false]);
  town.heard = () => Promise.reject(new Error("it is away"));
  town.limiter.giveBack("a", 1);
  await settled();
  const waits = await town.alarms(10);
  expect(waits.slice(0, 3)).toEqual([10_000, 20_000, 40_000]);
  expect(Math.max(...waits)).toBe(300_000);
  expect(new Set(town.calls.map(({ what }) => what))).toEqual(new Set(["tell b"]));
  town.heard = async () => "yes";
  await town.alarms(2);
  expect(town.calls.slice(-2).map(({ what }) => what)).toEqual(["tell b", "check b"]);
  expect(town.limiter.report()).toMatchObject({ running: 1, waiting: 1 });
});

test("one that holds a slot is asked less and less often, at least once an hour; the slot of one that does not goes on", async () => {
  const town = new Town({ limit: 1 });
  for (const id of ["a", "b"]) town.limiter.ask(asked(id));
  const waits = await town.alarms(12);
  expect(waits.slice(0, 3)).toEqual([60_000, 120_000, 240_000]);
  expect(Math.max(...waits)).toBe(3_600_000);
  town.heard = async () => "no";
  town.now = town.alarmAtMs ?? 0;
  const round = town.limiter.round();
  town.heard = async () => "yes";
  await round;
  expect(town.calls.slice(-2).map(({ what }) => what)).toEqual(["check a", "tell b"]);
  expect([...town.rows.keys()]).toEqual(["b"]);
});

test("a commit that fails leaves what the disk says, in the memory too", () => {
  const town = new Town({ limit: 1 });
  for (const id of ["a", "b"]) town.limiter.ask(asked(id));
  town.isFull = true;
  expect(() => town.limiter.giveBack("a", 1)).toThrow("the disk is full");
  expect(() => town.limiter.ask(asked("c"))).toThrow("the disk is full");
  town.isFull = false;
  expect(town.limiter.report("b")).toMatchObject({ running: 1, waiting: 1, position: 1 });
});

test("a rule that comes with a question holds from that question on", async () => {
  const town = new Town({ limit: 1 });
  expect(town.limiter.ask(asked("a"), { limit: 1, paused: true })).toBe(false);
  expect(town.limiter.ask(asked("b"), { limit: 2, paused: false })).toBe(true);
  await settled();
  expect(town.calls.map(({ what }) => what)).toEqual(["tell a"]);
  expect(town.limiter.report()).toMatchObject({ running: 2, waiting: 0, limit: 2, paused: false });
});
