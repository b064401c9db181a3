/** An approval that the outside asks for: the execution stands still, whatever its program was about to do. */
import { describe, expect, test } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { running } from "../../support/log.ts";
import { approver } from "../../support/simulator/people/people.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { charge, run, types, worldOf } from "../../support/simulator/small-world.ts";

const HOUR_MS = 3_600_000;

function ask(world: SimWorld, gateId = "asked"): void {
  const wanted = {
    gateId,
    payload: { what: "this" },
    payloadDigest: "d",
    expiresAtMs: world.now + 24 * HOUR_MS,
    by: "eve",
  };
  world.dispatch(ROOT, { type: "request_approval", ...wanted, claimedUntilMs: world.now });
}
/** Without people; and an alarm each hour, so that time does not jump to the end of the wait. */
const LOOKED_AT = { people: [], timing: { recheckMs: HOUR_MS } };
const state = (world: SimWorld) => world.root.view.state;

describe("while an approval is asked for", () => {
  const two = async (ctx: Context, world: SimWorld) => {
    await charge(ctx, world, "first");
    await charge(ctx, world, "second");
    return "done";
  };

  test("an effect in flight ends and nothing begins, until it is approved", async () => {
    const world = worldOf({ now: { main: two } }, LOOKED_AT);
    await run(world, () => types(world).includes("step.started"));
    ask(world);
    await run(world, () => types(world).includes("step.completed"));
    expect(state(world)).toMatchObject({ status: "waiting", reason: "waiting_for_approval" });
    await run(world, () => world.now > 1_000_000 + 60_000);
    expect(types(world).filter((type) => type === "step.started")).toHaveLength(1);
    world.dispatch(ROOT, { type: "decide_gate", gateId: "asked", decision: "approved", by: "ann" });
    await run(world);
    expect(state(world)?.status).toBe("succeeded");
    expect(world.outside.applied()).toEqual({ first: 1, second: 1 });
  });

  test("a sleep keeps its instant and ends with the approval", async () => {
    const world = worldOf({ now: { main: (ctx) => ctx.sleep(1_000) } }, LOOKED_AT);
    await run(world, () => state(world)?.suspended === "sleeping");
    ask(world);
    await run(world, () => world.now > 1_000_000 + 100_000);
    expect(state(world)?.status).toBe("waiting");
    expect(types(world)).not.toContain("step.completed");
    world.dispatch(ROOT, { type: "decide_gate", gateId: "asked", decision: "approved", by: "ann" });
    await run(world);
    expect(state(world)?.status).toBe("succeeded");
  });

  test("a rejection and an expiry cancel it", async () => {
    for (const end of ["rejected", "expired"] as const) {
      const world = worldOf({ now: { main: (ctx) => ctx.sleep(48 * HOUR_MS) } }, LOOKED_AT);
      await run(world, () => state(world)?.suspended === "sleeping");
      ask(world);
      if (end === "rejected") world.dispatch(ROOT, { type: "decide_gate", gateId: "asked", decision: end, by: "ann" });
      await run(world);
      expect(state(world)).toMatchObject({ status: "cancelled", reason: `approval_${end}` });
      expect(world.approvals.get("asked")).toMatchObject({ status: end, executionId: ROOT });
    }
  });

  test("a process that dies comes back to the same wait", async () => {
    const world = worldOf({ now: { main: two } }, LOOKED_AT);
    await run(world, () => types(world).includes("step.started"));
    ask(world);
    // On disk: what a crash takes back would be in doubt, and another story.
    await run(world, () => world.root.durable.events.some(({ type }) => type === "step.completed"));
    world.crash();
    await run(world, () => world.now > 1_000_000 + 2 * 60_000);
    expect(state(world)?.status).toBe("waiting");
    expect(world.outside.applied()).toEqual({ first: 1 });
    world.dispatch(ROOT, { type: "decide_gate", gateId: "asked", decision: "request_changes", by: "ann" });
    await run(world);
    expect(state(world)?.status).toBe("succeeded");
  });
});

test("the index knows a gate that opens while another branch works", async () => {
  const both = async (ctx: Context) => {
    await Promise.all([ctx.pause({ name: "ask", payload: 1 }), ctx.sleep(HOUR_MS)]);
  };
  const world = worldOf({ now: { main: both } }, { people: [approver] });
  await run(world, () => world.approvals.size > 0);
  expect(state(world)?.status).toBe("running");
  expect([...world.approvals.values()]).toMatchObject([{ status: "pending", name: "ask", executionId: ROOT }]);
});

describe("asking", () => {
  const request = {
    type: "request_approval",
    payload: null,
    payloadDigest: "d",
    expiresAtMs: 9_000,
    by: "eve",
  } as const;

  test("without a claim only tells whether it may", () => {
    const log = running();
    expect(log.tell({ ...request, gateId: "g" })).toEqual([]);
    expect(log.tell({ ...request, gateId: "g", claimedUntilMs: log.now })).toEqual([
      "gate.opened",
      "execution.waiting",
    ]);
    expect(log.tell({ ...request, gateId: "h" })).toEqual(["approval_already_requested"]);
  });

  test("under a claim that is over opens nothing", () => {
    const log = running();
    expect(log.tell({ ...request, gateId: "g", claimedUntilMs: log.now - 1 })).toEqual(["unavailable"]);
  });

  test("twice under one id is refused, also after its decision", () => {
    const log = running();
    const claimed = { ...request, gateId: "g", claimedUntilMs: log.now };
    log.tell(claimed, { type: "decide_gate", gateId: "g", decision: "approved", by: "ann" });
    expect(log.tell(claimed)).toEqual(["approval_already_requested"]);
    expect(log.tell({ ...claimed, gateId: "h" })).toEqual(["gate.opened", "execution.waiting"]);
    expect(log.violations()).toEqual([]);
  });

  test("what is paused, blocked or over is refused", () => {
    for (const before of [
      { type: "pause", by: "ann" },
      { type: "cancel", by: "ann" },
      { type: "block", reason: "program_changed" },
    ] as const) {
      const log = running();
      log.tell(before);
      expect(log.tell({ ...request, gateId: "g", claimedUntilMs: log.now })).toEqual(["invalid_state"]);
    }
  });

  test("a resume of an operator's pause leaves the approval to wait for", () => {
    const log = running();
    log.tell({ ...request, gateId: "g", claimedUntilMs: log.now }, { type: "pause", by: "ann" });
    expect(log.tell({ type: "resume", by: "ann" })).toEqual(["execution.resumed", "execution.waiting"]);
    expect(log.tell({ type: "decide_gate", gateId: "g", decision: "approved", by: "ann" })).toEqual([
      "gate.decided",
      "execution.resumed",
    ]);
    expect(log.violations()).toEqual([]);
  });
});
