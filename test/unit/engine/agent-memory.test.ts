/** `ctx.memory` over the journal of a real database: reads are steps, writes are effects that are done once. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { StepError } from "../../../src/define/errors.ts";
import type { MemoryVerbs } from "../../../src/domain/memory/memory-verbs.ts";
import type { EntryPlace } from "../../../src/domain/memory/scope.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import { ORIGIN } from "../../support/log.ts";
import { atRest, OneExecution } from "../../support/one-execution.ts";

/** A memory in this process, which knows a write that comes again. */
class Remembering implements MemoryVerbs {
  readonly values = new Map<string, string>();
  readonly asked: string[] = [];
  readonly known = new Set<string>();
  /** Called once a write is done, before its answer. */
  written: () => Promise<void> = async () => {};

  #name = ({ tenant, scope, owner, scopeId }: EntryPlace, key: string) =>
    [tenant, scope, owner, scopeId, key].join("|");

  set: MemoryVerbs["set"] = async (place, { key, data, by, once }) => {
    this.asked.push(`set ${key} ${once?.id}`);
    if (!this.known.has(String(once?.id))) this.values.set(this.#name(place, key), data);
    this.known.add(String(once?.id));
    await this.written();
    return accept({ key, data, createdAtMs: 0, updatedAtMs: 0, by });
  };
  get: MemoryVerbs["get"] = async (place, key) => {
    this.asked.push(`get ${place.scope} ${key}`);
    const data = this.values.get(this.#name(place, key));
    return accept(data === undefined ? null : { key, data, createdAtMs: 0, updatedAtMs: 0, by: {} });
  };
  remove: MemoryVerbs["remove"] = async (place, { key }) => accept(this.values.delete(this.#name(place, key)));
  list: MemoryVerbs["list"] = async () => accept({ entries: [], nextCursor: null });
  setVector: MemoryVerbs["setVector"] = async () => refuse("memory_full", "this scope has 10000 vectors");
  removeVectors: MemoryVerbs["removeVectors"] = async () => accept(0);
  search: MemoryVerbs["search"] = async () => accept([{ key: "v", score: 1, metadata: {} }]);
}

const origin = { ...ORIGIN, sessionId: "s-1", actorId: undefined };

async function outcomeOf(main: (ctx: Context) => Promise<unknown>, memory: MemoryVerbs | undefined) {
  const world = memory ? { memory } : {};
  const execution = new OneExecution(main, { origin, world }).start();
  await atRest(execution);
  const ends = [...execution.journal.eventsAfter(0)].at(-1);
  return ends?.type === "execution.succeeded" ? ends.data.output : ends?.data;
}

const caught = (work: Promise<unknown>) =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => (error instanceof StepError ? [error.code, error.details ?? null] : String(error)),
  );

describe("ctx.memory", () => {
  it("writes to the run unless it is told otherwise, and reads from the nearest scope that has the key", async () => {
    const memory = new Remembering();
    const found = await outcomeOf(async (ctx) => {
      await ctx.memory.set("k", { of: "session" }, { scope: "session" });
      await ctx.memory.set("k", 7, { scope: "global" });
      const before = await ctx.memory.get("k");
      await ctx.memory.set("k", "of the run");
      const after = await ctx.memory.get<string>("k");
      await ctx.memory.delete("k");
      return [before, after, await ctx.memory.get("k"), (await ctx.memory.get("none")) === undefined];
    }, memory);
    expect(found).toEqual([{ of: "session" }, "of the run", { of: "session" }, true]);
    const { tenant, owner, runId } = ORIGIN;
    expect([...memory.values]).toEqual([
      [`${tenant}|session|${owner}|s-1|k`, '{"of":"session"}'],
      [`${tenant}|global||global|k`, "7"],
    ]);
    expect(memory.asked.slice(2, 4)).toEqual(["get workflow k", "get session k"]);
    expect(runId).not.toBe("");
  });

  it("does a write once when its process dies between the write and its result, and keeps what was written since", async () => {
    const memory = new Remembering();
    let done = () => {};
    const written = new Promise<void>((resolve) => {
      done = resolve;
    });
    memory.written = () => {
      done();
      return new Promise(() => {});
    };
    const main = async (ctx: Context) => {
      await ctx.memory.set("n", 1, { scope: "session" });
      return ctx.memory.get("n");
    };
    const one = new OneExecution(main, { origin, world: { memory } });
    one.start();
    await written;
    for (const name of memory.values.keys()) memory.values.set(name, "2");
    memory.written = async () => {};
    const next = one.open();
    await next.onAlarm();
    await atRest(next);
    const ends = [...next.journal.eventsAfter(0)].at(-1);
    expect(ends).toMatchObject({ type: "execution.succeeded", data: { output: 2 } });
    const writes = memory.asked.filter((one) => one.startsWith("set"));
    expect(writes).toHaveLength(2);
    expect(new Set(writes).size).toBe(1);
    expect(writes[0]).toContain(ORIGIN.id);
  });

  it("answers a read from the journal on a replay", async () => {
    const memory = new Remembering();
    const main = async (ctx: Context) => {
      const first = await ctx.memory.get("k");
      await ctx.signal("go");
      return first ?? "nothing";
    };
    const one = new OneExecution(main, { origin, world: { memory } });
    await atRest(one.start());
    const looks = memory.asked.length;
    await atRest(one.open());
    expect(looks).toBeGreaterThan(0);
    expect(memory.asked).toHaveLength(looks);
  });

  it("refuses at once what does not fit, and says what the memory refused", async () => {
    const found = await outcomeOf(
      async (ctx) =>
        Promise.all(
          [
            () => ctx.memory.get(""),
            () => ctx.memory.get("x".repeat(1_025)),
            () => ctx.memory.get("\ud800"),
            () => ctx.memory.set("k", null as never),
            () => ctx.memory.set("big", "x".repeat(1_048_577)),
            () => ctx.memory.get("k", { scope: "actor" }),
            () => ctx.memory.get("k", { scope: "tenant" } as never),
            () => ctx.memory.search([Number.NaN]),
            () => ctx.memory.setVector("v", [1, 2]),
          ].map((ask) => caught(ask())),
        ),
      new Remembering(),
    );
    const codes = (found as [string, unknown][]).map(([code]) => code);
    const invalid = "invalid_options";
    expect(codes).toEqual([
      ...Array.from({ length: 4 }, () => invalid),
      "value_too_large",
      ...Array.from({ length: 3 }, () => invalid),
      "memory_refused",
    ]);
    expect((found as [string, unknown][]).at(-1)?.[1]).toMatchObject({ fault: "memory_full" });
  });

  it("is refused where there is none, and inside of a try", async () => {
    const found = await outcomeOf(async (ctx) => {
      const outside = await caught(ctx.memory.get("k"));
      const inside = await ctx.step("leaf", async () => JSON.stringify(await caught(ctx.memory.get("k"))));
      return [outside, inside];
    }, undefined);
    expect(JSON.stringify(found)).toMatch(/memory_refused.*misconfigured.*not_a_program/);
  });
});
