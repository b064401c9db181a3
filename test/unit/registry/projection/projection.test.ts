/** Rows that come twice, late, out of order, or half: the index ends as if each had come once and in order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Command } from "../../../../src/domain/execution/command.ts";
import type { ExecutionState } from "../../../../src/domain/execution/state.ts";
import type { ApprovalRecord } from "../../../../src/domain/read-models/approval-record.ts";
import type { IndexEntry } from "../../../../src/registry/index-writes.ts";
import { deadLetter, projectEntries, redrive } from "../../../../src/registry/index-writes.ts";
import { approvalIndex, approvalRow } from "../../../../src/registry/lists/approvals.ts";
import { executionRow } from "../../../../src/registry/projection/projection.ts";
import { running } from "../../../support/log.ts";
import { RegistryDatabase } from "../../../support/registry-database.ts";

/** Every state that a life with two approvals went through. */
function life(): ExecutionState[] {
  const log = running();
  const states: ExecutionState[] = [];
  const dispatch = (...commands: readonly Command[]) => {
    log.tell(...commands);
    if (log.state) states.push(log.state);
  };
  dispatch({ type: "pause", by: "ann" });
  dispatch({ type: "resume", by: "ann" });
  const asked = { payload: null, payloadDigest: "p", claimedUntilMs: log.now, expiresAtMs: log.now + 1_000, by: "ann" };
  dispatch({ type: "request_approval", gateId: "one", ...asked });
  dispatch({ type: "decide_gate", gateId: "one", decision: "approved", by: "ann" });
  dispatch({ type: "request_approval", gateId: "two", ...asked });
  dispatch({ type: "cancel", by: "ann" });
  return states;
}

function approval(fields: Partial<ApprovalRecord>): ApprovalRecord {
  return {
    tenant: "t",
    id: "claim",
    executionId: "exec_1",
    seq: 1,
    status: "pending",
    owner: "ann",
    agent: "a",
    fn: "f",
    runId: "run",
    sessionId: null,
    kind: "pause",
    name: "approval",
    requestedAtMs: 1,
    expiresAtMs: null,
    decidedAtMs: null,
    decidedBy: null,
    ...fields,
  };
}

const entries: IndexEntry[] = [
  ...life().map((state) => ({ kind: "execution", row: executionRow(state, 5_000) }) as const),
  ...[
    approval({ seq: 3 }),
    approval({ seq: 5, status: "approved", decidedBy: "ann" }),
    approval({ id: "two", seq: 6 }),
    approval({ id: "two", seq: 8, status: "withdrawn" }),
  ].map((record) => ({ kind: "approval", row: approvalRow(record) }) as const),
];

function content({ sqlite }: RegistryDatabase): unknown {
  return ["executions", "approvals"].map((table) => sqlite.prepare(`SELECT * FROM ${table} ORDER BY id`).all());
}

async function projected(batches: readonly (readonly IndexEntry[])[]): Promise<unknown> {
  const registry = new RegistryDatabase();
  for (const batch of batches) await projectEntries(registry.d1, batch);
  const found = content(registry);
  registry.sqlite.close();
  return found;
}

describe("projecting", () => {
  test("in order gives the last state of everything", async () => {
    expect(await projected([entries])).toMatchObject([
      [{ id: "exec_1", status: "cancelled", next_wake_at_ms: null }],
      [
        { id: "claim", status: "approved", seq: 5 },
        { id: "two", status: "withdrawn", seq: 8 },
      ],
    ]);
  });

  test("twice, out of order, or again after a crash changes nothing", async () => {
    const once = await projected([entries]);
    const anyOrder = fc
      .tuple(
        fc.shuffledSubarray(entries, { minLength: entries.length }),
        fc.array(fc.constantFrom(...entries)),
        fc.array(fc.integer({ min: 1, max: entries.length }), { minLength: 1 }),
      )
      .map(([all, repeated, cuts]) => ({ sent: [...all, ...repeated], cuts }));
    await fc.assert(
      fc.asyncProperty(anyOrder, async ({ sent, cuts }) => {
        const batches: IndexEntry[][] = [];
        for (let at = 0, turn = 0; at < sent.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          batches.push(sent.slice(at, at + size));
          at += size;
        }
        expect(await projected(batches)).toEqual(once);
      }),
      { numRuns: 60 },
    );
  });

  test("a batch with a row that does not fit writes nothing of it", async () => {
    const registry = new RegistryDatabase();
    const bad = { kind: "execution", row: { ...entries[0]?.row, id: "bad", owner: null } } as IndexEntry;
    await expect(projectEntries(registry.d1, [...entries, bad])).rejects.toThrow(/owner/);
    expect(content(registry)).toEqual([[], []]);
  });
});

