/** What a bulk operation finds, and what it does with it. The objects themselves: `test/workers/bulk.test.ts`. */
import { describe, expect, test } from "vitest";
import type { ProgramContext } from "../../../../src/define/program-context.ts";
import type { Cursor, ExecutionFilter } from "../../../../src/domain/read-models/summary.ts";
import type { BulkParts } from "../../../../src/operations/operator/bulk.ts";
import { Bulk } from "../../../../src/operations/operator/bulk.ts";
import type { BulkInput, BulkPage, BulkPort, Touched } from "../../../../src/operations/operator/bulk-run.ts";
import { bulkFunction } from "../../../../src/operations/operator/bulk-run.ts";
import { pagedRegistry, rowOf } from "../../../support/paged-registry.ts";

const BULK = "exec_bulk";
const input: BulkInput = {
  ...{ action: "pause", filter: { all: true }, children: true, rate_per_second: 1_000, limit: 10_000 },
  by: { tenant: "t", subject: "olga", admin: false, masked: false },
};

function bulkOf(list: BulkParts["registry"]["list"]): Bulk {
  const unused = async () => expect.fail("nothing is asked of it");
  const client = { dispatch: unused, view: unused, idNamed: () => "" };
  const parts = { registry: { list }, client, restarts: { restart: unused }, executions: { start: unused } };
  return new Bulk({ ...parts, keys: { keyOfHash: unused }, now: () => 1_000 });
}

describe("a filter", () => {
  test("finds no bulk operation that is under way by itself", async () => {
    const { list } = pagedRegistry([rowOf("exec_2", 2), rowOf(BULK, 1), rowOf("exec_1", 0)]);
    const find = (more: Partial<BulkPage>) =>
      bulkOf(list).find(input, { untilMs: 1_000, from: undefined, most: 10, ...more });
    expect((await find({ bulkId: BULK })).ids).toEqual(["exec_2", "exec_1"]);
    // Another one is an execution as every other.
    expect((await find({ bulkId: "exec_other" })).ids).toEqual(["exec_2", BULK, "exec_1"]);
  });

  test("is for who asked: an owner's, for an administrator the tenant's, and before the instant", async () => {
    const { list, asked } = pagedRegistry([]);
    const find = (given: BulkInput) => bulkOf(list).find(given, { untilMs: 500, from: undefined, most: 10 });
    await find(input);
    await find({ ...input, by: { ...input.by, admin: true } });
    await find({ ...input, filter: { until: 100 } });
    const seen = ({ tenant, owner, untilMs, statuses }: ExecutionFilter) => [tenant, owner, untilMs, statuses?.length];
    expect(asked.map(seen)).toEqual([
      ["t", "olga", 500, 3],
      ["t", undefined, 500, 3],
      ["t", "olga", 100, 3],
    ]);
  });

  test("leaves children out, and reads on for others", async () => {
    const children = Array.from({ length: 30 }, (_, n) => rowOf(`exec_c${n}`, 100 - n, "exec_1"));
    const { list } = pagedRegistry([...children, rowOf("exec_1", 1)]);
    const found = await bulkOf(list).find({ ...input, children: false }, { untilMs: 1_000, from: undefined, most: 10 });
    expect(found).toEqual({ ids: ["exec_1"], next: null });
  });
});

/** Steps are run as they come; what is journaled is the engine's. */
function ran(port: BulkPort, given: Partial<BulkInput> = {}) {
  const slept: number[] = [];
  const ctx = {
    executionId: BULK,
    now: () => 1_000,
    step: async (_name: string, run: (attempt: { attempt: number }) => Promise<unknown>) => run({ attempt: 1 }),
    progress: async () => {},
    sleep: async (ms: number) => void slept.push(ms),
  } as unknown as ProgramContext;
  const { program } = bulkFunction(() => port);
  return { output: program({ ...input, ...given } as never, ctx as never), slept };
}

describe("the program", () => {
  const touched = (ids: readonly string[]) => ids.map((id): Touched => ({ id, outcome: "touched" }));

  test("asks for all but itself, in pages, at the rate", async () => {
    const asked: BulkPage[] = [];
    const pages = [["a", "b"], ["c"]];
    const port: BulkPort = {
      find: async (_input, page) => {
        asked.push(page);
        const at = page.from ? 1 : 0;
        return { ids: pages[at] ?? [], next: at === 0 ? { createdAtMs: 5, id: "b" } : null };
      },
      touch: async (_input, bulkId, ids) => {
        expect(bulkId).toBe(BULK);
        return touched(ids);
      },
    };
    const { output, slept } = ran(port, { rate_per_second: 2 });
    expect(await output).toMatchObject({ touched: 3, refused: 0, more: false });
    expect(asked.every(({ bulkId, untilMs }) => bulkId === BULK && untilMs === 1_000)).toBe(true);
    expect(slept).toEqual([1_000]);
  });

  test("ends at its limit, says that there is more, and shows 20 refusals", async () => {
    const ids = (from: Cursor | undefined, most: number) =>
      Array.from({ length: most }, (_, n) => `exec_${(from?.createdAtMs ?? 0) + n}`);
    const port: BulkPort = {
      find: async (_input, { from, most }) => ({
        ids: ids(from, most),
        next: { createdAtMs: (from?.createdAtMs ?? 0) + most, id: "x" },
      }),
      touch: async (_input, _bulkId, all) =>
        all.map((id): Touched => ({ id, outcome: "refused", code: "invalid_state", message: "no" })),
    };
    const output = (await ran(port, { limit: 30 }).output) as { refusals: unknown[] };
    expect(output).toMatchObject({ touched: 0, refused: 30, more: true });
    expect(output.refusals).toHaveLength(20);
  });

  test("stops at the page at which its key is in force no more, and says how far it came", async () => {
    const pages = [["a"], ["b"], ["c"]];
    let looked = 0;
    const port: BulkPort = {
      find: async (_input, { from }) => {
        const at = from?.createdAtMs ?? 0;
        return { ids: pages[at] ?? [], next: { createdAtMs: at + 1, id: "x" } };
      },
      touch: async (_input, _bulkId, ids) => {
        looked += 1;
        return looked === 2 ? "revoked" : touched(ids);
      },
    };
    await expect(ran(port).output).rejects.toMatchObject({
      code: "key_revoked",
      message: expect.stringContaining("1 had"),
    });
    expect(looked).toBe(2);
  });

  test("touches a page anew where one of it says that it cannot answer now", async () => {
    const port: BulkPort = {
      find: async () => ({ ids: ["a"], next: null }),
      touch: async () => [{ id: "a", outcome: "refused", code: "overloaded", message: "later", again: true }],
    };
    await expect(ran(port).output).rejects.toThrow("a: overloaded: later");
  });
});
