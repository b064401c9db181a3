import { describe, expect, test } from "vitest";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { Status } from "../../../../src/domain/execution/status.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import type { ExecutionSummary } from "../../../../src/domain/read-models/summary.ts";
import { refuse } from "../../../../src/domain/values/fault.ts";
import type { ExecutionClient, RunRegistry } from "../../../../src/operations/ports.ts";
import { Runs } from "../../../../src/operations/runs/runs.ts";

const caller: Principal = { tenant: "t", subject: "s", scopes: ["admin"] };
const NOW = 1_000_000;
const id = (message: string): string => `exec_${message.repeat(42)}A`;

/** Executions as `[letter, parent, status]`. A running parent fails when its child is cancelled, as programs do. */
class Family {
  readonly rows = new Map<string, ExecutionSummary>();
  readonly told: string[] = [];
  readonly asked: string[] = [];
  indexedAfter = 0;
  looks = 0;

  constructor(members: readonly (readonly [string, string | null, Status])[], updatedAtMs = NOW) {
    members.forEach(([message, parent, status], createdAtMs) => {
      this.rows.set(id(message), {
        tenant: "t",
        id: id(message),
        owner: "s",
        seq: 1,
        agent: "a",
        fn: message.toLowerCase(),
        kind: "reasoner",
        status,
        reason: null,
        runId: "r",
        parentId: parent === null ? null : id(parent),
        sessionId: null,
        actorId: null,
        createdAtMs,
        startedAtMs: null,
        finishedAtMs: null,
        updatedAtMs,
        errorCode: null,
        errorMessage: null,
        turns: 0,
        tokens: 0,
        costUsd: 0,
      });
    });
  }

  runs(): Runs {
    const registry: Pick<RunRegistry, "ofRun"> = {
      ofRun: async () => (++this.looks > this.indexedAfter ? [...this.rows.values()] : []),
    };
    const client: Pick<ExecutionClient, "member" | "dispatch"> = {
      member: async (_caller, which) => {
        this.asked.push(which);
        const summary = this.rows.get(which);
        return summary
          ? { ok: true, value: { summary, children: [] } }
          : refuse("not_found", "there is no such execution");
      },
      dispatch: async (_caller, which, { type }) => {
        this.told.push(`${type} ${which.charAt(5)}`);
        const row = this.rows.get(which);
        if (!row || isTerminal(row.status)) return refuse("invalid_state", "it has ended");
        this.#move(which, type === "pause" ? "paused" : "cancelled");
        return { ok: true, value: undefined as never };
      },
    };
    const parts = { client, registry, now: () => NOW, pause: async () => {}, isRemote: () => false };
    return new Runs(parts as unknown as ConstructorParameters<typeof Runs>[0]);
  }

  #move(which: string, status: Status): void {
    const row = this.rows.get(which);
    if (!row) return;
    this.rows.set(which, { ...row, status, seq: row.seq + 1 });
    const parent = this.rows.get(row.parentId ?? "");
    if (status === "cancelled" && parent?.status === "running") this.#move(parent.id, "failed");
  }
}

describe("cancelling a run", () => {
  test("leaves no parent time to fail of its child's end, and no child behind", async () => {
    const family = new Family([
      ["A", null, "running"],
      ["B", "A", "running"],
      ["C", "B", "running"],
      ["D", "A", "succeeded"],
    ]);
    const cancelled = await family.runs().cancelTree(caller, "r", undefined);
    expect(
      cancelled.ok && cancelled.value.map(({ node, before, result }) => [node.summary.fn, before, result]),
    ).toEqual([
      ["a", "running", "cancelled"],
      ["b", "running", "cancelled"],
      ["c", "running", "cancelled"],
      ["d", "succeeded", "skipped"],
    ]);
    expect(family.told).toEqual(["pause A", "pause B", "pause C", "cancel C", "cancel B", "cancel A"]);
  });
});

describe("reading a run", () => {
  test("asks nobody about executions that ended a while ago", async () => {
    const family = new Family([["A", null, "succeeded"]], NOW - 61_000);
    await family.runs().read(caller, "r", { notes: false });
    expect(family.asked).toEqual([]);
    await family.runs().read(caller, "r", { notes: true });
    expect(family.asked).toEqual([id("A")]);
  });

  test("waits a moment for a run whose first row is on its way, and not for ever", async () => {
    const family = new Family([["A", null, "running"]]);
    family.indexedAfter = 3;
    expect((await family.runs().read(caller, "r", { notes: false })).ok).toBe(true);
    family.indexedAfter = 1_000;
    expect(await family.runs().read(caller, "r", { notes: false })).toMatchObject({ ok: false, code: "not_found" });
  });
});
