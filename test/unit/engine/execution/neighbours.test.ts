/** Executions of one process, of which one takes in more than all others: whose death the end of the process is. */

import { describe, expect, it, onTestFinished } from "vitest";
import type { Context } from "../../../../src/define/context.ts";
import type { Origin } from "../../../../src/domain/execution/origin.ts";
import type { DurableExecution } from "../../../../src/engine/execution/durable-execution.ts";
import { Growths, LEAST_GROWTH } from "../../../../src/engine/growths.ts";
import type { World } from "../../../../src/engine/ports.ts";
import { OneExecution } from "../../../support/one-execution.ts";

const MB = 1_000_000;
const NEVER = new Promise<never>(() => {});

/** One book for all objects, as an isolate has it; a new one for each process. What a dead one had begun goes no further. */
class Process {
  growths = new Growths();

  constructor() {
    onTestFinished(() => this.dies());
  }

  member(name: string, main: (ctx: Context) => Promise<unknown>, limits: Origin["limits"]): OneExecution {
    const page = () => this.growths.pageOf(name, () => 1_000);
    const unlessDead = () => this.#unlessDead();
    const world = {
      get growth() {
        return page();
      },
      get later(): World["later"] {
        const alive = unlessDead();
        return (delayMs, fn) => {
          const timer = setTimeout(() => alive(fn), delayMs);
          return () => clearTimeout(timer);
        };
      },
      get rest(): World["drainMicrotasks"] {
        const alive = unlessDead();
        return () => new Promise((resolve) => setImmediate(() => alive(resolve)));
      },
    };
    return new OneExecution(main, { origin: { limits }, world });
  }

  #unlessDead() {
    const { growths } = this;
    return (fn: () => void) => {
      if (this.growths === growths) fn();
    };
  }

  dies(): void {
    this.growths = new Growths();
  }
}

const grows = (results: number) => async (ctx: Context) => {
  const held: unknown[] = [];
  for (let n = 0; n < results; n += 1)
    held.push(await ctx.effect(`e${n}`, null, { idempotent: true }, () => "x".repeat(MB)));
  return ctx.step("grows on", () => NEVER.then(() => held.length));
};
const computes = (ctx: Context) => ctx.step("long", () => NEVER);

const typesOf = ({ journal }: DurableExecution) => [...journal.eventsAfter(0)].map(({ type }) => type);

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isSo(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
}

const isAtWork = ({ state }: DurableExecution) => state?.status === "running" && state.suspended === undefined;

/** The next process: the object is loaded, and its alarm, which stands for now, goes off. */
async function next(one: OneExecution): Promise<DurableExecution> {
  const object = one.open();
  const { seq = 0 } = object.state ?? {};
  await object.onAlarm();
  await until(() => (object.journal.committed?.seq ?? 0) > seq && !object.journal.hasStaged);
  return object;
}

describe("a process that dies of one execution that grew", () => {
  it("counts against that one: the others are only loaded again, until it is stopped", async () => {
    const process = new Process();
    const grower = process.member("grower", grows(20), { maxRecoveries: 1 });
    const other = process.member("other", computes, { maxRecoveries: 1 });
    let beside = other.start();
    await until(() => isAtWork(beside));
    let large = grower.start();
    for (const [spared, deaths] of [
      [1, 1],
      [2, 2],
    ]) {
      await until(() => beside.journal.committed?.outgrown !== undefined && (large.state?.seq ?? 0) > 42);
      expect(large.state).not.toHaveProperty("outgrown");
      process.dies();
      beside = await next(other);
      expect(beside.state).toMatchObject({ status: "running", recoveries: 0, recoveriesWithoutProgress: 0, spared });
      large = await next(grower);
      expect(large.state?.recoveries).toBe(deaths);
    }
    expect(large.state).toMatchObject({ status: "failed", errorCode: "budget_exceeded" });
    expect(beside.state).not.toHaveProperty("outgrown");
    process.dies();
    expect((await next(other)).state).toMatchObject({ status: "running", recoveries: 1 });
    process.dies();
    expect((await next(other)).state).toMatchObject({ status: "failed", errorCode: "budget_exceeded" });
  });

  it("is noted by one that is loaded beside it later, and by none that waits", async () => {
    const process = new Process();
    const waiting = process.member("waiting", (ctx) => ctx.signal("never"), {});
    const rests = waiting.start();
    await until(() => rests.state?.suspended !== undefined);
    const grower = process.member("grower", grows(20), {}).start();
    await until(() => (grower.state?.seq ?? 0) > 40);
    const other = process.member("other", computes, {});
    const late = other.start();
    await late.flush();
    expect(late.journal.committed?.outgrown).toBe(true);
    expect(typesOf(rests)).not.toContain("neighbour.grew");
    expect(typesOf(late).filter((type) => type === "neighbour.grew")).toHaveLength(1);
  });

  it("is every one's own where several have grown alike, and where none has grown much", async () => {
    for (const results of [20, 3]) {
      const process = new Process();
      const members = ["one", "two"].map((name) => process.member(name, grows(results), {}));
      const objects = members.map((one) => one.start());
      await until(() => objects.every(({ state }) => (state?.seq ?? 0) > 2 * results));
      process.dies();
      for (const one of members) expect((await next(one)).state).toMatchObject({ recoveriesWithoutProgress: 1 });
    }
  });
});

describe("a program that kills its process beside one that has grown", () => {
  it("is stopped after twice as many deaths", async () => {
    const process = new Process();
    const other = process.member("other", computes, { maxRecoveries: 2 });
    let beside = other.start();
    let deaths = 0;
    for (; beside.state?.status === "running" || deaths === 0; deaths += 1) {
      await until(() => isAtWork(beside));
      const growth = process.growths.pageOf("large", () => 1_000);
      growth.grew(LEAST_GROWTH);
      await until(() => beside.journal.committed?.outgrown !== undefined);
      process.dies();
      beside = await next(other);
    }
    expect(beside.state?.status).toBe("failed");
    expect(deaths).toBe(6);
  });
});

describe("the book of a process", () => {
  it("forgets what was taken in long ago, and begins a new page for an object that is loaded again", () => {
    const growths = new Growths();
    let now = 0;
    const small = growths.pageOf("small", () => now);
    growths.pageOf("large", () => now).grew(LEAST_GROWTH);
    expect(small.isOutgrown()).toBe(true);
    growths.pageOf("large", () => now);
    expect(small.isOutgrown()).toBe(false);
    growths.pageOf("large", () => now).grew(LEAST_GROWTH);
    now = 3_600_000;
    small.grew(1);
    expect(small.isOutgrown()).toBe(false);
  });

  it("has the largest of those that are left when one goes", () => {
    const growths = new Growths();
    const page = (name: string) => growths.pageOf(name, () => 0);
    const small = page("small");
    page("large").grew(LEAST_GROWTH);
    page("larger").grew(3 * LEAST_GROWTH);
    expect(small.isOutgrown()).toBe(true);
    page("larger");
    expect(small.isOutgrown()).toBe(true);
  });
});
