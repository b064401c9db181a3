/** What a shard does first on one machine: it accepts a burst, and lets no queue grow behind steady arrivals. */
import { describe, expect, it } from "vitest";
import { refuse } from "../../../../src/domain/values/fault.ts";
import type { Costs } from "../../../support/intake/one-machine.ts";
import { OneMachine } from "../../../support/intake/one-machine.ts";
import { seeded } from "../../../support/simulator/random.ts";

const MACHINES: readonly (readonly [string, Costs])[] = [
  ["a fast one", { acceptMs: 0.9, beginMs: 1.6, afterMs: 1.4 }],
  ["a slow one", { acceptMs: 2, beginMs: 8, afterMs: 0 }],
  ["one with a slow disk", { acceptMs: 2, beginMs: 25, afterMs: 2 }],
];

const random = seeded(7);

/** So many callers, each of which sends its next start when the one before was accepted. */
async function burst(machine: OneMachine, callers: number, count: number) {
  const from = { now: machine.now, accepted: machine.accepted, begun: machine.begun };
  let sent = 0;
  const caller = async () => {
    while (sent++ < count) await machine.start();
  };
  for (let n = 0; n < callers; n += 1) void caller();
  await machine.until(() => machine.accepted - from.accepted === count);
  const ms = machine.now - from.now;
  const early = machine.begun - from.begun;
  await machine.until(() => machine.begun - from.begun === count || machine.shard.tickets.ready === 0);
  return { acceptedPerSecond: (count * 1_000) / ms, begunPerSecond: (early * 1_000) / ms };
}

describe.each(MACHINES)("on %s", (_what, costs) => {
  it.each([
    [1, 1],
    [1, 2],
    [16, 1],
    [64, 1],
  ])("a burst of %i callers is accepted first, and what waits goes on (%i)", async (callers, wireParts) => {
    const machine = new OneMachine({ ...costs, wireParts });
    // How fast it begins executions is measured when nothing is accepted.
    await burst(machine, callers, 200);
    await machine.until(() => false);
    for (let again = 0; again < 2; again += 1) {
      const { acceptedPerSecond, begunPerSecond } = await burst(machine, callers, 1_000);
      expect(acceptedPerSecond).toBeGreaterThan((0.55 * 1_000) / costs.acceptMs);
      expect(begunPerSecond).toBeGreaterThan((0.25 * 1_000) / (costs.beginMs + costs.afterMs));
      await machine.until(() => false);
    }
  });

  it.each([0.3, 0.6, 0.8])("arrivals at %d of its rate leave no queue behind", async (load) => {
    const machine = new OneMachine(costs);
    await burst(machine, 8, 200);
    await machine.until(() => false);
    const gapMs = (costs.beginMs + costs.afterMs + costs.acceptMs) / load;
    let deepest = 0;
    const count = Math.ceil(20_000 / gapMs);
    for (let n = 0; n < count; n += 1) {
      void machine.start();
      const next = machine.now + gapMs * 2 * random();
      await machine.until(() => machine.now >= next);
      deepest = Math.max(deepest, machine.accepted - machine.begun);
    }
    expect(deepest).toBeLessThan(60);
  });

  it("arrivals above its rate, and no burst, hold no begins back", async () => {
    const machine = new OneMachine(costs);
    await burst(machine, 8, 200);
    await machine.until(() => false);
    const eachMs = costs.beginMs + costs.afterMs + costs.acceptMs;
    const from = { now: machine.now, begun: machine.begun };
    for (let n = 0; n * eachMs < 5_000; n += 1) {
      void machine.start();
      const next = machine.now + eachMs * random();
      await machine.until(() => machine.now >= next);
    }
    expect(machine.begun - from.begun).toBeGreaterThan((0.6 * (machine.now - from.now)) / eachMs);
  });

  it("executions that cannot begin say nothing of how fast others do", async () => {
    const refused = new Set(["exec_1", "exec_2", "exec_3"]);
    const machine: OneMachine = new OneMachine(costs, {
      begin: ({ origin }) =>
        refused.has(origin.id) ? Promise.resolve(refuse("invalid_state", "no")) : machine.begin(),
    });
    const { acceptedPerSecond } = await burst(machine, 16, 400);
    expect(acceptedPerSecond).toBeGreaterThan((0.45 * 1_000) / costs.acceptMs);
  });

  it("a start that comes alone begins at once, also right after another, and beside one that stands aside", async () => {
    const machine = new OneMachine(costs, { unknown: ({ origin }) => (origin.id === "exec_1" ? "gone" : undefined) });
    void machine.start();
    await machine.until(() => machine.accepted === 1);
    for (let n = 1; n <= 15; n += 1) {
      const from = machine.now;
      void machine.start();
      await machine.until(() => machine.begun === n);
      // The answer to the one before may still be on its way.
      expect(machine.now - from).toBeLessThan(costs.acceptMs * 1.4 + costs.beginMs);
      await machine.until(() => machine.now >= from + costs.acceptMs + costs.beginMs + costs.afterMs + 1);
    }
  });
});
