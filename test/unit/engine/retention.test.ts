import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent } from "../../../src/define/agent.ts";
import { decide } from "../../../src/domain/decide/decide.ts";
import { parseRetention } from "../../../src/domain/execution/retention.ts";
import { ExecutionState } from "../../../src/domain/execution/state.ts";
import { fold } from "../../../src/domain/fold/evolve.ts";
import { DurableExecution } from "../../../src/engine/execution/durable-execution.ts";
import type { OutboxMessage } from "../../../src/engine/message.ts";
import type { ArchivedLog, World } from "../../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../../src/engine/ports.ts";
import { ORIGIN, running } from "../../support/log.ts";
import { SimStore } from "../../support/simulator/actors/sim-store.ts";
import { decider, truthful } from "../../support/simulator/people/people.ts";
import { SimWorld } from "../../support/simulator/sim-world.ts";
import { charge, run } from "../../support/simulator/small-world.ts";
import { stateWith } from "../../support/state-with.ts";

const DAY_MS = 86_400_000;

function worldThatForgets(seed: number): SimWorld {
  const io = { input: z.unknown(), output: z.unknown() };
  const world = new SimWorld({
    seed,
    people: [decider, truthful],
    timing: { retentionMs: 90 * DAY_MS },
    agents: (made) => [
      defineAgent({ id: "a", description: "", version: "1" })
        .reasoner("main", io, async (_input, ctx) => {
          await charge(ctx, made);
          return ctx.call("a.small", null);
        })
        .reasoner("small", io, async (_input, ctx) => ctx.step("words", () => "a secret result")),
    ],
  });
  world.start("a.main", null, { sessionId: "s", actorId: "who" });
  return world;
}

describe("in a world that may crash at any moment", () => {
  const seeds = [1, 2, 3];
  const ticks = Array.from({ length: 60 }, (_, tick) => tick);
  it.each(seeds)("every execution ends, and is forgotten when its time is over (seed %i)", async (seed) => {
    for (const tick of ticks) {
      const world = worldThatForgets(seed);
      await run(world, () => world.ticks === tick);
      world.crash();
      await run(world);
      expect(world.wrongs).toEqual([]);
      expect(world.stores.size).toBe(2);
      for (const [id, { view, durable, owed }] of world.stores) {
        const { state, events, timers, alarmAtMs } = view;
        expect(state).toMatchObject({ status: "succeeded", archivedAtMs: expect.any(Number) });
        expect((state?.archivedAtMs ?? 0) - (state?.finishedAtMs ?? 0)).toBeGreaterThanOrEqual(90 * DAY_MS);
        expect([events.map(({ type }) => type), timers.size, owed.size, alarmAtMs]).toEqual([
          ["log.archived"],
          0,
          0,
          undefined,
        ]);
        expect(JSON.stringify(durable.events) + JSON.stringify(durable.state)).not.toMatch(/secret|"s"|who/);
        expect(world.registry.get(id)?.at(-1)).toMatchObject({ archivedAtMs: expect.any(Number) });
      }
      expect(world.outside.applied()).toEqual({ charge: 1 });
    }
  });
});

const eventsIn = ({ chain }: ArchivedLog) => [...chain.rows(0)].flatMap(({ texts }) => texts).length;

