/** What a program hears of people's decisions, and what it asks them: on the simulator, through crashes and deploys. */
import { describe, expect, test } from "vitest";
import type { Context, PauseRequest } from "../../../../src/define/context.ts";
import { ApprovalExpired, ApprovalRejected } from "../../../../src/define/index.ts";
import type { DecideApproval } from "../../../../src/domain/execution/approval-command.ts";
import type { SimWorld } from "../../../support/simulator/sim-world.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";
import { charge, run, types, worldOf } from "../../../support/simulator/small-world.ts";

const state = (world: SimWorld) => world.root.view.state;
const waits = (world: SimWorld) => () => state(world)?.status === "waiting";
const opened = (world: SimWorld) =>
  world.root.view.events.flatMap((event) => (event.type === "gate.opened" ? [event.data] : []));

async function decided(world: SimWorld, decision: DecideApproval["decision"], more: Partial<DecideApproval> = {}) {
  await run(world, waits(world));
  const gateId = opened(world).at(-1)?.gateId ?? "";
  world.dispatch(ROOT, { type: "decide_gate", gateId, decision, by: "bob", ...more });
  await run(world);
}

/** Asks for an amount, and pays it when that was approved. */
const paying = (amount: number) => async (ctx: Context, world: SimWorld) => {
  await ctx.waitForApproval({ payload: { amount } });
  return charge(ctx, world, `pays ${amount}`);
};

describe("a decision about what was shown", () => {
  test.each(["after the deploy", "before it"])("pays nothing else, when it was made %s", async (when) => {
    const programs = { now: { main: paying(10) } };
    const world = worldOf(programs, { people: [] });
    await run(world, waits(world));
    const gateId = opened(world)[0]?.gateId ?? "";
    const approve = () => world.dispatch(ROOT, { type: "decide_gate", gateId, decision: "approved", by: "bob" });
    // Held, so that the program has not heard of it when it is replaced.
    world.dispatch(ROOT, { type: "pause", by: "dora" });
    if (when === "before it") approve();
    await run(world, () => !world.root.dirty);
    programs.now = { main: paying(10_000) };
    world.deploy();
    if (when === "after the deploy") approve();
    world.dispatch(ROOT, { type: "resume", by: "dora" });
    await run(world, () => state(world)?.status === "blocked");
    expect(state(world)?.reason).toBe('program_changed: what "approval" shows for a decision is not what it showed');
    expect(world.outside.applied()).toEqual({});
    programs.now = { main: paying(10) };
    world.dispatch(ROOT, { type: "resume", by: "dora" });
    await run(world);
    expect(world.outside.applied()).toEqual({ "pays 10": 1 });
    expect(world.wrongs).toEqual([]);
  });
});

describe("ctx.waitForApproval", () => {
  const caught = async (ctx: Context): Promise<unknown> => {
    try {
      return (await ctx.waitForApproval({ name: "refund", payload: 1, options: ["half"] })).option ?? "approved";
    } catch (error) {
      if (error instanceof ApprovalExpired) return { code: error.code, message: error.message };
      if (!(error instanceof ApprovalRejected)) return "another error";
      const { code, decision, feedback, response, decidedBy, message } = error;
      return { code, decision, feedback, response, decidedBy, message };
    }
  };

  test("goes on with what was approved, and with nothing else", async () => {
    const world = worldOf({ now: { main: caught } }, { people: [] });
    await decided(world, "approved", { option: "half" });
    expect(world.root.view.events.at(-1)).toMatchObject({ data: { output: "half" } });
  });

  test.each([
    ["rejected", "was rejected"],
    ["request_changes", "was sent back for changes"],
  ] as const)("throws ApprovalRejected for %s, with all that was said", async (decision, words) => {
    const world = worldOf({ now: { main: caught } }, { people: [] });
    await decided(world, decision, { feedback: "too much", response: { most: 5 } });
    const output = {
      ...{ code: "approval_rejected", decision, feedback: "too much", response: { most: 5 }, decidedBy: "bob" },
      message: `"refund" ${words}: too much`,
    };
    expect(world.root.view.events.at(-1)).toMatchObject({ type: "execution.succeeded", data: { output } });
  });

  test("throws ApprovalExpired when nobody decides", async () => {
    const world = worldOf({ now: { main: caught } }, { people: [] });
    await run(world);
    const output = { code: "approval_expired", message: '"refund" was not decided in time' };
    expect(world.root.view.events.at(-1)).toMatchObject({ type: "execution.succeeded", data: { output } });
  });

  test.each(["rejected", "request_changes", "expired"] as const)(
    "%s: a program that does not look charges nobody, and says why it failed",
    async (decision) => {
      const world = worldOf({ now: { main: paying(10) } }, { people: [] });
      if (decision === "expired") await run(world);
      else await decided(world, decision, { feedback: "no" });
      expect(world.outside.applied()).toEqual({});
      const code = decision === "expired" ? "approval_expired" : "approval_rejected";
      expect(state(world)).toMatchObject({ status: "failed", errorCode: code });
      if (decision !== "expired")
        expect(world.root.view.events.at(-1)).toMatchObject({ data: { details: { decision, feedback: "no" } } });
      expect(world.wrongs).toEqual([]);
    },
  );
});

