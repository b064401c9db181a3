/** The agent that asked for an approval is told the decision, again and again until it says that it heard, and never too late. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import type { ProgramContext } from "../../../src/define/program-context.ts";
import type { CallbackMessage, Posted } from "../../../src/engine/message.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { run, types, worldOf } from "../../support/simulator/small-world.ts";

const HEARD: Posted = { ok: true, httpStatus: 200, durationMs: 1 };
const NOT_RESOLVED: Posted = {
  ok: false,
  error: "its answer does not say resolved: true",
  httpStatus: 200,
  durationMs: 1,
};

const sleeps = (ctx: Context) => ctx.sleep(1e9);
/** Its work is done elsewhere, by the agent that asks. */
const isElsewhere = (ctx: unknown) =>
  (ctx as ProgramContext).external({ name: "n", input: { name: "n", once: false }, timeoutMs: 1e9 });

async function asked(host: (nth: number, message: CallbackMessage) => Posted, main: Programs[string] = sleeps) {
  const world = worldOf({ now: { main } }, { people: [] });
  const came: { readonly message: CallbackMessage; readonly atMs: number }[] = [];
  world.webhookHost = (message) => {
    if (message.to !== "callback") return HEARD;
    came.push({ message, atMs: world.now });
    return host(came.length, message);
  };
  await run(world, () => world.root.view.state?.suspended !== undefined);
  await ask(world, "first");
  return { world, came };
}

/** As the agent does it. */
async function ask(world: SimWorld, gateId: string): Promise<void> {
  const until = { claimedUntilMs: world.now + 60_000, expiresAtMs: world.now + 60_000_000 };
  const callbackUrl = "https://agent.example.com/webhooks/approval";
  world.dispatch(ROOT, {
    type: "request_approval",
    gateId,
    payload: 1,
    payloadDigest: "d",
    ...until,
    callbackUrl,
    by: "a",
  });
  await run(world, () => world.root.view.state?.gates.requested === gateId);
}

async function decide(world: SimWorld, gateId: string, decision: "approved" | "rejected"): Promise<void> {
  world.dispatch(ROOT, { type: "decide_gate", gateId, decision, feedback: "fine", by: "eve" });
  await run(world, () => world.root.view.state?.lastGate?.gateId === gateId);
}

/** All that the log says of callbacks. */
const said = (world: SimWorld) => types(world).filter((type) => type.startsWith("callback."));
const isQuiet = (world: SimWorld) => ![...world.root.view.outbox.keys()].some((id) => id.startsWith("callback"));

describe("a callback to the agent", () => {
  it("says what was decided, and is repeated until the agent says resolved: true", async () => {
    const { world, came } = await asked((nth) => (nth < 3 ? NOT_RESOLVED : HEARD));
    await decide(world, "first", "approved");
    await run(world, () => said(world).includes("callback.delivered"));
    expect(came[0]?.message).toMatchObject({ gateId: "first", verdict: { decision: "approved", feedback: "fine" } });
    expect(came[0]?.message.status).toBe("running");
    expect(came.slice(1).map(({ atMs }, at) => atMs - (came[at]?.atMs ?? 0))).toEqual([5_000, 10_000]);
    expect(said(world)).toEqual(["callback.failed", "callback.failed", "callback.delivered"]);
  });

  it("goes on after a rejection, which cancels at once: the agent still waits", async () => {
    const { world, came } = await asked((nth) => (nth < 4 ? NOT_RESOLVED : HEARD));
    await decide(world, "first", "rejected");
    await run(world);
    expect(world.root.view.state?.status).toBe("cancelled");
    expect(came).toHaveLength(4);
  });

  it("is not repeated once the agent has asked for another approval: it would be taken for the answer to that one", async () => {
    const { world, came } = await asked(() => NOT_RESOLVED);
    await decide(world, "first", "approved");
    await run(world, () => came.length === 1 && said(world).length === 1);
    await ask(world, "second");
    await run(world, () => isQuiet(world));
    expect(came.map(({ message }) => message.gateId)).toEqual(["first"]);
  });

  it("is not repeated once the execution has ended by itself, or a person ended it", async () => {
    const { world, came } = await asked(() => NOT_RESOLVED);
    await decide(world, "first", "approved");
    await run(world, () => said(world).length === 2);
    world.dispatch(ROOT, { type: "cancel", by: "eve" });
    await run(world);
    expect(came).toHaveLength(2);
    expect(isQuiet(world)).toBe(true);
  });

  it("is not repeated once a later approval was decided too", async () => {
    const { world, came } = await asked(() => NOT_RESOLVED);
    await decide(world, "first", "approved");
    await run(world, () => said(world).length === 1);
    await ask(world, "second");
    await decide(world, "second", "approved");
    await run(world, () => isQuiet(world));
    const gates = came.map(({ message }) => message.gateId);
    expect(gates).toEqual(["first", ...Array.from({ length: 10 }, () => "second")]);
  });

  it.each(["approved", "rejected"] as const)(
    "is not repeated once the agent has said how its work ended, behind %s",
    async (decision) => {
      const { world, came } = await asked(() => NOT_RESOLVED, isElsewhere);
      await decide(world, "first", decision);
      await run(world, () => said(world).length === 2);
      world.dispatch(ROOT, { type: "finish_external", of: {}, outcome: { ok: true, value: 1 } });
      await run(world, () => isQuiet(world));
      expect(world.root.view.state?.status).toBe(decision === "approved" ? "succeeded" : "cancelled");
      expect(came).toHaveLength(2);
    },
  );

  it("is given up after ten tries, and the log says so", async () => {
    const { world, came } = await asked(() => NOT_RESOLVED);
    await decide(world, "first", "rejected");
    await run(world);
    expect(came).toHaveLength(10);
    expect(world.root.view.events.at(-1)).toMatchObject({
      type: "callback.failed",
      data: { givenUp: true, attempt: 10 },
    });
  });

  it("tells an expiry as expired", async () => {
    const { world, came } = await asked(() => HEARD);
    await run(world);
    expect(came.map(({ message }) => message.verdict.decision)).toEqual(["expired"]);
  });
});
