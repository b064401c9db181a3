/** Stored data that is changed behind the engine's back: each change is noticed, or the report says that it could not be. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import type { OpenApproval } from "../../../src/domain/execution/approval.ts";
import type { ChainedRow } from "../../../src/domain/execution/chain.ts";
import { checkChain } from "../../../src/domain/execution/chain.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import type { ExecutionState } from "../../../src/domain/execution/state.ts";
import type { InvariantReport } from "../../../src/domain/invariants/invariants.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import type { OutboxRow } from "../../../src/engine/ports.ts";
import { digestOf } from "../../support/simulator/digest.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { charge, run, worldOf } from "../../support/simulator/small-world.ts";

/** All that an execution has on its disk, as it may be changed there. */
interface Stored {
  events: Event[];
  state: ExecutionState;
  timers: Map<string, number>;
  outbox: Map<string, OutboxRow>;
  approvals: OpenApproval[];
  alarmAtMs: number | undefined;
}

async function main(ctx: Context, world: SimWorld): Promise<unknown> {
  await ctx.effect("pay", { amount: 10 }, {}, () => ({ receipt: 7 }));
  await ctx.step("compute", () => 1);
  await ctx.note("halfway");
  await ctx.call("a.child", { item: "x" });
  await ctx.signal("go");
  await ctx.generate({ messages: "hello", maxTokens: 20 });
  await ctx.pause({ name: "first", payload: { answer: "approved", amount: 10 } });
  const waits = [ctx.sleep(3_600_000), ctx.pause({ name: "second", payload: { amount: 10 }, approvers: ["ann"] })];
  await Promise.all([...waits, charge(ctx, world)]);
  return "end";
}

/** In the middle of a program with every kind of rows: open timers and approvals, a message that is still owed. */
async function stored(): Promise<{ stored: Stored; now: number }> {
  const world = worldOf({ now: { main, child: async () => ({ done: true }) } });
  const { root } = world;
  await run(world, () => root.view.state?.suspended === "awaiting_signal");
  world.dispatch(ROOT, { type: "signal", signals: [{ name: "go", data: { speed: 3 } }], by: "carl" });
  await run(world, () => root.view.gates.size > 0 && root.view.timers.size > 1 && root.view.outbox.size > 0);
  const { events, state, timers, outbox, gates, alarmAtMs } = structuredClone(root.view);
  if (!state) throw new Error("there is no state");
  const rows = { timers: new Map(timers), outbox: new Map(outbox), approvals: [...gates.values()] };
  return { stored: { events: [...events], state, alarmAtMs, ...rows }, now: world.now };
}

const next = (_key: string, before: string, text: string) => `.${digestOf(before + text)}`;

/** One row an event, with the heads that were written when it was appended. */
function rowsOf(events: readonly Event[], heads: readonly string[]): ChainedRow[] {
  return events.map((event, at) => {
    const mark = { seq: event.seq, head: heads[at] ?? "" };
    return { texts: [JSON.stringify(event)], firstSeq: event.seq, marks: [mark] };
  });
}

function headsOf(events: readonly Event[]): string[] {
  const heads: string[] = [];
  for (const event of events) heads.push(next("", heads.at(-1) ?? "", JSON.stringify(event)));
  return heads;
}

const TYPES = ["violated", "not_checkable_here"] as const;
type Found = Record<(typeof TYPES)[number], string[]>;

function found(reports: readonly InvariantReport[]): Found {
  const of = (wanted: string) => reports.filter(({ verdict }) => verdict === wanted).map(({ promise }) => promise);
  return { violated: of("violated"), not_checkable_here: of("not_checkable_here") };
}

function check(is: Stored, { now, heads }: { readonly now: number; readonly heads?: readonly string[] }): Found {
  const { alarmAtMs, ...rest } = is;
  const alarm = alarmAtMs === undefined ? {} : { alarmAtMs };
  const head = heads?.at(-1) ?? "";
  const chain = heads ? { chain: checkChain(rowsOf(is.events, heads), next, { seq: heads.length, head }) } : {};
  return found(checkInvariants({ ...rest, ...alarm, ...chain, digest: digestOf, now }));
}

