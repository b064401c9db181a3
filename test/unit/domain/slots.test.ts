/** Slots as one execution decides and folds them, without a limiter. */
import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/domain/execution/command.ts";
import { ASK_AGAIN_MS } from "../../../src/domain/execution/slot.ts";
import { Log, ORIGIN, running } from "../../support/log.ts";

const queues = [{ name: "a", limit: 1 }, { name: "a/f" }];
const grant = (queue: string, epoch: number): Command => ({ type: "grant_slot", queue, epoch });
const again: Command = { type: "ask_for_slot", why: "again" };
const goesOn: Command = { type: "ask_for_slot", why: "goes on" };

describe("an execution under two limits", () => {
  it("takes the slots in their order, and each once", () => {
    const log = limited();
    const { epoch = 0 } = log.state?.slot ?? {};
    expect(log.tell(grant("a/f", epoch))).toEqual(["invalid_state"]);
    expect(log.tell(grant("a", epoch + 1))).toEqual(["invalid_state"]);
    expect(log.tell(grant("a", epoch))).toEqual(["slot.granted"]);
    // A limiter whose answer was lost grants once more: it is told yes, and nothing is written.
    expect(log.tell(grant("a", epoch))).toEqual([]);
    expect(log.state?.slot?.held).toBe(1);
    expect(log.tell(grant("a/f", epoch))).toEqual(["slot.granted"]);
  });

  it("asks again after an hour in which nothing was heard, not before, and never with all slots in hand", () => {
    const log = limited();
    const asked = log.state?.slot?.epoch ?? 0;
    log.now += ASK_AGAIN_MS - 1;
    expect(log.tell(again)).toEqual([]);
    log.now += 1;
    expect(log.tell(again)).toEqual(["slot.requested"]);
    expect(log.state?.slot).toEqual({ epoch: asked + 1, held: 0 });
    log.tell(grant("a", asked + 1), grant("a/f", asked + 1));
    log.now += ASK_AGAIN_MS;
    expect(log.tell(again)).toEqual([]);
  });

  it("goes on only from rest, where it has given its slots back", () => {
    const log = limited();
    expect(log.tell(goesOn)).toEqual([]);
    const { epoch = 0 } = log.state?.slot ?? {};
    log.tell(grant("a", epoch), grant("a/f", epoch), { type: "begin" });
    expect(log.state?.status).toBe("running");
    expect(log.tell(goesOn)).toEqual([]);
    log.tell({ type: "start_entry", key: "s", kind: "sleep", name: "s", attempt: 1, untilMs: 9_000 } as Command);
    log.tell({ type: "come_to_rest" });
    expect(log.state?.slot).toMatchObject({ held: 0, off: true });
    expect(log.tell(goesOn)).toEqual(["execution.resumed"]);
  });

  it("keeps the instant of its first start while it waits for slots once more, and that waiting costs no active time", () => {
    const log = limited();
    const { epoch = 0 } = log.state?.slot ?? {};
    log.now = 5_000;
    log.tell(grant("a", epoch), grant("a/f", epoch), { type: "begin" });
    const started = log.state && "startedAtMs" in log.state ? log.state.startedAtMs : undefined;
    expect(started).toBe(5_000);
    log.now = 6_000;
    log.tell({ type: "start_entry", key: "s", kind: "sleep", name: "s", attempt: 1, untilMs: 9_000 } as Command);
    log.tell({ type: "come_to_rest" });
    log.now = 9_000;
    log.tell({ type: "fire_timer", name: "sleep:s" }, goesOn);
    expect(log.state).toMatchObject({ status: "running", suspended: "awaiting_slot", startedAtMs: 5_000 });
  });
});

function limited(): Log {
  const log = new Log();
  log.tell({ type: "create", origin: { ...ORIGIN, queues }, input: null });
  return log;
}

it("an execution under no limit is asked for nothing", () => {
  const log = running();
  expect(log.tell(again, goesOn)).toEqual([]);
  expect(log.tell(grant("a", 1))).toEqual(["invalid_state"]);
});

describe("an execution that a node works at", () => {
  const external: Command = {
    type: "start_entry",
    key: "n",
    kind: "external",
    name: "n",
    attempt: 1,
    token: "t",
  } as Command;
  const begun = () => {
    const log = new Log();
    const remote = { dispatchMs: 60_000 };
    log.tell({ type: "create", origin: { ...ORIGIN, queues: [{ name: "a", limit: 1 }], remote }, input: null });
    return log;
  };
  const atWork = () => {
    const log = begun();
    log.tell(grant("a", log.state?.slot?.epoch ?? 0), { type: "begin" }, external, { type: "come_to_rest" });
    return log;
  };

  it("keeps its slot at rest, while it is held and while it waits for a person, and gives it back with its end", () => {
    const log = atWork();
    const kept = { epoch: 1, held: 1 };
    expect(log.state).toMatchObject({ status: "running", suspended: "awaiting_node", slot: kept });
    const ann = { by: "ann" };
    log.tell({ type: "pause", ...ann });
    expect(log.state).toMatchObject({ status: "paused", slot: kept });
    log.tell({ type: "resume", ...ann }, { type: "come_to_rest" }, { type: "external_waiting", of: {}, waiting: true });
    expect(log.state).toMatchObject({ status: "waiting", slot: kept });
    log.tell({ type: "external_waiting", of: {}, waiting: false });
    expect(log.state?.slot).toEqual(kept);
    log.tell({ type: "cancel", ...ann });
    expect(log.state).toMatchObject({ status: "cancelled", slot: { held: 0, off: true } });
  });

  it("waits for its slot before anything is sent", () => {
    const log = begun();
    expect(log.state).toMatchObject({ status: "queued", slot: { epoch: 1, held: 0 } });
    expect(log.tell({ type: "cancel", by: "ann" })).toContain("execution.cancelled");
    expect(log.state?.slot).toMatchObject({ off: true });
  });
});
