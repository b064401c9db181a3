/** The index refuses writes for a day while thousands of executions end: none of them wakes for it, and it is right afterwards. */
import { expect, test } from "vitest";
import { CatchUp } from "../../../src/actors/projector/catch-up.ts";
import { HeldEntries } from "../../../src/actors/projector/held-entries.ts";
import { WriteBatcher } from "../../../src/actors/projector/write-batcher.ts";
import { Journal } from "../../../src/engine/journal/journal.ts";
import type { OutboxMessage } from "../../../src/engine/message.ts";
import { Outbox } from "../../../src/engine/outbox/outbox.ts";
import type { World } from "../../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../../src/engine/ports.ts";
import { ORIGIN } from "../../support/log.ts";
import { ObjectStorage } from "../../support/object-storage.ts";
import { SimStore } from "../../support/simulator/actors/sim-store.ts";

const DAY_MS = 24 * 3_600_000;

interface Entry {
  readonly id: string;
  readonly seq: number;
  readonly status: string;
}

class Index {
  readonly rows = new Map<string, Entry>();
  readonly deadLetters: string[] = [];
  refuses = true;
  attempts = 0;
  write = async (entries: readonly Entry[]) => {
    this.attempts += 1;
    if (this.refuses) throw new Error("D1_ERROR: database or disk is full: SQLITE_FULL");
    for (const entry of entries) if (entry.seq > (this.rows.get(entry.id)?.seq ?? 0)) this.rows.set(entry.id, entry);
  };
}

/** The projector, which the platform may evict whenever it is idle: its storage stays. */
function projector(index: Index, { disk, clock }: { disk: ObjectStorage; clock: { now: number; alarm: number } }) {
  const nameOf = ({ id }: Entry) => id;
  const seqOf = ({ seq }: Entry) => seq;
  const held = new HeldEntries<Entry>(disk.storage, { nameOf, seqOf, maxCharacters: 50_000_000 });
  const writing = {
    write: index.write,
    written: () => {},
    isUp: async () => !index.refuses,
    deadLetter: async ({ id }: Entry) => void index.deadLetters.push(id),
  };
  const catchUp = new CatchUp<Entry>({
    ...writing,
    held,
    now: () => clock.now,
    setAlarm: async (atMs) => {
      clock.alarm = atMs;
    },
    failures: failuresIn(disk),
  });
  const hold = (entries: readonly Entry[]) => catchUp.hold(entries);
  return {
    catchUp,
    held,
    fanIn: new WriteBatcher<Entry>({ ...writing, nameOf, seqOf, hold, isHolding: () => held.size > 0 }),
  };
}

const failuresOf = new WeakMap<ObjectStorage, number>();
const failuresIn = (disk: ObjectStorage) => ({
  get: () => failuresOf.get(disk) ?? 0,
  set: (count: number) => void failuresOf.set(disk, count),
});

function ended(
  id: string,
  { post, clock }: { post: (message: OutboxMessage) => Promise<void>; clock: { now: number } },
) {
  const world = {
    now: () => clock.now,
    later: (_ms: number, fn: () => void) => {
      queueMicrotask(fn);
      return () => {};
    },
    log: () => {},
    deliver: post,
  } as unknown as World;
  const store = new SimStore(() => {});
  const journal = new Journal(
    store.handle(() => true),
    world,
    DEFAULT_TIMING,
  );
  journal.dispatch({ type: "create", origin: { ...ORIGIN, id }, input: null }, "ann");
  journal.dispatch({ type: "cancel", by: "ann" }, "ann");
  void journal.flush();
  return { journal, outbox: new Outbox(journal, world) };
}

test("ten thousand executions that end while the index refuses writes for a day wake for it no more than once", async () => {
  const index = new Index();
  const disk = new ObjectStorage();
  const clock = { now: Date.UTC(2026, 0, 1), alarm: Number.POSITIVE_INFINITY };
  let actor = projector(index, { disk, clock });
  const post = async (message: OutboxMessage) => {
    if (message.to !== "registry") return;
    const { origin, seq, status } = message.state;
    await actor.fanIn.add({ id: origin.id, seq, status });
  };
  const executions = Array.from({ length: 10_000 }, (_, n) => ended(`exec_${n}`, { post, clock }));
  await Promise.all(executions.map(({ outbox }) => outbox.deliver()));
  expect(executions.filter(({ journal }) => journal.outbox.size > 0)).toHaveLength(0);
  // The alarm of its last commit goes off once, finds nothing owed, and no other one is set.
  clock.now += DEFAULT_TIMING.redeliverMs;
  for (const { journal } of executions) {
    journal.alarmFired();
    await journal.flush();
  }
  expect(executions.filter(({ journal }) => journal.alarmAtMs !== undefined)).toHaveLength(0);
  expect(actor.held.size).toBe(10_000);

  const end = clock.now + DAY_MS;
  const before = index.attempts;
  while (clock.alarm < end) {
    clock.now = clock.alarm;
    actor = projector(index, { disk, clock });
    await actor.catchUp.run();
  }
  // Backing off to an hour: about 12 attempts in the first hour, then one an hour.
  expect(index.attempts - before).toBeLessThan(40);
  index.refuses = false;
  clock.now = clock.alarm;
  actor = projector(index, { disk, clock });
  await actor.catchUp.run();
  expect(actor.held.size).toBe(0);
  expect(index.rows.size).toBe(10_000);
  expect([...index.rows.values()].every(({ status }) => status === "cancelled")).toBe(true);
  expect(index.deadLetters).toEqual([]);
});

test("rows that come each minute of such a day are all held, with one attempt a minute, by a projector that is evicted now and then", async () => {
  const index = new Index();
  const disk = new ObjectStorage();
  const clock = { now: Date.UTC(2026, 0, 1), alarm: Number.POSITIVE_INFINITY };
  let actor = projector(index, { disk, clock });
  const wakeIfDue = async () => {
    for (; clock.alarm <= clock.now; ) {
      clock.alarm = Number.POSITIVE_INFINITY;
      await actor.catchUp.run();
    }
  };
  const MINUTES = 24 * 60;
  for (let minute = 0; minute < MINUTES; minute += 1) {
    if (minute % 100 === 50) actor = projector(index, { disk, clock });
    const entries = Array.from({ length: 7 }, (_, n) => ({ id: `exec_${minute}_${n}`, seq: 2, status: "succeeded" }));
    expect(actor.catchUp.hold(entries)).toBe(true);
    clock.now += 60_000;
    await wakeIfDue();
  }
  expect(projector(index, { disk, clock }).held.size).toBe(7 * MINUTES);
  expect(index.attempts).toBeLessThanOrEqual(MINUTES + 10);
  index.refuses = false;
  actor = projector(index, { disk, clock });
  clock.now = clock.alarm;
  await wakeIfDue();
  expect([projector(index, { disk, clock }).held.size, index.rows.size]).toEqual([0, 7 * MINUTES]);
  expect(index.deadLetters).toEqual([]);
});
