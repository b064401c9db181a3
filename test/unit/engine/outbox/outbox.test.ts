import { describe, expect, it } from "vitest";
import { NOTHING } from "../../../../src/domain/execution/budget.ts";
import type { Webhook } from "../../../../src/domain/execution/webhook.ts";
import { Journal } from "../../../../src/engine/journal/journal.ts";
import type { OutboxMessage } from "../../../../src/engine/message.ts";
import { Outbox } from "../../../../src/engine/outbox/outbox.ts";
import type { World } from "../../../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../../../src/engine/ports.ts";
import { ORIGIN } from "../../../support/log.ts";
import { SimStore } from "../../../support/simulator/actors/sim-store.ts";

const WEBHOOK: { readonly webhook: Webhook } = {
  webhook: { address: "https://h.example.com/", events: ["execution.failed"], signed: false, headerNames: [] },
};

interface Asked {
  readonly webhook?: Webhook;
  /** It is a child, and this many of its tries run here. */
  readonly tries?: { running: number };
}

/** An outbox over a store in memory; posts are kept and answered as `reachable` says. */
function outboxOf(reachable: { now: boolean }, { tries, ...asked }: Asked = {}) {
  const posted: OutboxMessage[] = [];
  const clock = { now: 1_000 };
  const calm: (() => void)[] = [];
  const store = new SimStore(() => {});
  const world = {
    now: () => clock.now,
    later: (_delayMs: number, fn: () => void) => {
      calm.push(fn);
      return () => {};
    },
    log: () => {},
    deliver: async (message: OutboxMessage) => {
      posted.push(message);
      if (!reachable.now) throw new Error("not reachable");
    },
  } as unknown as { -readonly [K in keyof World]: World[K] };
  const journal = new Journal(
    store.handle(() => true),
    world,
    DEFAULT_TIMING,
  );
  const origin = tries ? { ...ORIGIN, parentId: `exec_${"p".repeat(43)}`, owned: true } : ORIGIN;
  journal.dispatch({ type: "create", origin, input: null, ...asked }, "ann");
  const triesRun = () => (tries?.running ?? 0) > 0;
  const outbox = new Outbox(journal, world, { onNews: () => {}, onIndexed: () => {}, triesRun });
  /** What was put off happens now. */
  const calmDown = async () => {
    for (const fn of calm.splice(0)) fn();
    await outbox.deliver();
  };
  return { posted, clock, store, journal, outbox, calmDown, world };
}