/** Changes the data of the first event of a type. */
const edit =
  (type: Event["type"], change: (data: Record<string, unknown>) => void) =>
  ({ events }: Stored): void => {
    const event = events.find((one) => one.type === type);
    if (!event) throw new Error(`there is no ${type}`);
    change(event.data as Record<string, unknown>);
  };

const LOG: readonly (readonly [string, (stored: Stored) => void])[] = [
  ["the input of the execution", edit("execution.created", (data) => Object.assign(data, { input: "another" }))],
  ["its owner", edit("execution.created", (data) => Object.assign(data.origin as object, { owner: "mallory" }))],
  ["the input of an effect", edit("step.started", (data) => Object.assign(data, { input: { amount: 9_000 } }))],
  ["the output of an effect", edit("step.completed", (data) => Object.assign(data, { output: { receipt: 8 } }))],
  ["the text of a note", edit("note.added", (data) => Object.assign(data, { message: "done" }))],
  ["the input of a child", edit("child.started", (data) => Object.assign(data, { input: { item: "y" } }))],
  ["what a child gave", edit("child.finished", (data) => Object.assign(data, { outcome: { ok: true, value: 0 } }))],
  ["what a child used", edit("child.finished", (data) => Object.assign(data.usage as object, { turns: 1 }))],
  ["a signal", edit("signal.received", (data) => Object.assign(data, { data: { speed: 300 } }))],
  ["what a model said", edit("turn.completed", (data) => Object.assign(data.output as object, { content: [] }))],
  ["what a turn cost", edit("turn.completed", (data) => Object.assign(data.usage as object, { tokens: 1 }))],
  ["what was shown for a decision", edit("gate.opened", (data) => Object.assign(data, { payload: { amount: 1 } }))],
  ["a decision", edit("gate.decided", (data) => Object.assign(data.verdict as object, { decision: "rejected" }))],
  ["who decided", edit("gate.decided", (data) => Object.assign(data.verdict as object, { decidedBy: "mallory" }))],
  ["when something happened", ({ events }) => void Object.assign(events[3] ?? {}, { atMs: 1 })],
  ["who acted", ({ events }) => void Object.assign(events[3] ?? {}, { actor: "mallory" })],
  ["the order of two events", ({ events }) => void events.splice(5, 2, ...events.slice(5, 7).reverse())],
  ["the order of two events, numbered anew", ({ events }) => swapped(events)],
  ["an event that is gone", ({ events }) => void events.splice(6, 1)],
  ["the last event that is gone", ({ events }) => void events.pop()],
  ["an event that is there twice", ({ events }) => void events.splice(6, 0, ...events.slice(6, 7))],
  ["an event that nobody appended", forged],
];

function swapped(events: Event[]): void {
  const [one, other] = events.splice(5, 2, ...events.slice(5, 7).reverse());
  if (one && other) Object.assign(events[5] ?? {}, { seq: one.seq });
  if (one && other) Object.assign(events[6] ?? {}, { seq: other.seq + 1 });
}

function forged({ events }: Stored): void {
  const last = events.at(-1);
  if (!last) throw new Error("there is no event");
  events.push({ ...last, seq: last.seq + 1, type: "note.added", data: { message: "forged", tags: [] } });
}

describe("a log that was changed behind the engine's back", () => {
  it("is found good before that", async () => {
    const { stored: is, now } = await stored();
    expect(check(is, { now, heads: headsOf(is.events) })).toEqual({ violated: [], not_checkable_here: ["P7"] });
  });

  it.each(LOG)("%s is noticed by its chain", async (_what, change) => {
    const { stored: is, now } = await stored();
    const heads = headsOf(is.events);
    change(is);
    expect(check(is, { now, heads }).violated).toContain("P5");
  });

  it.each(LOG)(
    "%s is noticed by the head that the index knows, when the chain was made anew",
    async (_what, change) => {
      const { stored: is, now } = await stored();
      const known = headsOf(is.events);
      change(is);
      const verdict = checkChain(rowsOf(is.events, headsOf(is.events)), next, {
        seq: known.length,
        head: known.at(-1) ?? "",
      });
      // What was added behind the head that is known is for the index to hear of: it changes nothing before it.
      const isBehind = is.events.length > known.length && headsOf(is.events)[known.length - 1] === known.at(-1);
      expect(verdict.ok).toBe(isBehind);
      expect(check(is, { now }).violated.length > 0 || isBehind || !verdict.ok).toBe(true);
    },
  );

  it.each(LOG)("%s is noticed, or said to be not checkable, without a chain", async (_what, change) => {
    const { stored: is, now } = await stored();
    change(is);
    const { violated, not_checkable_here: unsure } = check(is, { now });
    expect(violated.length > 0 || unsure.includes("P5")).toBe(true);
  });
});

