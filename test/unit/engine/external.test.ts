/** Activities that are finished from outside: one message, one end, and a time that stands still with their execution. */
import { describe, expect, it, vi } from "vitest";
import type { ProgramContext } from "../../../src/define/program-context.ts";
import { isOpenExternal } from "../../../src/domain/execution/entry.ts";
import { timerName } from "../../../src/domain/execution/timer.ts";
import type { Sent } from "../../../src/domain/node/handover.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import type { NodePort, NodeRoute } from "../../../src/engine/node-port.ts";
import type { World } from "../../../src/engine/ports.ts";
import { atRest, OneExecution } from "../../support/one-execution.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { run, types, worldOf } from "../../support/simulator/small-world.ts";

const MINUTE_MS = 60_000;
const input = { name: "n", once: false };
const remote = (ctx: unknown, more: object = {}) =>
  (ctx as ProgramContext).external({ name: "n", input, timeoutMs: 15 * MINUTE_MS, ...more });

/** A receiver that takes everything, at the first try. */
async function handedOver(more: object = {}): Promise<SimWorld> {
  for (let seed = 1; seed < 200; seed += 1) {
    const world = worldOf({ now: { main: (ctx) => remote(ctx, more) } }, { seed, people: [] });
    await run(world, () => types(world).includes("external.accepted") || types(world).includes("step.completed"));
    if (types(world).includes("external.accepted")) return world;
  }
  throw new Error("no receiver accepts");
}

/** A receiver that always answers so, to the end of the work, or to the attempt after `mostAttempts`. */
async function withNode(route: NodeRoute, mostAttempts = 6): Promise<SimWorld> {
  const world = worldOf({ now: { main: (ctx) => remote(ctx, { idempotent: true }) } }, { people: [] });
  const find = async () => refuse("target_not_found", "no node has it");
  world.nodes.port = () => ({ find, locate: async () => accept(route), cancel: async () => {} });
  world.crash();
  const attempts = () => types(world).filter((type) => type === "step.started").length;
  for (let most = 1; most <= mostAttempts; most += 1) await run(world, () => attempts() > most);
  return world;
}

const entryOf = (world: SimWorld) => world.actor(ROOT).journal.index().entries.get("n");
const report = (world: SimWorld, value: string, of = {}) =>
  world.actor(ROOT).dispatch({ type: "finish_external", of, outcome: { ok: true, value } }, "node");