describe("ctx.pause", () => {
  test("gives back whatever was decided, under an id of the program's own", async () => {
    const pause = (ctx: Context) =>
      ctx.pause({ id: "claim-7", url: "https://x.example/7", approvers: ["bob"], fourEyes: true });
    const world = worldOf({ now: { main: pause } }, { people: [], owner: "ann" });
    await run(world, waits(world));
    expect(opened(world)).toMatchObject([
      { gateId: "claim-7", requestUrl: "https://x.example/7", approvers: ["bob"], fourEyes: true },
    ]);
    world.dispatch(ROOT, { type: "decide_gate", gateId: "claim-7", decision: "approved", by: "ann" });
    expect(state(world)?.status).toBe("waiting");
    await decided(world, "rejected", { feedback: "no" });
    const output = { decision: "rejected", feedback: "no", decidedBy: "bob" };
    expect(world.root.view.events.at(-1)).toMatchObject({ type: "execution.succeeded", data: { output } });
    expect(world.wrongs).toEqual([]);
  });

  test("comes to the same gate through crashes between the claim of its id and its opening", async () => {
    for (let at = 1; at < 40; at += 1) {
      const world = worldOf({ now: { main: (ctx) => ctx.pause({ id: "claim-7" }) } }, { people: [], seed: at });
      let ticks = 0;
      await run(world, () => {
        ticks += 1;
        if (ticks === at) world.crash();
        return state(world)?.status === "waiting" && ticks > at;
      });
      expect(opened(world)).toMatchObject([{ gateId: "claim-7" }]);
      expect(opened(world)).toHaveLength(1);
      expect(world.wrongs).toEqual([]);
    }
  });

  test("hears that its id was asked under before, here or elsewhere", async () => {
    const again = async (ctx: Context) => {
      await ctx.pause({ id: "claim-7" });
      return ctx.pause({ id: "claim-7" }).catch((error: { code: string }) => error.code);
    };
    const world = worldOf({ now: { main: again } }, { people: [] });
    await decided(world, "request_changes");
    expect(world.root.view.events.at(-1)).toMatchObject({ data: { output: "approval_already_requested" } });
    expect(types(world).filter((type) => type === "gate.opened")).toHaveLength(1);
    expect(world.wrongs).toEqual([]);
  });

  const unfit: [string, unknown, string][] = [
    ["a path", { url: "/ui/approvals/7" }, "url"],
    ["an address with credentials", { url: "https://bob:secret@x.example/" }, "url"],
    ["an address with a user's name", { url: "https://bob@x.example/" }, "url"],
    ["a script", { url: "javascript:alert(1)" }, "url"],
    ["an address that hides its host", { url: "https://x.example\\@evil.example/" }, "url"],
    ["an empty id", { id: "" }, "id"],
    ["an id of our own form", { id: "gate_1" }, "id"],
    ["no approver at all", { approvers: [] }, "approvers"],
    ["an approver that is none", { approvers: ["bob", ""] }, "approvers.1"],
    ["a rule that is misspelt", { four_eyes: true }, "four_eyes"],
    ["a time that is none", { expiresInMs: Number.NaN }, "expiresInMs"],
  ];
  test.each(unfit)("refuses %s by name, and opens nothing", async (_what, request, path) => {
    const main = async (ctx: Context) =>
      Promise.all([
        ctx
          .pause(request as PauseRequest)
          .catch((error: { code: string; message: string }) => [error.code, error.message]),
        ctx.waitForApproval(request as PauseRequest).catch((error: { code: string }) => error.code),
      ]);
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world);
    const output = [["invalid_options", expect.stringContaining(path)], "invalid_options"];
    expect(world.root.view.events.at(-1)).toMatchObject({ type: "execution.succeeded", data: { output } });
    expect(types(world)).not.toContain("gate.opened");
  });
});
