import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const approvalsAgree: Check = {
  name: "the registry knows how each approval ended",
  asked: "at the end",
  wrongs: ofEach(approvalWrongs),
};

/** The registry knows how every approval of an ended execution ended. */
function approvalWrongs(world: SimWorld, id: string): string[] {
  const { events } = world.store(id).view;
  const ends = new Map(
    events.flatMap((event) => {
      if (event.type === "gate.decided") return [[event.data.gateId, event.data.verdict.decision] as const];
      return event.type === "gate.expired" ? [[event.data.gateId, "expired"] as const] : [];
    }),
  );
  return events.flatMap((event) => {
    if (event.type !== "gate.opened") return [];
    const { gateId } = event.data;
    const [known, wanted] = [world.approvals.get(gateId)?.status, ends.get(gateId) ?? "withdrawn"];
    return known === wanted ? [] : [`the registry has the approval ${gateId} ${known}, not ${wanted}`];
  });
}
