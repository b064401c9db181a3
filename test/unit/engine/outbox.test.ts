import { describe, expect, it } from "vitest";
import { Journal } from "../../../src/engine/journal.ts";
import { Outbox } from "../../../src/engine/outbox.ts";
import type { Letter, World } from "../../../src/engine/ports.ts";
import { DEFAULT_TEMPO } from "../../../src/engine/ports.ts";
import { ORIGIN } from "../../support/log.ts";
import { SimStore } from "../../support/simulator/sim-store.ts";

/** An outbox over a store in memory; posts are kept and answered as `reachable` says. */
function outboxOf(reachable: { now: boolean }) {
  const posted: Letter[] = [];
  const clock = { now: 1_000 };
  const store = new SimStore(() => {});
  const world = {
    now: () => clock.now,
    later: () => {},
    log: () => {},
    post: async (letter: Letter) => {
      posted.push(letter);
      if (!reachable.now) throw new Error("not reachable");
    },
  } as unknown as World;
  const journal = new Journal(
    store.handle(() => true),
    world,
    DEFAULT_TEMPO,
  );
  journal.dispatch({ type: "create", origin: ORIGIN, input: null }, "ann");
  return { posted, clock, store, journal, outbox: new Outbox(journal, world) };
}

describe("the outbox", () => {
  it("sends nothing that is only staged", async () => {
    const { posted, journal, outbox } = outboxOf({ now: true });
    await outbox.deliver();
    expect(posted).toEqual([]);
    journal.flush();
    await outbox.deliver();
    expect(posted.map(({ to }) => to)).toEqual(["registry"]);
    expect(journal.outbox.size).toBe(0);
  });

  it("tells the registry the committed state, whatever is staged meanwhile", async () => {
    const { posted, journal, outbox } = outboxOf({ now: true });
    journal.flush();
    journal.dispatch({ type: "add_note", message: "staged", tags: [], by: "ann" }, "ann");
    await outbox.deliver();
    expect(posted).toMatchObject([{ to: "registry", state: { seq: 2 } }]);
  });

  it("tries again what could not be delivered, later each time, and keeps an alarm for it after the end", async () => {
    const reachable = { now: false };
    const { posted, clock, store, journal, outbox } = outboxOf(reachable);
    journal.dispatch({ type: "cancel", by: "ann" }, "ann");
    journal.flush();
    const waits: number[] = [];
    for (let tries = 0; tries < 4; tries += 1) {
      await outbox.deliver();
      const [row] = journal.outbox.values();
      waits.push((row?.nextAtMs ?? 0) - clock.now);
      expect(store.view.alarmAtMs).toBeLessThanOrEqual(row?.nextAtMs ?? 0);
      await outbox.deliver();
      clock.now = row?.nextAtMs ?? 0;
      // The platform has taken the alarm away to ring it.
      store.takeAlarm();
      journal.alarmFired();
    }
    expect([posted.length, waits]).toEqual([4, [5_000, 10_000, 20_000, 40_000]]);
    reachable.now = true;
    await outbox.deliver();
    journal.flush();
    expect([journal.outbox.size, store.view.alarmAtMs]).toEqual([0, undefined]);
  });
});
