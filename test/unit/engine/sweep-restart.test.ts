import { describe, expect, it } from "vitest";
import { expectSweep } from "../../support/simulator/expect-sweep.ts";
import { AGAIN, RESTARTS } from "../../support/simulator/programs/restarts.ts";
import { judge, runSchedule } from "../../support/simulator/schedule.ts";
import { baselineOf, reproduction } from "../../support/simulator/sweep.ts";

/** One that loads lazily, and one that does not. Every moment is tried with each; `npm run sweep` draws more. */
const SEEDS = 2;

describe("an execution that follows another, whatever crashes and in whatever order things happen", () => {
  it.each(RESTARTS)("$name: what was done is not done again", { timeout: 240_000 }, (program) => expectSweep(program));
});

describe("an execution that follows one that was cancelled at any moment", () => {
  it.each(RESTARTS)("$name: everything is done once in the end", { timeout: 240_000 }, async (program) => {
    const baseline = await baselineOf(program, 0);
    let cancelled = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      for (let tick = 2; tick < 40; tick += 1) {
        const schedule = { program, seed, points: [{ harm: "cancel", tick }] } as const;
        const outcome = await runSchedule(schedule);
        const first = outcome.world.root.view.state;
        // A cancel that came too late changes nothing, and one before the start leaves nothing to follow.
        if (first?.status !== "cancelled") continue;
        cancelled += 1;
        expect([reproduction(schedule), ...judge(schedule, baseline, outcome)]).toEqual([reproduction(schedule)]);
      }
    }
    expect(cancelled).toBeGreaterThan(5);
    const { events = [] } = baseline.world.root.view;
    const offers = events.some(
      ({ type, data }) =>
        (type === "step.completed" && data.kind !== "sleep") || (type === "child.finished" && data.outcome.ok),
    );
    const reused = baseline.world.stores.get(AGAIN)?.view.state?.results?.reused ?? 0;
    expect(reused > 0).toBe(offers);
  });
});