describe("the outbox", () => {
  it("has fifty messages under way, and sends the others as these come back", async () => {
    const { journal, outbox, world } = outboxOf({ now: true });
    let underWay = 0;
    let most = 0;
    const arrived = new Set<string>();
    world.deliver = async (message) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      if (message.to === "child") arrived.add(message.childId);
      return undefined;
    };
    journal.dispatch({ type: "begin" }, "system");
    for (let n = 0; n < 130; n += 1) {
      const child = { key: `c${n}`, name: `c${n}`, childId: `child${n}`, target: "a.f", digest: "d", input: null };
      journal.dispatch({ type: "start_child", ...child, limits: {}, grant: NOTHING }, "program");
    }
    void journal.flush();
    await outbox.deliver();
    expect([most, arrived.size, journal.outbox.has("child:start:child129")]).toEqual([50, 130, false]);
  });

  it("waits for no host of a caller: a webhook that is never answered keeps no place and no other message", async () => {
    const { posted, outbox, journal, world } = outboxOf({ now: true }, WEBHOOK);
    let posts = 0;
    world.post = () => {
      posts += 1;
      return new Promise(() => {});
    };
    journal.dispatch({ type: "begin" }, "system");
    journal.dispatch({ type: "cancel", by: "ann" }, "ann");
    void journal.flush();
    await outbox.deliver();
    expect([posts, posted.map(({ to }) => to)]).toEqual([1, ["registry"]]);
    expect([...journal.outbox.keys()].map((id) => id.split(":")[0])).toEqual(["webhook"]);
  });

  it("sends nothing that is only staged", async () => {
    const { posted, journal, outbox, calmDown } = outboxOf({ now: true });
    await outbox.deliver();
    await calmDown();
    expect(posted).toEqual([]);
    void journal.flush();
    await outbox.deliver();
    await calmDown();
    expect(posted.map(({ to }) => to)).toEqual(["registry"]);
    expect(journal.outbox.size).toBe(0);
  });

  it("tells the registry the committed state, whatever is staged meanwhile", async () => {
    const { posted, journal, outbox, calmDown } = outboxOf({ now: true });
    void journal.flush();
    journal.dispatch({ type: "add_note", message: "staged", tags: [], by: "ann" }, "ann");
    await outbox.deliver();
    await calmDown();
    expect(posted).toMatchObject([{ to: "registry", state: { seq: 2 } }]);
  });

  it("tells the registry once what became of an execution that changes quickly, and at once when it has ended", async () => {
    const { posted, journal, outbox, calmDown } = outboxOf({ now: true });
    const dispatch = async (type: "pause" | "resume" | "cancel") => {
      journal.dispatch({ type, by: "ann" }, "ann");
      void journal.flush();
      await outbox.deliver();
    };
    journal.dispatch({ type: "begin" }, "system");
    await dispatch("pause");
    await dispatch("resume");
    expect(posted).toEqual([]);
    await calmDown();
    expect(posted).toMatchObject([{ state: { status: "running" } }]);
    await dispatch("pause");
    await dispatch("cancel");
    expect(posted).toMatchObject([{}, { state: { status: "cancelled" } }]);
  });

  it("tries again what could not be delivered, later each time, and keeps an alarm for it after the end", async () => {
    const reachable = { now: false };
    const { posted, clock, store, journal, outbox } = outboxOf(reachable);
    journal.dispatch({ type: "cancel", by: "ann" }, "ann");
    void journal.flush();
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
    void journal.flush();
    // What was sent more than once is acknowledged on disk, and no alarm stands.
    expect([journal.outbox.size, store.view.outbox.size, store.view.alarmAtMs]).toEqual([0, 0, undefined]);
  });

  it("writes nothing for an acknowledgement after the end; another process sends again what an alarm stands for", async () => {
    const { posted, clock, store, journal, outbox, world } = outboxOf({ now: true });
    journal.dispatch({ type: "cancel", by: "ann" }, "ann");
    void journal.flush();
    const { mark } = store;
    await outbox.deliver();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([posted.length, journal.outbox.size, store.mark]).toEqual([1, 0, mark]);
    const open = () => {
      const again = new Journal(
        store.handle(() => true),
        world,
        DEFAULT_TIMING,
      );
      return { again, sent: new Outbox(again, world) };
    };
    // Read before its alarm has gone off: the alarm sends it once more, and then it is acknowledged on disk.
    const { again, sent } = open();
    expect(again.outbox.size).toBe(1);
    clock.now = store.view.alarmAtMs ?? 0;
    store.takeAlarm();
    again.alarmFired();
    void again.flush();
    await sent.deliver();
    expect([posted.length, store.view.outbox.size]).toEqual([2, 0]);
  });

  it("sends nothing when an ended execution is read and no alarm stands; an alarm that comes all the same sends it", async () => {
    const { posted, clock, store, journal, world } = outboxOf({ now: true });
    journal.dispatch({ type: "cancel", by: "ann" }, "ann");
    void journal.flush();
    clock.now = store.view.alarmAtMs ?? 0;
    // The platform has taken the alarm, and a reader comes before its handler.
    store.takeAlarm();
    const again = new Journal(
      store.handle(() => true),
      world,
      DEFAULT_TIMING,
    );
    const sent = new Outbox(again, world);
    const { mark } = store;
    void again.flush();
    await sent.deliver();
    expect([posted.length, again.outbox.size, store.mark]).toEqual([0, 0, mark]);
    again.alarmFired();
    void again.flush();
    await sent.deliver();
    expect([posted.length, store.view.outbox.size]).toEqual([1, 0]);
  });

  it("sends again what was never answered, half a minute later", async () => {
    const { posted, clock, journal, outbox, world } = outboxOf({ now: true });
    const answers: (() => void)[] = [];
    world.deliver = (message: OutboxMessage) => {
      posted.push(message);
      return new Promise((resolve) => answers.push(() => resolve(undefined)));
    };
    journal.dispatch({ type: "cancel", by: "ann" }, "ann");
    void journal.flush();
    void outbox.deliver();
    clock.now += 29_999;
    void outbox.deliver();
    expect(posted).toHaveLength(1);
    clock.now += 1;
    void outbox.deliver();
    expect(posted).toHaveLength(2);
    answers[1]?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(journal.outbox.size).toBe(0);
  });

  it.each([
    ["parent_ended", [0, 0, 1]],
    [undefined, [0, 1, 1]],
  ] as const)(
    "tells a parent the end (%s) when no try runs any more, or was waited for half a minute",
    async (word, told) => {
      const tries = { running: 1 };
      const { posted, clock, journal, outbox } = outboxOf({ now: true }, { tries });
      journal.dispatch({ type: "cancel", by: "ann", ...(word ? { word } : {}) }, "ann");
      void journal.flush();
      const ends = async () => {
        await outbox.deliver();
        return posted.filter((message) => message.to === "parent" && message.verb === "finished").length;
      };
      const atOnce = await ends();
      clock.now += 30_000;
      const later = await ends();
      tries.running = 0;
      expect([atOnce, later, await ends()]).toEqual(told);
    },
  );
});
