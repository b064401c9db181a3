import { describe, expect, it } from "vitest";
import type { OutboxEntry } from "../../../../src/domain/execution/outbox-entry.ts";
import type { FaultCode, Refusal } from "../../../../src/domain/values/fault.ts";
import { FAULT_CODES, FAULTS, refuse } from "../../../../src/domain/values/fault.ts";
import type { OutboxMessage } from "../../../../src/engine/message.ts";
import type { Receivers } from "../../../../src/engine/outbox/deliver.ts";
import { afterRefusal, deliver, isForNow } from "../../../../src/engine/outbox/deliver.ts";
import type { FoundFunction } from "../../../../src/engine/ports.ts";
import { ORIGIN } from "../../../support/log.ts";
import { run, worldOf } from "../../../support/simulator/small-world.ts";

const child = { ...ORIGIN, id: "exec_c", parentId: ORIGIN.id, owned: true };
const finished = {
  status: "succeeded",
  outcome: { ok: true, value: 1 },
  usage: { turns: 0, tokens: 0, costUsd: 0, children: 0 },
};
const LETTERS: Record<string, OutboxMessage> = {
  "the start of a child": { to: "child", verb: "start", childId: "exec_c", origin: child, input: 1 },
  "the cancel of a child": { to: "child", verb: "cancel", childId: "exec_c", origin: child, input: 1, reason: "why" },
  "an end to the parent": {
    to: "parent",
    verb: "finished",
    parentId: ORIGIN.id,
    origin: child,
    ...finished,
  } as OutboxMessage,
  "a wait to the parent": { to: "parent", verb: "waiting", parentId: ORIGIN.id, origin: child, waiting: true, seq: 7 },
  "the start of a successor": { to: "successor", origin: { ...ORIGIN, id: "exec_s" }, input: 1, metadata: { a: 1 } },
};

/** Receivers that write down what reaches them, and answer all the same. */
function listening(answer: { ok: true } | Refusal) {
  const heard: unknown[] = [];
  const says =
    (verb: string, id: string) =>
    async (...said: unknown[]) => {
      heard.push([verb, id, ...said]);
      return answer;
    };
  const receivers: Receivers = {
    find: () => undefined,
    builtIns: undefined,
    registry: async (message) => void heard.push(["registry", message]),
    approval: async (message) => void heard.push(["approval", message]),
    removeFiles: async (keys) => void heard.push(["files", keys]),
    limiter: async (message) => void heard.push(["limiter", message]),
    offers: async (offer) => void heard.push(["offers", offer]),
    places: async () => ({}),
    execution: (_tenant, id) =>
      id.startsWith("exec_")
        ? { start: says("start", id), cancelOrRefuse: says("cancel", id), dispatch: says("tell", id) }
        : undefined,
  };
  return { heard, receivers };
}

