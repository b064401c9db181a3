/** Children that name their parent themselves: what they take from it, and what a refused start leaves behind. */
import { describe, expect, it } from "vitest";
import type { Decided } from "../../../../src/domain/decide/decided.ts";
import { MAX_DEPTH } from "../../../../src/domain/execution/child-origin.ts";
import type { CreateCommand } from "../../../../src/domain/execution/command.ts";
import type { Origin } from "../../../../src/domain/execution/origin.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { DispatchToParent } from "../../../../src/engine/execution/adoption.ts";
import type { SimWorld } from "../../../support/simulator/sim-world.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";
import type { Programs } from "../../../support/simulator/small-world.ts";
import { run, worldOf } from "../../../support/simulator/small-world.ts";

const waiting: Programs = {
  main: (ctx) => ctx.signal("go"),
  child: (ctx) => ctx.signal("go"),
  caller: (ctx) => ctx.call("a.child", 1, { timeoutMs: 70_000 }),
};

async function waitingParent(origin: Partial<Origin> = {}): Promise<SimWorld> {
  const world = worldOf({ now: waiting }, origin);
  await run(world, () => world.root.view.state?.suspended === "awaiting_signal");
  return world;
}

function startOf(more: Partial<Origin> = {}, asked: Origin["limits"] = {}): CreateCommand {
  const origin = {
    ...{ id: "exec_c", tenant: "t", owner: "caller", agent: "a", fn: "child", kind: "reasoner", version: "1" },
    ...{ runId: "own", parentId: ROOT, owned: false, digest: "d", limits: asked, timeoutMs: 60_000 },
    ...more,
  } as Origin;
  return { type: "create", origin, input: null, joins: { asked } };
}

/** The parent's object, called at once. */
function askedBy(world: SimWorld): DispatchToParent {
  return async (parentId, command) => {
    const parent = world.actor(parentId);
    const decided =
      command.type === "adopt_child" ? await parent.lend(command) : await parent.dispatch(command, "caller");
    const state = parent.journal.committed;
    if (!decided.ok || !state) return decided.ok ? refuse("not_found", "nothing here") : decided;
    return accept({ state, changed: decided.events.length > 0 });
  };
}

function begin(world: SimWorld, command: CreateCommand): Promise<Decided> {
  const how = { lazily: false, refusal: () => undefined, dispatchToParent: askedBy(world) };
  return world.actor(command.origin.id).begin(command, how);
}

const links = (world: SimWorld) =>
  world.root.view.events.flatMap((event) => (event.type.startsWith("child.") ? [event.type] : []));
const child = (world: SimWorld) => world.store("exec_c").view.state;

describe("a child that names its parent", () => {
  it("is placed beneath it, in its run, with its share", async () => {
    const world = await waitingParent({ limits: { maxTurns: 9, maxCostUsd: 1 } });
    expect(await begin(world, startOf({}, { maxTurns: 4 }))).toMatchObject({ ok: true });
    expect(child(world)).toMatchObject({
      origin: { parentId: ROOT, owned: true, depth: 1, runId: "run", timeoutMs: 60_000 },
      limits: { maxTurns: 4, maxCostUsd: 1 },
      granted: { turns: 4, tokens: 0 },
    });
    expect(world.root.view.state).toMatchObject({ reserved: { turns: 4 }, spent: { children: 1 }, openChildren: 1 });
  });

  it("of a parent without limits draws on nobody", async () => {
    const world = await waitingParent();
    await begin(world, startOf());
    expect(child(world)?.granted).toBeUndefined();
  });

  it.each([
    ["has not enough left for it", { limits: { maxTurns: 3 } }, { maxTurns: 4 }],
    ["maxChildren", { limits: { maxChildren: 0 } }, {}],
    [`${MAX_DEPTH} executions stand above it`, { depth: MAX_DEPTH }, {}],
  ])("is refused with a sentence: %s", async (detail, parent, asked) => {
    const world = await waitingParent(parent);
    const refused = await begin(world, startOf({}, asked));
    expect(refused).toMatchObject({ ok: false, code: "parent_refused", detail: expect.stringContaining(detail) });
    expect([links(world), child(world)]).toEqual([[], undefined]);
  });

  it.each([
    { what: "the parent's deadline", parent: 1_500_000, own: undefined, wanted: 1_500_000 },
    { what: "its own deadline, where that is earlier", parent: 1_500_000, own: 1_200_000, wanted: 1_200_000 },
    { what: "its own deadline, where the parent has none", parent: undefined, own: 1_200_000, wanted: 1_200_000 },
  ])("ends with $what", async ({ parent, own, wanted }) => {
    const at = (deadlineMs: number | undefined) => (deadlineMs === undefined ? {} : { deadlineMs });
    const world = await waitingParent(at(parent));
    await begin(world, startOf(at(own)));
    expect(child(world)?.origin.deadlineMs).toBe(wanted);
  });

  it("beneath an end has its place and nothing else; beneath an end with a budget it is refused", async () => {
    const free = await waitingParent();
    free.dispatch(ROOT, { type: "signal", signals: [{ name: "go", data: 1 }], by: "ann" });
    await run(free, () => free.root.view.state?.status === "succeeded");
    expect(await begin(free, startOf())).toMatchObject({ ok: true });
    expect(await begin(free, startOf())).toEqual({ ok: true, events: [] });
    expect(links(free)).toEqual(["child.linked"]);
    expect(free.root.view.state?.openChildren).toBe(0);

    const limited = await waitingParent({ limits: { maxTurns: 3 } });
    limited.dispatch(ROOT, { type: "signal", signals: [{ name: "go", data: 1 }], by: "ann" });
    await run(limited, () => limited.root.view.state?.status === "succeeded");
    const detail = "the parent execution has ended (succeeded), and its budget with it";
    expect(await begin(limited, startOf())).toMatchObject({ ok: false, code: "parent_refused", detail });
    expect(links(limited)).toEqual([]);
  });
});