describe("an activity that is finished from outside", () => {
  it("rests: nothing is armed for it but its own time, and no clock of its execution runs", async () => {
    const world = await handedOver();
    await run(world, () => world.root.durable.state?.suspended === "awaiting_node");
    const { state, timers, outbox } = world.root.view;
    expect(state).toMatchObject({ status: "running", reason: "awaiting_node" });
    expect(state?.activeSinceMs).toBeUndefined();
    expect([...timers.keys()]).toEqual(["external:n"]);
    expect([...outbox.keys()].filter((id) => id.startsWith("node:"))).toEqual([]);
    expect(world.actor(ROOT).busy).toBe(false);
  });

  it("takes its first end, and answers a second one with nothing", async () => {
    const world = await handedOver();
    expect(await report(world, "first")).toMatchObject({ ok: true });
    expect(await report(world, "second")).toEqual({ ok: true, events: [] });
    await run(world);
    expect(world.output()).toBe("first");
    expect(await report(world, "third")).toEqual({ ok: true, events: [] });
  });

  it("takes no end of an older attempt, and that of the one that is open", async () => {
    const world = await withNode({ instance: "one", send: async () => ({ how: "unknown", message: "cut" }) }, 1);
    expect(entryOf(world)).toMatchObject({ attempt: 2 });
    expect(await report(world, "late", { attempt: 1 })).toEqual({ ok: true, events: [] });
    expect(isOpenExternal(entryOf(world))).toBe(true);
    await report(world, "in time", { attempt: 2 });
    await run(world);
    expect(world.output()).toBe("in time");
  });

  it("takes no end of an attempt that has not begun, and none with another token", async () => {
    const world = await handedOver();
    expect(await report(world, "early", { attempt: 2 })).toEqual({ ok: true, events: [] });
    expect(await report(world, "forged", { token: "another" })).toEqual({ ok: true, events: [] });
    expect(isOpenExternal(entryOf(world))).toBe(true);
  });

  it("is refused an end where nothing is worked at outside", async () => {
    const world = worldOf({ now: { main: (ctx) => ctx.signal("go") } }, { people: [] });
    await run(world, () => world.root.view.state?.suspended === "awaiting_signal");
    expect(await report(world, "nothing")).toMatchObject({ ok: false, code: "invalid_state" });
  });

  it("waits for its end until its time is over, however often its process dies meanwhile", async () => {
    const world = await handedOver();
    const begins = world.now;
    world.crash();
    await run(world);
    expect(entryOf(world)).toMatchObject({ errorCode: "agent_timeout" });
    expect(world.now).toBeGreaterThanOrEqual(begins + 14 * MINUTE_MS);
    expect(world.nodes.jobs).toHaveLength(1);
  });

  it("says that it waits, and is never heard of again: its own time goes on and ends", async () => {
    const world = await handedOver();
    await world.actor(ROOT).dispatch({ type: "external_waiting", of: {}, waiting: true }, "node");
    const begins = world.now;
    await run(world);
    expect(entryOf(world)).toMatchObject({ errorCode: "agent_timeout" });
    expect(world.now).toBeGreaterThanOrEqual(begins + 72 * 60 * MINUTE_MS);
  });

  it("says again that it waits: it is believed anew", async () => {
    const world = await handedOver();
    const waits = () => world.actor(ROOT).dispatch({ type: "external_waiting", of: {}, waiting: true }, "node");
    await waits();
    await waits();
    expect(types(world).filter((type) => type === "external.waiting")).toHaveLength(1);
    world.now += 60 * 60 * MINUTE_MS;
    await waits();
    world.now += 60 * 60 * MINUTE_MS;
    expect(world.root.view.state).toMatchObject({ status: "waiting" });
    expect(types(world).filter((type) => type === "external.waiting")).toHaveLength(2);
  });

  it("keeps its time while a person or an operator is awaited", async () => {
    const world = await handedOver();
    await world.actor(ROOT).dispatch({ type: "external_waiting", of: {}, waiting: true }, "node");
    expect(world.root.view.state).toMatchObject({ status: "waiting", reason: "awaiting_child" });
    world.now += 600 * MINUTE_MS;
    await world.actor(ROOT).dispatch({ type: "external_waiting", of: {}, waiting: false }, "node");
    await world.actor(ROOT).dispatch({ type: "pause", by: "eve" }, "eve");
    world.now += 600 * MINUTE_MS;
    await world.actor(ROOT).dispatch({ type: "resume", by: "eve" }, "eve");
    expect(types(world)).toContain("external.extended");
    expect(await report(world, "after two long waits")).toMatchObject({ ok: true });
    await run(world);
    expect(world.output()).toBe("after two long waits");
  });

  it("is lost with the process that had it, and begins again where that is safe", async () => {
    for (const idempotent of [false, true]) {
      const world = await handedOver({ idempotent });
      world.nodes.die();
      const restarted = { type: "receiver_restarted", instance: world.nodes.instance, graceMs: MINUTE_MS } as const;
      await world.actor(ROOT).dispatch(restarted, "registry");
      await run(
        world,
        () => types(world).filter((type) => type === "step.started" || type === "step.failed").length > 1,
      );
      expect(types(world).includes("step.failed")).toBe(!idempotent);
      if (idempotent) expect(entryOf(world)).toMatchObject({ attempt: 2, status: "open" });
      else expect(entryOf(world)).toMatchObject({ errorCode: "agent_restart_orphaned" });
    }
  });

  it("is not lost with another version's process: what stands beside the new one has it still", async () => {
    const world = await handedOver();
    const restarted = { type: "receiver_restarted", instance: "of version 2", graceMs: MINUTE_MS } as const;
    await world.actor(ROOT).dispatch({ ...restarted, beside: [world.nodes.instance] }, "registry");
    expect(types(world)).not.toContain("external.receiver_gone");
    await world.actor(ROOT).dispatch({ ...restarted, beside: ["of version 3"] }, "registry");
    expect(types(world)).toContain("external.receiver_gone");
  });

  it("gets one grace of a new process, however often that one tells of itself, and never more time than it has", async () => {
    const world = await handedOver();
    const entry = entryOf(world);
    const untilMs = isOpenExternal(entry) ? entry.untilMs : 0;
    const restarted = { type: "receiver_restarted", instance: "new", graceMs: 60 * MINUTE_MS } as const;
    for (let told = 0; told < 2; told += 1) await world.actor(ROOT).dispatch(restarted, "registry");
    const gone = world.root.view.events.filter(({ type }) => type === "external.receiver_gone");
    expect(gone).toMatchObject([{ data: { instance: "new", untilMs } }]);
  });

  it("waits for no person any more once its process is gone, until it is said again", async () => {
    const world = await handedOver();
    const waits = () => world.actor(ROOT).dispatch({ type: "external_waiting", of: {}, waiting: true }, "node");
    await waits();
    await world.actor(ROOT).dispatch({ type: "receiver_restarted", instance: "new", graceMs: MINUTE_MS }, "registry");
    expect(world.root.view.state).toMatchObject({ status: "running", reason: "awaiting_node" });
    await waits();
    expect(world.root.view.state).toMatchObject({ status: "waiting" });
  });

  it("that was accepted is not sent again, whatever comes late of its message", async () => {
    const world = await handedOver();
    const before = entryOf(world);
    const unsent = { message: "nobody listens", retryAtMs: world.now };
    for (const late of [{}, { unsent }])
      expect(
        world.actor(ROOT).journal.dispatch({ type: "note_sent", key: "n", attempt: 1, ...late }, "system"),
      ).toEqual({
        ...{ ok: true, events: [] },
      });
    expect(entryOf(world)).toEqual(before);
  });

  it("is believed until its silence is over: a timer that goes off before changes nothing", async () => {
    const world = await handedOver();
    await world.actor(ROOT).dispatch({ type: "external_waiting", of: {}, waiting: true }, "node");
    world.now += MINUTE_MS;
    const early = await world.actor(ROOT).dispatch({ type: "fire_timer", name: timerName("silence", "n") }, "system");
    expect(early).toEqual({ ok: true, events: [] });
    expect(world.root.view.state).toMatchObject({ status: "waiting" });
  });

  it("that may be repeated is begun five times and no more, where nobody ever knows what came of it", async () => {
    const send = async (): Promise<Sent> => ({ how: "unknown", message: "cut" });
    const world = await withNode({ instance: "one", send });
    const attempts = world.root.view.events.flatMap(({ type, data }) => (type === "step.started" ? data.attempt : []));
    expect(attempts).toEqual([1, 2, 3, 4, 5]);
    expect(entryOf(world)).toMatchObject({ errorCode: "agent_timeout" });
  });

  it("that never reached its receiver ends with its time, and says in how many tries", async () => {
    const world = await withNode({ send: async () => ({ how: "unreached", message: "connection refused" }) });
    const tries = types(world).filter((type) => type === "external.unsent").length;
    expect(tries).toBeGreaterThan(2);
    const failed = world.root.view.events.find(({ type }) => type === "step.failed");
    expect(failed).toMatchObject({ data: { error: { code: "agent_unreachable" } } });
    expect(JSON.stringify(failed)).toContain(`in ${tries} tries`);
  });

  it("still takes an end that comes within the grace of a new process", async () => {
    const world = await handedOver();
    await world.actor(ROOT).dispatch({ type: "receiver_restarted", instance: "new", graceMs: MINUTE_MS }, "registry");
    world.now += MINUTE_MS / 2;
    await report(world, "drained");
    await run(world);
    expect(world.output()).toBe("drained");
  });

  it("is called off at its receiver when its execution is cancelled, and its late end is written down", async () => {
    const world = await handedOver();
    await world.actor(ROOT).dispatch({ type: "cancel", by: "eve" }, "eve");
    await run(world);
    expect(world.nodes.cancelled).toEqual(new Set([`${ROOT} n`]));
    await report(world, "too late");
    expect(world.root.view.state?.status).toBe("cancelled");
    expect(world.root.view.events.at(-1)).toMatchObject({ type: "step.completed", data: { late: true } });
  });

  it("opens no approval when a deployment interrupts it", async () => {
    const names = Array.from({ length: 500 }, (_, at) => `n${at}`);
    const main = (ctx: unknown) =>
      Promise.all(
        names.map((name) => (ctx as ProgramContext).external({ name, input: { name, once: false }, timeoutMs: 1e9 })),
      );
    const world = worldOf({ now: { main: (ctx) => main(ctx) } }, { people: [], seed: 3 });
    await run(world, () => types(world).filter((type) => type === "external.sending").length >= 60);
    world.deploy();
    await run(world, () => world.ticks > 400);
    expect(types(world).filter((type) => type === "gate.opened" || type === "effect.in_doubt")).toEqual([]);
    expect(world.wrongs).toEqual([]);
  });
});