describe("a message", () => {
  const create = (id: string) => expect.objectContaining({ type: "create", origin: expect.objectContaining({ id }) });
  const reports = { type: "child_finished", childId: "exec_c", ...finished };
  const HEARD: Record<string, unknown[]> = {
    "the start of a child": ["start", "exec_c", create("exec_c")],
    "the cancel of a child": ["cancel", "exec_c", create("exec_c"), "why"],
    "an end to the parent": ["tell", ORIGIN.id, reports],
    "a wait to the parent": ["tell", ORIGIN.id, { type: "child_waiting", childId: "exec_c", waiting: true, seq: 7 }],
    "the start of a successor": ["start", "exec_s", expect.objectContaining({ input: 1, metadata: { a: 1 } })],
  };
  it.each(Object.entries(LETTERS))("%s reaches its receiver, which takes it", async (what, message) => {
    const { heard, receivers } = listening({ ok: true });
    expect(await deliver(message, receivers)).toBeUndefined();
    expect(heard).toEqual([HEARD[what]]);
  });

  it.each(Object.entries(LETTERS))("%s comes back with the receiver's refusal", async (_what, message) => {
    const refusal = refuse("encryption_key_missing", "no key");
    expect(await deliver(message, listening(refusal).receivers)).toBe(refusal);
  });

  it.each([
    ["its caller allows", 70_000, 70_000],
    ["its function has", undefined, 5_000],
  ])("that starts a child gives it the time that %s", async (_whose, timeoutMs, expected) => {
    const { heard, receivers } = listening({ ok: true });
    const definition = { name: "f", kind: "reasoner", timeoutMs: 5_000 } as unknown as FoundFunction["definition"];
    const find = () => ({ definition, version: "1" });
    const message = { ...LETTERS["the start of a child"], ...(timeoutMs ? { timeoutMs } : {}) } as OutboxMessage;
    await deliver(message, { ...receivers, find });
    expect(heard).toMatchObject([["start", "exec_c", { origin: { timeoutMs: expected } }]]);
  });

  it.each([
    ["of a function of a node is refused where no node has it", { elsewhere: true }, "target_not_found"],
    ["of a program is taken where this code has none: a later one may have it again", {}, undefined],
  ])("the start of a child %s", async (_what, mark, code) => {
    const remote = async () => refuse("target_not_found", "no node has it");
    const message = { ...LETTERS["the start of a child"], ...mark } as OutboxMessage;
    const answer = await deliver(message, { ...listening({ ok: true }).receivers, remote });
    expect(answer && "code" in answer ? answer.code : undefined).toBe(code);
  });

  it("to a text that is no id is refused for good", async () => {
    const { receivers } = listening({ ok: true });
    const message = { ...LETTERS["an end to the parent"], parentId: "somebody else's run" } as OutboxMessage;
    expect(await deliver(message, receivers)).toMatchObject({ ok: false, code: "not_found" });
  });
});

describe("a refusal", () => {
  it("is for now when the same call may succeed later, or its rows may become readable again", () => {
    const forNow = FAULT_CODES.filter(isForNow);
    const retryable = FAULT_CODES.filter((code) => FAULTS[code].retryable);
    expect(forNow.toSorted()).toEqual([...retryable, "unreadable"].toSorted());
  });

  const messages: OutboxEntry[] = [
    { to: "child", verb: "start", childId: "exec_c", seq: 1 },
    { to: "child", verb: "cancel", childId: "exec_c", seq: 1 },
    { to: "parent", verb: "finished", seq: 1 },
    { to: "parent", verb: "waiting", waiting: true, seq: 1 },
    { to: "successor", id: "exec_s", seq: 1 },
  ];
  it.each(messages)("for good of $to $verb ends a child's entry, and nothing else", (message) => {
    const follows = afterRefusal(message, refuse("not_found", "it is not here"));
    const ends = {
      type: "child_finished",
      childId: "exec_c",
      outcome: { ok: false, error: { code: "child_refused" } },
    };
    if (message.to === "child") expect(follows).toMatchObject(ends);
    else expect(follows).toBeUndefined();
  });
});

describe("a parent whose child's start", () => {
  const programs = {
    main: async (ctx: Parameters<NonNullable<Parameters<typeof worldOf>[0]["now"][string]>>[0]) =>
      ctx.call("a.child", 1).catch((error: { code: string; message: string }) => [error.code, error.message]),
    child: async () => "done",
  };

  it("is refused for now waits, and hears the child's end later", async () => {
    const world = worldOf({ now: programs });
    world.refuse("exec_x1", 900_000);
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.output()).toBe("done");
    expect(world.now).toBeGreaterThan(1_900_000);
    expect(world.wrongs).toEqual([]);
  });

  it.each(["not_found", "idempotency_mismatch", "invalid_input", "gone"] as FaultCode[])(
    "is refused for good (%s) hears so at once, with a code of its own",
    async (code) => {
      const world = worldOf({ now: programs });
      world.refuse("exec_x1", 900_000, refuse(code, "it will not"));
      await run(world);
      const told = expect.stringContaining("it will not");
      expect(world.output()).toEqual(["child_refused", told]);
      expect(world.root.view.state).toMatchObject({ openChildren: 0, finishedAtMs: 1_000_000 });
      expect(world.wrongs).toEqual([]);
    },
  );

  it("was taken hears its end although it could not be opened when the end came", async () => {
    const world = worldOf({ now: programs });
    await run(world, () => world.store("exec_x1").view.state !== undefined);
    world.refuse("exec_root", 900_000);
    await run(world);
    expect(world.output()).toBe("done");
    expect(world.wrongs).toEqual([]);
  });
});
