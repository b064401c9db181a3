import { describe, expect, it } from "vitest";
import { alarmChange } from "../../../../src/engine/journal/next-wake.ts";
import type { OutboxRow } from "../../../../src/engine/ports.ts";
import { DEFAULT_TIMING as TEMPO } from "../../../../src/engine/ports.ts";
import { running } from "../../../support/log.ts";
import { run, worldOf } from "../../../support/simulator/small-world.ts";
import type { StateFields } from "../../../support/state-with.ts";
import { stateWith } from "../../../support/state-with.ts";

const NOW = 1_000_000;
const RECHECK = NOW + TEMPO.recheckMs;
/** What the message of the start asked for, a moment ago. */
const LEFT_OVER = NOW + TEMPO.redeliverMs - 200;

type Rest = Pick<StateFields, "status" | "suspended">;

/** What becomes of the alarm of an execution at rest. */
function changeOf(rest: Rest, { alarmAtMs, ...more }: { alarmAtMs?: number; timerAtMs?: number; owed?: boolean }) {
  const owed: OutboxRow = { message: { to: "registry", seq: 1 }, attempts: 0, nextAtMs: NOW + TEMPO.redeliverMs };
  const { state } = running({ timeoutMs: 365 * 86_400_000 });
  if (!state) throw new Error("it runs");
  const view = {
    state: stateWith(state, rest),
    now: NOW,
    timing: TEMPO,
    earliestTimerMs: more.timerAtMs ?? Number.POSITIVE_INFINITY,
    hasFired: false,
    outbox: new Map(more.owed ? [["registry", owed]] : []),
  };
  return alarmChange(view, alarmAtMs);
}

describe("the alarm", () => {
  it.each(["waiting", "blocked", "paused"] as const)(
    "of an execution that is %s for people does not stay where a message had put it",
    (status) => {
      expect(changeOf({ status }, { alarmAtMs: LEFT_OVER })).toBe(RECHECK);
      expect(changeOf({ status }, { alarmAtMs: NOW + TEMPO.heartbeatMs })).toBe(RECHECK);
    },
  );

  it.each(["sleeping", "backing_off"])("of one that is %s moves on to its instant", (suspended) => {
    const asleep: Rest = { status: "running", suspended };
    expect(changeOf(asleep, { alarmAtMs: LEFT_OVER, timerAtMs: NOW + 600_000 })).toBe(NOW + 600_000);
    expect(changeOf(asleep, { alarmAtMs: NOW + 600_000, timerAtMs: NOW + 600_000 })).toBeUndefined();
  });

  it("is not moved by a little, nor while a message is owed", () => {
    expect(changeOf({ status: "waiting" }, { alarmAtMs: NOW + TEMPO.heartbeatMs + 1 })).toBeUndefined();
    expect(changeOf({ status: "waiting" }, { alarmAtMs: LEFT_OVER, owed: true })).toBeUndefined();
  });

  it("stays where signals and children may come one after the other: each move would cost a row", () => {
    for (const suspended of ["awaiting_signal", "awaiting_child"])
      expect(changeOf({ status: "running", suspended }, { alarmAtMs: LEFT_OVER })).toBeUndefined();
    expect(changeOf({ status: "running" }, { alarmAtMs: LEFT_OVER })).toBeUndefined();
  });

  it("is set where there is none, and moved forward where it would be late", () => {
    expect(changeOf({ status: "waiting" }, {})).toBe(RECHECK);
    expect(changeOf({ status: "waiting" }, { alarmAtMs: RECHECK, owed: true })).toBe(NOW + TEMPO.redeliverMs);
  });
});

it("wakes one that sleeps for an hour at its instant and once after its end, and one that waits for a person not before that either", async () => {
  const alarmsOf = async (world: ReturnType<typeof worldOf>, until?: () => boolean) => {
    await run(world, until);
    expect(world.wrongs).toEqual([]);
    return world.trace.filter((label) => label.startsWith("alarm"));
  };
  const asleep = worldOf({ now: { main: (ctx) => ctx.sleep(3_600_000) } });
  // The second one stood for the index's row of its end, and finds nothing to do.
  expect(await alarmsOf(asleep)).toHaveLength(2);
  expect(asleep.root.view.state?.status).toBe("succeeded");
  const waiting = worldOf({ now: { main: (ctx) => ctx.pause({ payload: {} }) } });
  const from = waiting.now;
  // Its answer expires after three days: then it ends.
  expect(await alarmsOf(waiting)).toHaveLength(2);
  expect(waiting.now - from).toBeGreaterThan(71 * 3_600_000);
});