it("ends at once when the receiver answers with what no row takes: its report would be awaited, which does not come", async () => {
  const usage = { turns: 0, tokens: Number.MAX_VALUE, costUsd: 0, children: 0 };
  const nodes: NodePort = {
    find: async () => refuse("not_found", "not asked"),
    locate: async () => accept({ send: async () => ({ how: "finished", outcome: { ok: true, value: 1 }, usage }) }),
    cancel: async () => {},
  };
  const execution = new OneExecution((ctx) => remote(ctx), {
    world: { nodes, newId: (kind) => `${kind}_one` },
  }).start();
  await atRest(execution);
  expect(execution.state).toMatchObject({ status: "failed" });
  const failed = execution.journal.event(execution.state?.resultSeq ?? 0);
  expect(failed?.data).toMatchObject({ message: expect.stringContaining("fits into no log") });
});

describe("what a call writes", () => {
  /** A receiver that accepts, found when the test says so; the events of each commit, and how often it was asked. */
  function called(locate: () => Promise<void>, clock: Partial<World> = {}) {
    const { promise: sent, resolve } = Promise.withResolvers<void>();
    const heard = { commits: [] as string[][], sends: 0, sent };
    const send = async (): Promise<Sent> => {
      heard.sends += 1;
      resolve();
      return { how: "accepted" };
    };
    const nodes: NodePort = {
      find: async () => refuse("target_not_found", "no node has it"),
      locate: () => locate().then(() => accept({ send })),
      cancel: async () => {},
    };
    const world = { nodes, newId: (kind: string) => `${kind}_one`, ...clock };
    const one = new OneExecution((ctx) => remote(ctx), { world });
    const execution = one.start();
    execution.onCommit((events) => heard.commits.push(events.map(({ type }) => type)));
    return { execution, heard };
  }
  const finish = (execution: ReturnType<typeof called>["execution"]) =>
    execution.dispatch({ type: "finish_external", of: {}, outcome: { ok: true, value: 1 } }, "node");

  it("is two commits: that it leaves, and its end with what came in between", async () => {
    // What waits for a time waits for ever: nothing but the call itself writes.
    const { execution, heard } = called(async () => {}, { later: () => () => {} });
    await heard.sent;
    expect(heard.commits).toEqual([expect.arrayContaining(["execution.created", "step.started", "external.sending"])]);
    // The answer is heard by then, and its report comes at once.
    await new Promise((resolved) => setImmediate(resolved));
    await finish(execution);
    expect(heard.commits).toHaveLength(2);
    expect(heard.commits[1]).toEqual(["external.accepted", "step.completed", "execution.succeeded"]);
    expect(heard.sends).toBe(1);
  });

  it("is on disk without its receiver where that is not found soon, and leaves once all the same", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { execution, heard } = called(() => promise);
    await vi.waitFor(() => expect(heard.commits).toHaveLength(1));
    expect(heard.commits[0]).toContain("step.started");
    expect([heard.commits.flat().includes("external.sending"), heard.sends]).toEqual([false, 0]);
    resolve();
    await vi.waitFor(() => expect(heard.sends).toBe(1));
    await finish(execution);
    expect(heard.commits.flat().filter((type) => type === "external.sending")).toHaveLength(1);
    expect([execution.state?.status, heard.sends]).toEqual(["succeeded", 1]);
  });

  it.each([
    ["while its receiver was looked for", () => false],
    ["before that it leaves was written", (entry: unknown) => !(entry as { readonly sent?: string }).sent],
  ])("does not leave for an execution that was cancelled %s", async (_when, isTooEarly) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { execution, heard } = called(() => promise);
    const entry = () => execution.journal.index().entries.get("n");
    await vi.waitFor(() => expect(entry()).toBeDefined());
    if (isTooEarly(entry())) resolve();
    while (isTooEarly(entry())) await Promise.resolve();
    await execution.dispatch({ type: "cancel", reason: "no more", by: "ann" }, "ann");
    resolve();
    await vi.waitFor(() => expect(execution.journal.committed?.status).toBe("cancelled"));
    await new Promise((resolved) => setImmediate(resolved));
    expect(heard.sends).toBe(0);
  });
});