describe("a start that is refused", () => {
  it("because its deadline has passed asks no parent", async () => {
    const world = await waitingParent();
    expect(await begin(world, startOf({ deadlineMs: 5 }))).toMatchObject({ ok: false, code: "invalid_input" });
    expect(links(world)).toEqual([]);
  });

  it("because its id stands for another request asks no parent", async () => {
    const world = await waitingParent();
    await begin(world, { ...startOf({ digest: "first" }) });
    expect(await begin(world, startOf({ digest: "second" }))).toMatchObject({ code: "idempotency_mismatch" });
    expect(links(world)).toEqual(["child.started"]);
  });

  it("after the parent has taken it on is withdrawn, and may be sent again", async () => {
    const world = await waitingParent({ limits: { maxTurns: 9 } });
    // The deadline passes while the parent is asked.
    const slowly: DispatchToParent = async (...said) => {
      const told = await askedBy(world)(...said);
      world.now = 2_000_000;
      return told;
    };
    const late = startOf({ deadlineMs: 1_500_000 }, { maxTurns: 4 });
    const how = { lazily: false, refusal: () => undefined, dispatchToParent: slowly };
    expect(await world.actor("exec_c").begin(late, how)).toMatchObject({ ok: false, code: "invalid_input" });
    expect(links(world)).toEqual(["child.started", "child.finished"]);
    expect(world.root.view.state).toMatchObject({ openChildren: 0, reserved: { turns: 0 }, status: "running" });
    expect(await begin(world, startOf({}, { maxTurns: 4 }))).toMatchObject({ ok: true });
    expect(world.root.view.state).toMatchObject({ openChildren: 1, reserved: { turns: 4 } });
    world.dispatch(ROOT, { type: "cancel", by: "ann" });
    await run(world);
    expect([child(world)?.status, world.actor(ROOT).pendingAfterCancel()]).toEqual(["cancelled", []]);
  });

  it("by its first write is withdrawn too", async () => {
    const world = await waitingParent();
    const how = { lazily: false, refusal: () => refuse("id_taken", "another's"), dispatchToParent: askedBy(world) };
    expect(await world.actor("exec_c").begin(startOf(), how)).toMatchObject({ ok: false, code: "id_taken" });
    expect(links(world)).toEqual(["child.started", "child.finished"]);
    expect(world.root.view.state?.openChildren).toBe(0);
  });
});

it("the same start twice at once is one child", async () => {
  const world = await waitingParent();
  const answers = await Promise.all([begin(world, startOf()), begin(world, startOf())]);
  expect(answers).toMatchObject([{ ok: true }, { ok: true, events: [] }]);
  expect(links(world)).toEqual(["child.started"]);
});

describe("a called child", () => {
  it("has its own time: what its caller allows it, or its function, and not its parent's", async () => {
    const programs: Programs = {
      main: (ctx) =>
        Promise.all([ctx.call("a.child", 1, { name: "short", timeoutMs: 70_000 }), ctx.call("a.child", 1)]),
      child: (ctx) => ctx.signal("go"),
    };
    const world = worldOf({ now: programs }, { timeoutMs: 5_000_000, deadlineMs: 9_000_000 });
    await run(world, () => [...world.stores.values()].filter(({ view }) => view.state?.suspended).length === 3);
    const [, ...children] = [...world.stores.values()].map(({ view }) => view.state?.origin);
    const found = children.map((origin) => [origin?.timeoutMs, origin?.deadlineMs, origin?.depth]);
    expect(found.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
      [70_000, 9_000_000, 1],
      [604_800_000, 9_000_000, 1],
    ]);
  });

  it("beneath too many is an error with a code of its own", async () => {
    const programs: Programs = {
      main: (ctx) => ctx.call("a.child", 1).catch((error: { code: string }) => error.code),
      child: async () => 1,
    };
    const world = worldOf({ now: programs }, { depth: MAX_DEPTH });
    await run(world);
    expect(world.output()).toBe("too_deep");
  });
});