describe("an approval's id that somebody chose", () => {
  const claim = { tenant: "t", id: "claim", owner: "ann", nowMs: 10, untilMs: 20 };
  const of = (executionId: string, lineage = executionId) => ({ ...claim, executionId, lineage });
  const opened = () => {
    const registry = new RegistryDatabase();
    const write = (fields: Partial<ApprovalRecord>) =>
      projectEntries(registry.d1, [{ kind: "approval", row: approvalRow(approval(fields)) }]);
    return { index: approvalIndex({ of: async () => registry.d1, all: [] }), write };
  };

  test("goes to an execution that follows its own, and is not given back by a late row of the former", async () => {
    const { index, write } = opened();
    expect(await index.claim(of("exec_1"))).toMatchObject({ executionId: "exec_1", reasked: false });
    await write({ seq: 9, status: "approved" });
    expect(await index.claim(of("exec_2", "exec_1"))).toMatchObject({ executionId: "exec_2", reasked: true });
    await write({ seq: 12, status: "approved" });
    await write({ executionId: "exec_2", seq: 4 });
    await write({ seq: 13 });
    const { rows } = await index.list(
      { tenant: "t", statuses: ["pending", "approved"] },
      { limit: 5, from: undefined },
    );
    expect(rows).toMatchObject([{ id: "claim", executionId: "exec_2", seq: 4, status: "pending" }]);
    expect(await index.executionOf("t", "claim")).toBe("exec_2");
    expect(await index.executionOf("other", "claim")).toBeUndefined();
  });

  test.each(["approved", "rejected", "expired", "withdrawn"] as const)(
    "is nobody else's once it was %s, whatever is claimed and given back meanwhile",
    async (status) => {
      const { index, write } = opened();
      await index.claim(of("exec_1"));
      await write({ seq: 9, status });
      const before = { executionId: "exec_1" };
      expect(await index.claim(of("exec_3"))).toMatchObject(before);
      await index.claim(of("exec_2", "exec_1"));
      await index.release(of("exec_2", "exec_1"));
      expect(await index.claim(of("exec_3"))).toMatchObject({ executionId: "exec_2" });
      // A claim of the one that follows is over: it never opened, and the id is still not free.
      await index.claim({ ...of("exec_2", "exec_1"), untilMs: 21 });
      const holder = await index.claim({ ...of("exec_4", "exec_1"), untilMs: 22 });
      expect(await index.takeOver({ ...of("exec_3"), untilMs: 30 }, holder)).not.toMatchObject({
        executionId: "exec_3",
      });
      expect(await index.takeOver({ ...of("exec_4", "exec_1"), untilMs: 31 }, holder)).toMatchObject({
        executionId: "exec_4",
        reasked: true,
      });
    },
  );

  test("that was claimed and never opened goes to whoever takes it over, and was not asked under before", async () => {
    const { index } = opened();
    const holder = await index.claim(of("exec_1"));
    expect(await index.takeOver(of("exec_2"), holder)).toMatchObject({ executionId: "exec_2", reasked: false });
    await index.release(of("exec_2"));
    expect(await index.executionOf("t", "claim")).toBeUndefined();
  });
});

describe("rows that were put aside", () => {
  const [first] = entries;
  if (!first) throw new Error("there are no entries");

  test("come back once the index takes them, and are forgotten once a newer row is there", async () => {
    const registry = new RegistryDatabase();
    const bad: IndexEntry = { kind: "execution", row: { ...first.row, id: "bad", owner: null } };
    await deadLetter(registry.d1, first, new Error("was refused"));
    await deadLetter(registry.d1, bad, new Error("is refused"));
    expect(await redrive(registry.d1, 10)).toBe(1);
    const left = () => registry.sqlite.prepare("SELECT id, error FROM parked").all();
    expect(left()).toEqual([{ id: "bad", error: "Error: is refused" }]);
    expect(content(registry)).toMatchObject([[{ id: "exec_1" }], []]);
    await projectEntries(registry.d1, [{ kind: "execution", row: { ...first.row, id: "bad", seq: 99 } }]);
    expect(await redrive(registry.d1, 10)).toBe(0);
    expect(left()).toEqual([]);
  });
});