describe("a result that is larger than a row", () => {
  const stored = { size: 2_000_000, digest: "d" };
  const store = (world: SimWorld, digest: string) =>
    world.actor(ROOT).dispatch({ type: "store_external", of: {}, digest }, "node");
  const finish = (world: SimWorld, digest = "d") =>
    world
      .actor(ROOT)
      .dispatch(
        { type: "finish_external", of: {}, outcome: { ok: true, value: null, stored: { ...stored, digest } } },
        "node",
      );

  it("is the execution's, where its program hands it on; of two the first one is", async () => {
    const world = await handedOver();
    expect(await store(world, "d")).toMatchObject({ ok: true, events: [{ type: "external.storing" }] });
    expect(await store(world, "d")).toMatchObject({ ok: true, events: [{}] });
    expect(await store(world, "other")).toEqual({ ok: true, events: [] });
    expect(await finish(world, "other")).toEqual({ ok: true, events: [] });
    await finish(world);
    await run(world);
    const { state, events } = world.root.view;
    expect(state).toMatchObject({ status: "succeeded", storedResult: "named" });
    expect(events.find(({ type }) => type === "execution.succeeded")).toMatchObject({ data: { output: null, stored } });
    expect(await store(world, "d")).toEqual({ ok: true, events: [] });
  });

  it("that no end names is removed, and none of it is offered to an execution that follows", async () => {
    const world = await handedOver();
    await store(world, "d");
    await report(world, "small");
    await run(world);
    expect(world.output()).toBe("small");
    expect(world.root.view.state?.storedResult).toBe("begun");
  });
});
