import { checkInvariants } from "../../../../src/domain/invariants/invariants.ts";
import { digestOf } from "../digest.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const promisesHold: Check = {
  name: "the promises hold on the rows of an execution",
  asked: "after each harm",
  wrongs: ofEach(brokenPromises),
};

/** What the checker of promises finds on the rows of an execution as they are now. */
function brokenPromises(world: SimWorld, id: string): string[] {
  const { putOffMs, view } = world.store(id);
  const { state, events, timers, outbox, alarmAtMs, ...rows } = view;
  if (!state) return [];
  const gates = [...rows.gates.values()];
  const alarm = alarmAtMs === undefined ? {} : { alarmAtMs };
  const now = Math.max(world.now, state.updatedAtMs);
  const reports = checkInvariants({ events, state, timers, outbox, approvals: gates, digest: digestOf, now, ...alarm });
  const isAlarmLate =
    (alarmAtMs !== undefined && alarmAtMs === putOffMs) ||
    world.rings(id) ||
    (alarmAtMs === undefined && world.hasLostAlarm(id));
  return reports.flatMap(({ promise, verdict, detail }) =>
    verdict === "violated" && !(promise === "P1" && isAlarmLate) ? [`${promise}: ${id}: ${detail}`] : [],
  );
}
