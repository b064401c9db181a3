/** Answers end at about 1 MiB, however much there is, and say where to go on: what is read page by page is all there is. */
import { describe, expect, it } from "vitest";
import { dagBody } from "../../../src/contract/runs/dag.ts";
import { NOTHING } from "../../../src/domain/execution/budget.ts";
import type { Principal } from "../../../src/domain/execution/principal.ts";
import type { ApprovalRecord } from "../../../src/domain/read-models/approval-record.ts";
import { firstPage, PAGE_BYTES } from "../../../src/domain/read-models/page-room.ts";
import type { RunNote } from "../../../src/domain/read-models/run-member.ts";
import type { ExecutionSummary } from "../../../src/domain/read-models/summary.ts";
import type { ApprovalView, ExecutionView } from "../../../src/domain/read-models/view.ts";
import { refuse } from "../../../src/domain/values/fault.ts";
import { utf8Bytes } from "../../../src/domain/values/json-text.ts";
import { readInbox } from "../../../src/operations/approvals/inbox.ts";
import { Batches } from "../../../src/operations/executions/batch.ts";
import { pageByName, pageOf } from "../../../src/operations/page-of.ts";
import { Runs } from "../../../src/operations/runs/runs.ts";

const caller: Principal = { tenant: "t", subject: "s", scopes: ["admin"] };
const SLACK = 1.1 * PAGE_BYTES;
const bytesOf = (value: unknown) => utf8Bytes(JSON.stringify(value));
const idOf = (n: number) => `exec_${String(n).padStart(42, "0")}A`;

const row = (n: number, more: Partial<ExecutionSummary> = {}): ExecutionSummary => ({
  ...{ tenant: "t", id: idOf(n), owner: "s", seq: 1, agent: "a", fn: "f", kind: "reasoner", status: "succeeded" },
  ...{ reason: null, runId: "r", parentId: null, sessionId: null, actorId: null, createdAtMs: 1_000 - n },
  ...{ startedAtMs: null, finishedAtMs: 2_000, updatedAtMs: 2_000, errorCode: null, errorMessage: null },
  ...{ turns: 0, tokens: 0, costUsd: 0 },
  ...more,
});

describe("a page", () => {
  it("is bounded in bytes of UTF-8, not in characters", () => {
    expect(firstPage(Array.from({ length: 9 }, () => "€".repeat(100_000)))).toHaveLength(3);
    expect(firstPage(Array.from({ length: 9 }, () => "x".repeat(100_000)))).toHaveLength(9);
  });

  it("holds its first item whatever that has, and nothing of nothing", () => {
    expect(firstPage(["x".repeat(3 * PAGE_BYTES), "y"])).toHaveLength(1);
    expect(firstPage([])).toEqual([]);
    expect(firstPage([1, 2, 3], { items: 2 })).toEqual([1, 2]);
  });

  it("of a list ends early where its rows are large, and goes on behind its last row", () => {
    const rows = Array.from({ length: 201 }, (_, n) => row(n, { errorMessage: "\u0001".repeat(2_000) }));
    const { rows: shown, nextCursor } = pageOf({ rows, resumeAfter: undefined }, 200);
    expect(shown.length).toBeLessThan(100);
    expect(nextCursor).toBe(`${1_000 - shown.length + 1}~${idOf(shown.length - 1)}`);
    expect(bytesOf(shown)).toBeLessThan(SLACK);
  });

  it("of what has names goes on behind the last name, and refuses a name that is gone", () => {
    const all = Array.from({ length: 30 }, (_, n) => [`a${n}`, { n, text: "x".repeat(100_000) }] as const);
    const seen: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = pageByName(all, { limit: 200, ...(cursor === undefined ? {} : { cursor }) });
      if (!page.ok) throw new Error(page.detail);
      expect(bytesOf(page.value.items)).toBeLessThan(SLACK);
      seen.push(...page.value.items.map(({ n }) => n));
      cursor = page.value.nextCursor;
    }
    expect(seen).toEqual(all.map(([, { n }]) => n));
    expect(pageByName(all, { limit: 1, cursor: "b" })).toMatchObject({ ok: false, code: "invalid_cursor" });
  });
});