/** One ended execution over a store in memory, with an archive that answers as told. */
function ended({ archive, up = true }: { archive?: NonNullable<World["archive"]>; up?: boolean } = {}) {
  const clock = { now: 1_000 };
  const logged: string[] = [];
  const reachable = { now: up };
  const store = new SimStore(() => {});
  const world = {
    now: () => clock.now,
    drainMicrotasks: async () => {},
    later: (_ms: number, fn: () => void) => void queueMicrotask(fn),
    log: (_level: string, message: string) => void logged.push(message),
    deliver: async (_message: OutboxMessage) => {
      if (!reachable.now) throw new Error("not reachable");
    },
    ...(archive ? { archive } : {}),
  } as unknown as World;
  const open = () =>
    new DurableExecution(
      store.handle(() => true),
      world,
      { ...DEFAULT_TIMING, retentionMs: DAY_MS },
    );
  const execution = open();
  execution.journal.dispatch({ type: "create", origin: ORIGIN, input: "words" }, "ann");
  void execution.dispatch({ type: "cancel", by: "ann" }, "ann");
  const ring = async () => {
    store.takeAlarm();
    void execution.onAlarm();
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  /** The sweeper has found it in the index. */
  const expire = async () => {
    await execution.expire();
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  return { clock, logged, reachable, store, execution, ring, expire, settled };
}

describe("the removal of a log", () => {
  it("comes when its time is over and not before, and no alarm stands for it", async () => {
    const { clock, store, ring, expire, settled } = ended();
    await settled();
    // It was set in case that the index would not take the row; it goes off for nothing.
    expect(store.view.alarmAtMs).toBe(1_000 + DEFAULT_TIMING.redeliverMs);
    await ring();
    expect([store.view.alarmAtMs, store.owed.size]).toEqual([undefined, 0]);
    clock.now = 999 + DAY_MS;
    await expire();
    expect(store.view.state?.archivedAtMs).toBeUndefined();
    clock.now = 1_000 + DAY_MS;
    await expire();
    expect(store.view.state).toMatchObject({ status: "cancelled", archivedAtMs: clock.now });
  });

  it("waits for a message that nobody has taken yet", async () => {
    const { clock, reachable, store, ring, expire, settled } = ended({ up: false });
    await settled();
    clock.now = 2_000 + DAY_MS;
    await expire();
    expect([store.owed.size, store.view.state?.archivedAtMs]).toEqual([1, undefined]);
    reachable.now = true;
    await ring();
    await expire();
    expect(store.view.state?.archivedAtMs).toBe(clock.now);
    for (let rings = 0; rings < 3 && store.view.alarmAtMs !== undefined; rings += 1) {
      clock.now = Math.max(clock.now, store.view.alarmAtMs);
      await ring();
    }
    expect([store.owed.size, store.view.alarmAtMs]).toEqual([0, undefined]);
  });

  it("comes after the archive has all of it, and is tried again when the archive fails", async () => {
    const seen: number[] = [];
    let works = false;
    const { clock, logged, store, ring, expire, settled } = ended({
      archive: async (log) => {
        if (!works) throw new Error("the archive is down");
        seen.push(eventsIn(log));
        return { key: "archive/x", head: "h" };
      },
    });
    await settled();
    await ring();
    clock.now = 1_000 + DAY_MS;
    await expire();
    expect(store.view.state?.archivedAtMs).toBeUndefined();
    expect(logged).toEqual(["a log could not be archived"]);
    // The sweeper comes each minute; the archive is asked again after an hour.
    clock.now += 60_000;
    await expire();
    expect(logged).toHaveLength(1);
    works = true;
    clock.now += 3_600_000;
    const { length } = store.view.events;
    await expire();
    expect(seen).toEqual([length]);
    expect(store.view.state).toMatchObject({ archivedAtMs: clock.now, archive: "archive/x", archiveHead: "h" });
  });

  it("does not lose a note that comes while the archive writes", async () => {
    const archived: number[] = [];
    let meanwhile = () => {};
    const { clock, store, execution, expire, settled } = ended({
      archive: async (log) => {
        archived.push(eventsIn(log));
        meanwhile();
        return { key: "archive/x" };
      },
    });
    await settled();
    meanwhile = () => {
      meanwhile = () => {};
      void execution.dispatch({ type: "add_note", message: "just in time", tags: [], by: "ann" }, "ann");
    };
    clock.now = 1_000 + DAY_MS;
    await expire();
    expect(store.view.state?.archivedAtMs).toBeUndefined();
    await expire();
    expect(archived.length).toBe(2);
    expect((archived[1] ?? 0) - (archived[0] ?? 0)).toBe(1);
    expect(store.view.state?.archivedAtMs).toBe(clock.now);
  });
});

describe("a tombstone", () => {
  it("takes no command, answers the same request with gone, and survives its own row", async () => {
    const { clock, store, expire, settled } = ended();
    await settled();
    clock.now = 1_000 + DAY_MS;
    await expire();
    const { state } = store.view;
    const view = { state, index: () => expect.fail("a tombstone has no journal") };
    const same = { type: "create", origin: ORIGIN, input: "words" } as const;
    const gone = {
      ok: false,
      code: "gone",
      detail: expect.stringContaining("ended cancelled"),
      executionId: ORIGIN.id,
    };
    expect(decide(view, same, 5)).toEqual(gone);
    const other = { ...same, origin: { ...ORIGIN, digest: "another" } };
    expect(decide(view, other, 5)).toMatchObject({ ok: false, code: "idempotency_mismatch" });
    for (const command of [
      { type: "cancel", by: "ann" },
      { type: "add_note", message: "x", tags: [], by: "ann" },
    ] as const)
      expect(decide(view, command, 5)).toEqual(gone);
    expect(ExecutionState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(fold(store.view.events, state)).toEqual(state);
  });

  it("is not made before its time, nor of an execution that has not ended, nor twice", () => {
    const index = () => expect.fail("nobody needs the journal for this");
    const command = { type: "archive_log", retentionMs: DAY_MS } as const;
    const { state: going } = running();
    expect(decide({ state: going, index }, command, 10 * DAY_MS)).toEqual({ ok: true, events: [] });
    if (!going) throw new Error("no state");
    const over = stateWith(going, { status: "succeeded", finishedAtMs: 1_000 });
    expect(decide({ state: over, index }, command, 999 + DAY_MS)).toEqual({ ok: true, events: [] });
    const archived = { type: "log.archived", data: { retentionMs: DAY_MS } };
    expect(decide({ state: over, index }, command, 1_000 + DAY_MS)).toEqual({ ok: true, events: [archived] });
    const forEver = { ...command, retentionMs: Number.POSITIVE_INFINITY };
    expect(decide({ state: over, index }, forEver, 1e15)).toEqual({ ok: true, events: [] });
    expect(decide({ state: stateWith(over, { archivedAtMs: 5 }), index }, command, 1e15)).toMatchObject({
      code: "gone",
    });
  });
});

describe("the setting", () => {
  it.each([
    [undefined, 90 * DAY_MS],
    ["", 90 * DAY_MS],
    ["30", 30 * DAY_MS],
    ["0.5", DAY_MS / 2],
    ["forever", Number.POSITIVE_INFINITY],
    // What cannot be understood removes nothing.
    ["0", Number.POSITIVE_INFINITY],
    ["-1", Number.POSITIVE_INFINITY],
    ["soon", Number.POSITIVE_INFINITY],
    ["1e9", Number.POSITIVE_INFINITY],
  ])("%s", (text, ms) => {
    expect(parseRetention(text).ms).toBe(ms);
  });
});