const aGate: OpenApproval = {
  ...{ gateId: "gate_forged", key: "forged", kind: "pause", onReject: "continue", digest: "d" },
  ...{ openedSeq: 3, requestedAtMs: 1 },
};

type Beside = readonly [what: string, promise: string, name: keyof Stored | "state", change: (is: Stored) => void];
const first = <K, V>(rows: Map<K, V>): [K, V] => {
  const [row] = rows;
  if (!row) throw new Error("there is no row");
  return row;
};
const BESIDE: readonly Beside[] = [
  ["a timer that was moved", "P8", "timers", ({ timers }) => void timers.set(first(timers)[0], 9e12)],
  ["a timer that is gone", "P8", "timers", ({ timers }) => void timers.delete(first(timers)[0])],
  ["a timer of nothing", "P8", "timers", ({ timers }) => void timers.set("sleep:forged", 9e12)],
  ["a timer of another kind", "P8", "timers", ({ timers }) => void timers.set("deadline:", 9e12)],
  [
    "a message to another child",
    "P1",
    "outbox",
    ({ outbox }) => {
      const message = { to: "child", verb: "cancel", childId: "exec_other", seq: 2 } as const;
      outbox.set("child:cancel:exec_other", { message, attempts: 0, nextAtMs: 1 });
    },
  ],
  [
    "a message about another event",
    "P1",
    "outbox",
    ({ outbox }) => {
      const [id, row] = first(outbox);
      outbox.set(id, { ...row, message: { ...row.message, seq: 1 } as OutboxRow["message"] });
    },
  ],
  [
    "an open gate whose digest was changed",
    "P6",
    "approvals",
    ({ approvals }) => void Object.assign(approvals[0] ?? {}, { digest: "x" }),
  ],
  [
    "an open gate that admits others",
    "P6",
    "approvals",
    ({ approvals }) => void Object.assign(approvals[0] ?? {}, { approvers: ["eve"] }),
  ],
  ["an open gate without its row", "P6", "approvals", ({ approvals }) => void approvals.pop()],
  ["a gate that nobody opened", "P6", "approvals", ({ approvals }) => void approvals.push(aGate)],
  ["an alarm that is gone", "P1", "alarmAtMs", (is) => void Object.assign(is, { alarmAtMs: undefined })],
  ["an alarm behind the earliest timer", "P1", "alarmAtMs", (is) => void Object.assign(is, { alarmAtMs: 9e15 })],
  ["the status", "P5", "state", ({ state }) => void Object.assign(state, { status: "paused" })],
  ["what was spent", "P5", "state", ({ state }) => void Object.assign(state.spent, { turns: 0 })],
  ["the owner in the state", "P5", "state", ({ state }) => void Object.assign(state.origin, { owner: "mallory" })],
];

describe("rows beside the log that were changed", () => {
  it.each(BESIDE)("%s is noticed as a broken %s", async (...[, promise, , change]) => {
    const { stored: is, now } = await stored();
    const heads = headsOf(is.events);
    change(is);
    expect(check(is, { now, heads }).violated).toContain(promise);
  });

  const optional = BESIDE.filter(([, , name]) => name === "timers" || name === "outbox" || name === "approvals");
  it.each(optional)("%s: %s is not checkable where no %s are handed in", async (_what, promise, name) => {
    const { stored: is, now } = await stored();
    const { alarmAtMs, ...rest } = is;
    const alarm = alarmAtMs === undefined ? {} : { alarmAtMs };
    const { [name as "timers"]: _left, ...others } = rest;
    const reports = checkInvariants({ ...others, ...alarm, digest: digestOf, now });
    expect(found(reports).not_checkable_here).toContain(promise);
  });
});