describe("batch-status", () => {
  const origin = (id: string) => ({ id, tenant: "t", runId: "r", agent: "a", fn: "f", kind: "reasoner" });
  const state = (id: string) => ({ origin: origin(id), status: "succeeded", seq: 3, recoveries: 0, createdAtMs: 1 });
  /** Executions with so much metadata; a large result lies apart. */
  const world = (bytes: number, apart = 0) => {
    const asked = { brief: 0, whole: 0, atOnce: 0, most: 0 };
    const view = async (_caller: Principal, id: string, look?: object) => {
      asked[look ? "brief" : "whole"] += 1;
      asked.most = Math.max(asked.most, ++asked.atOnce);
      await new Promise((resolve) => setTimeout(resolve, 1));
      asked.atOnce -= 1;
      const stored = apart === 0 ? {} : { stored: { size: apart, digest: "d" } };
      const output = look ? {} : { output: "y".repeat(apart) };
      const seen = {
        state: { ...state(id), gates: [], spent: {}, reserved: NOTHING, limits: {} },
        metadata: "x".repeat(bytes),
        attempts: [],
      };
      return {
        ok: true,
        value: { ...seen, openApprovals: [], ...stored, ...output } as unknown as ExecutionView,
      } as const;
    };
    return { asked, parts: { client: { view, queued: async () => new Map() }, registry: { byId: async () => [] } } };
  };
  const ids = Array.from({ length: 60 }, (_, n) => idOf(n));
  const ask = (
    parts: ConstructorParameters<typeof Batches>[0],
    execution_ids: readonly string[],
    include_result = true,
  ) => new Batches(parts).status(caller, { execution_ids: [...execution_ids], include_result });

  it("says which remain, in their order, and answers all of them in the end", async () => {
    const { parts } = world(100_000);
    const done: string[] = [];
    let rounds = 0;
    for (let left: readonly string[] = ids; left.length > 0; rounds += 1) {
      const answers = await ask(parts, left);
      expect(bytesOf(Object.fromEntries(answers))).toBeLessThan(SLACK);
      expect([...answers.keys()]).toEqual(left);
      done.push(...left.filter((id) => answers.get(id)?.status !== "remaining"));
      left = left.filter((id) => answers.get(id)?.status === "remaining");
    }
    expect(done).toEqual(ids);
    expect(rounds).toBe(6);
  });

  it("asks few at once, and nobody behind the end", async () => {
    const { parts, asked } = world(500_000);
    await ask(parts, ids);
    expect(asked).toMatchObject({ brief: 10, whole: 0 });
    expect(asked.most).toBeLessThanOrEqual(10);
  });

  it("reads a large result only when there is room for it; the first is read whatever it has", async () => {
    const { parts, asked } = world(10, 5 * PAGE_BYTES);
    const answers = [...(await ask(parts, ids)).values()];
    expect(asked.whole).toBe(1);
    expect(answers.filter(({ status }) => status === "remaining")).toHaveLength(ids.length - 1);
    expect(answers[0]?.result).toHaveLength(5 * PAGE_BYTES);
  });

  it("is bounded where the index answers too", async () => {
    const rows = ids.map((_, n) => row(n, { errorMessage: "\u0001".repeat(8_000) }));
    const answers = await ask({ ...world(1).parts, registry: { byId: async () => rows } }, ids, false);
    expect(bytesOf(Object.fromEntries(answers))).toBeLessThan(SLACK);
    expect([...answers.values()].at(-1)).toEqual({ status: "remaining" });
  });
});

describe("the inbox", () => {
  const approval = (n: number) =>
    ({
      ...{ tenant: "t", id: `ask-${n}`, executionId: idOf(Math.floor(n / 3)), status: "pending", kind: "pause" },
      ...{ owner: "s", agent: "a", fn: "f", runId: "r", sessionId: null, name: "n", requestedAtMs: 10_000 - n },
    }) as unknown as ApprovalRecord;
  const view = (executionId: string, gateId: string, bytes: number) =>
    ({
      execution: { id: executionId, runId: "r", target: "a.f", status: "waiting" },
      opened: { gateId, kind: "pause", name: "n", payload: "x".repeat(bytes), payloadDigest: "d" },
      ...{ requestedAtMs: 1, status: "pending" },
    }) as unknown as ApprovalView;

  it("ends at about 1 MiB of payloads, and its cursor leads through all of them", async () => {
    const all = Array.from({ length: 40 }, (_, n) => approval(n));
    let most = 0;
    const parts: Parameters<typeof readInbox>[0] = {
      index: {
        list: async (_filter, { limit, from }) => ({
          rows: all.filter(({ requestedAtMs }) => !from || requestedAtMs < from.createdAtMs).slice(0, limit),
          resumeAfter: undefined,
        }),
      },
      client: {
        approvals: async (_caller, id, gateIds = []) => {
          most = Math.max(most, gateIds.length);
          // The tenth was decided meanwhile.
          return { ok: true, value: gateIds.filter((gate) => gate !== "ask-9").map((gate) => view(id, gate, 150_000)) };
        },
      },
    };
    const seen: string[] = [];
    let cursor: { createdAtMs: number; id: string } | undefined;
    for (let pages = 0; pages < 20; pages += 1) {
      const query = { status: ["pending" as const], limit: 200, ...(cursor ? { cursor } : {}) };
      const { items, nextCursor } = await readInbox(parts, caller, { query });
      expect(bytesOf(items)).toBeLessThan(SLACK);
      seen.push(...items.map(({ approval_request_id }) => approval_request_id));
      if (nextCursor === null) break;
      const [createdAtMs = "", id = ""] = nextCursor.split("~");
      cursor = { createdAtMs: Number(createdAtMs), id };
    }
    expect(seen).toEqual(all.map(({ id }) => id).filter((id) => id !== "ask-9"));
    expect(most).toBeLessThanOrEqual(10);
  });
});

describe("the notes of a run", () => {
  const NOTES = 30;
  const members = Array.from({ length: 12 }, (_, n) => row(n, { parentId: n === 0 ? null : idOf(0) }));
  const notes = Array.from(
    { length: NOTES },
    (_, n): RunNote => ({ seq: n + 2, message: "x".repeat(10_000), tags: [], atMs: 1, by: "s" }),
  );

  it("fill what room there is, and each execution says where its others are", async () => {
    let noted = 0;
    const member = async (_caller: Principal, id: string, options: { readonly notes: boolean }) => {
      const summary = members.find((one) => one.id === id);
      if (!summary) return refuse("not_found", "there is no such execution");
      if (options.notes) noted += 1;
      return {
        ok: true,
        value: { summary, children: [], ...(options.notes ? { notes: { notes, next: null } } : {}) },
      } as const;
    };
    const parts = {
      client: { member },
      registry: { ofRun: async () => members },
      now: () => 10_000,
      pause: async () => {},
    };
    const runs = new Runs(parts as unknown as ConstructorParameters<typeof Runs>[0]);
    const view = await runs.read(caller, "r", { notes: true });
    if (!view.ok) throw new Error(view.detail);
    const body = dagBody(view.value);
    expect(bytesOf(body)).toBeLessThan(SLACK);
    const told = body.timeline.map(({ notes_count, notes_next_after }) => [notes_count, notes_next_after]);
    const whole = told.filter(([count]) => count === NOTES);
    expect(whole.map(([, next]) => next)).toEqual([undefined]);
    const [[cut = 0, next] = []] = told.filter(([count]) => count !== NOTES && count !== 0);
    expect(next).toBe((cut as number) + 1);
    expect(told.filter(([count, after]) => count === 0 && after === 0)).toHaveLength(members.length - 2);
    expect(noted).toBeLessThanOrEqual(members.length);
    expect(body.timeline.filter(({ latest_note }) => latest_note)).toHaveLength(1);
  });
});
