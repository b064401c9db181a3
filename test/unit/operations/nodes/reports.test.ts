/** What nodes report becomes one command: an end with its cost, or a word that the work goes on. */
import { expect, test } from "vitest";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import { systemPrincipal } from "../../../../src/domain/execution/principal.ts";
import type { Status } from "../../../../src/domain/execution/status.ts";
import type { ExecutionSummary } from "../../../../src/domain/read-models/summary.ts";
import type { CommandResult, ExecutionView } from "../../../../src/domain/read-models/view.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { NodeReport } from "../../../../src/operations/nodes/node-reports.ts";
import { saysAnEnd, tooLargeResult } from "../../../../src/operations/nodes/node-reports.ts";
import { Reports } from "../../../../src/operations/nodes/reports.ts";

type Dispatch = ConstructorParameters<typeof Reports>[0]["client"]["dispatch"];

function reportsOf(dispatch: Dispatch, more: Partial<ConstructorParameters<typeof Reports>[0]> = {}): Reports {
  return new Reports({
    client: { dispatch, view: async () => refuse("not_found", "there is no such execution") },
    registry: { ofRun: async () => [] },
    pause: async () => {},
    store: { put: async () => {} },
    digest: (text) => `${text.length}`,
    ...more,
  });
}

async function told(report: NodeReport): Promise<{ readonly commands: readonly object[]; readonly code: unknown }> {
  const commands: object[] = [];
  const reports = reportsOf(async (_caller, _id, command) => {
    commands.push(command);
    return refuse("not_found", "it is only looked at");
  });
  const answered = await reports.report(systemPrincipal("acme"), "exec_1", report);
  return { commands, code: answered.ok ? undefined : answered.code };
}

test.each<[NodeReport, object]>([
  [
    { status: "succeeded", result: 1 },
    { ok: true, value: 1 },
  ],
  [
    { status: "failed", error: "no" },
    { ok: false, error: { code: "agent_error", message: "no" } },
  ],
  [
    { status: "failed", error: "x".repeat(20_000) },
    { ok: false, error: { message: "x".repeat(10_000) } },
  ],
  [{ status: "cancelled" }, { ok: false, error: { code: "agent_cancelled" } }],
  [{ status: "timeout" }, { ok: false, error: { code: "agent_timeout" } }],
])("%j is an end", async (report, outcome) => {
  expect((await told(report)).commands).toMatchObject([{ type: "finish_external", of: {}, outcome }]);
});

/** What is put into the store and dispatched for a result, in order; `taken`: whether it is the first that is to be stored. */
async function storing(result: string, { taken = true, puts = true } = {}) {
  const done: unknown[] = [];
  const dispatch: Dispatch = async (_caller, id, command) => {
    done.push(command.type === "finish_external" ? command.outcome : command);
    const state = { origin: { id, tenant: "acme" } };
    return accept({ changed: taken, state } as CommandResult);
  };
  const put = async (key: string, bytes: Uint8Array) => {
    if (!puts) throw new Error("R2 is away");
    done.push([key, bytes.length]);
  };
  const said = await reportsOf(dispatch, { store: { put } }).report(NODE, "exec_1", { status: "succeeded", result });
  return { done, code: said.ok ? undefined : said.code };
}

test("a result as large as a row takes is kept there, a larger one is in the store before its end names it", async () => {
  const row = "x".repeat(1_499_998);
  expect((await storing(row)).done).toEqual([{ ok: true, value: row }]);
  const size = 1_500_001;
  const stored = { size, digest: String(size) };
  expect((await storing(`${row}x`)).done).toEqual([
    { type: "store_external", of: {}, digest: String(size) },
    ["results/acme/exec_1", size],
    { ok: true, value: null, stored },
  ]);
  // Two bytes each in UTF-8.
  expect((await storing("\u00e4".repeat(800_000))).done).toHaveLength(3);
});

test("a large result that comes too late, or beside another one, is not stored; one that cannot be is asked for again", async () => {
  const large = "x".repeat(1_500_000);
  expect(await storing(large, { taken: false })).toMatchObject({ done: [{ type: "store_external" }], code: undefined });
  expect(await storing(large, { puts: false })).toMatchObject({ done: [{}], code: "unavailable" });
});

test("a report that is larger than is taken ends its execution: refused, it would come again", async () => {
  const commands: unknown[] = [];
  const reports = reportsOf(async (_caller, _id, command) => {
    commands.push(command);
    return accept({ changed: true } as CommandResult);
  });
  await reports.notTaken(NODE, "exec_1", tooLargeResult());
  expect(commands).toMatchObject([
    { type: "finish_external", outcome: { ok: false, error: { code: "value_too_large" } } },
  ]);
});

test.each([
  ['{"status":"done","result":NaN}', true],
  ['{"result":{"text":"\\ud83d"},"status":"Errored"}', true],
  ['{"status":"running","progress":NaN}', false],
  ['{"result":{"status":"done","text":"\\ud83d"},"status":"running"}', false],
  ["{", false],
  ["", false],
])("of a report that cannot be read, %s, it is known whether it says an end", (text, isEnd) => {
  expect(saysAnEnd(text)).toBe(isEnd);
});

test("what tokens a node says are told apart, where it does", async () => {
  const usage = { prompt_tokens: 4, completion_tokens: 5 };
  expect((await told({ status: "failed", usage })).commands).toMatchObject([
    { usage: { tokens: 9, inputTokens: 4, outputTokens: 5 } },
  ]);
});

test.each<[unknown, number, number]>([
  [{ total_tokens: 7, input_tokens: 1, cost_usd: 0.5 }, 7, 0.5],
  [{ input_tokens: 2, output_tokens: 3, total_cost: 0.25 }, 5, 0.25],
  [{ prompt_tokens: 4, completion_tokens: 5 }, 9, 0],
  [{ total_tokens: -7, cost_usd: "much" }, 0, 0],
  ["much", 0, 0],
])(
  "the cost %j is read beside the result and within it, and is no part of the value",
  async (cost, tokens, costUsd) => {
    const usage = { tokens, costUsd };
    const within = await told({ status: "succeeded", result: { a: 1, __agentfield_usage__: cost as never } });
    expect(within.commands).toMatchObject([{ outcome: { ok: true }, usage }]);
    expect(within.commands[0]).toHaveProperty("outcome.value", { a: 1 });
    const beside = await told({ status: "failed", result: { __agentfield_usage__: 1 }, usage: cost as never });
    expect(beside.commands).toMatchObject([{ outcome: { ok: false }, usage }]);
  },
);

test("what is no end says whether it waits, and how far it is; what is no status is refused", async () => {
  expect((await told({ status: "waiting", progress: 120 })).commands).toEqual([
    { type: "external_waiting", of: {}, waiting: true, percent: 100 },
  ]);
  expect((await told({ status: "running", progress: -1 })).commands).toEqual([
    { type: "external_waiting", of: {}, waiting: false, percent: 0 },
  ]);
  expect((await told({ status: "running" })).commands).toEqual([{ type: "external_waiting", of: {}, waiting: false }]);
  expect(await told({ status: "well" })).toEqual({ commands: [], code: "invalid_input" });
});

const NODE: Principal = { tenant: "acme", subject: "nora", scopes: ["agent"] };

/** Which executions were written to, as whom, and with which lines; all but `there` are not found. */
async function logged(id: string, parentId: string | undefined, there: readonly string[] = []) {
  const written: unknown[] = [];
  const reports = reportsOf(async (caller, to, command) => {
    written.push([caller, to, command.type === "write_log" && command.entries]);
    return there.includes(to) ? accept({ changed: true } as CommandResult) : refuse("not_found", `${to} is not there`);
  });
  const answered = await reports.log(NODE, id, { entries: [{ level: "info", message: "m" }], parentId });
  return { written, said: answered.ok ? "kept" : answered.detail };
}

test("lines go to the execution, else, as lines of a call, to the one that called it: each time as the node", async () => {
  const line = { level: "info", message: "m" };
  const own = await logged("exec_1", "exec_0", ["exec_1", "exec_0"]);
  expect(own).toEqual({ said: "kept", written: [[NODE, "exec_1", [line]]] });
  const above = [NODE, "exec_0", [{ ...line, callId: "call" }]];
  const within = await logged("call", "exec_0", ["exec_0"]);
  expect(within).toEqual({ said: "kept", written: [[NODE, "call", [line]], above] });
  // A parent that is not the node's is not found, and what is told is only what was asked.
  expect(await logged("call", "exec_0")).toEqual({
    said: "call is not there",
    written: [[NODE, "call", [line]], above],
  });
  for (const parentId of [undefined, "call"]) expect((await logged("call", parentId)).written).toHaveLength(1);
  const long = await logged("c".repeat(300), "exec_0", ["exec_0"]);
  expect(long.written[1]).toEqual([NODE, "exec_0", [{ ...line, callId: "c".repeat(256) }]]);
});

/** Calls within nodes: which executions hear of them, and with which command. `own`: the id is that of an execution, in this status. */
async function called(
  told: Partial<Parameters<Reports["call"]>[1]>,
  { knows = {}, own }: { readonly knows?: Readonly<Record<string, string>>; readonly own?: Status } = {},
) {
  const asked: string[] = [];
  const dispatch: Dispatch = async (_caller, id, command) => {
    asked.push(`${command.type} ${id}`);
    const above = command.type === "report_call" ? command.parentId : id;
    return id === above || knows[id] === above
      ? accept({ changed: true } as CommandResult)
      : refuse("not_found", "it knows neither");
  };
  const row = (id: string, agent: string, updatedAtMs: number) => ({ id, agent, updatedAtMs }) as ExecutionSummary;
  const rows = [row("exec_a", "shop", 1), row("exec_b", "shop", 2), row("exec_c", "other", 3)];
  const reports = new Reports({
    client: {
      dispatch: async (caller, id, command) =>
        id.startsWith("call") ? refuse("not_found", id) : dispatch(caller, id, command),
      view: async () =>
        own === undefined ? refuse("not_found", "none") : accept({ state: { status: own } } as ExecutionView),
    },
    registry: { ofRun: async () => rows },
    pause: async () => {},
    store: { put: async () => {} },
    digest: (text) => text,
  });
  const base = { id: "call-1", parentId: "exec_a", runId: "run", node: "shop", fn: "sort", status: "running" };
  const said = await reports.call(NODE, { ...base, result: undefined, error: undefined, ...told });
  return { asked, said: said.ok ? said.value : said.code };
}

test("a call within a node is written beneath the execution that it names", async () => {
  expect(await called({})).toEqual({ asked: ["report_call exec_a"], said: { updated: true } });
});

test("a call beneath a call is written where that one is known: the node's newest execution of the run is asked first", async () => {
  const nested = { parentId: "call-0" };
  const asked = ["report_call exec_b", "report_call exec_a"];
  expect(await called(nested, { knows: { exec_a: "call-0" } })).toEqual({ asked, said: { updated: true } });
  expect(await called({ ...nested, runId: undefined })).toEqual({ asked: [], said: "not_found" });
  const unknown = await called(nested);
  expect(unknown.said).toBe("not_found");
  // The rows may be on their way to the index.
  expect(unknown.asked.length).toBeGreaterThan(2);
});

test("what is told of an execution itself is its end, or nothing: a late word undoes nothing", async () => {
  const told = (status: string, own: Status) => called({ id: "exec_a", status, result: 1 }, { own });
  expect(await told("running", "waiting")).toEqual({ asked: [], said: { updated: false } });
  expect(await told("done", "running")).toEqual({ asked: ["finish_external exec_a"], said: { updated: true } });
  expect(await told("failed", "succeeded")).toEqual({ asked: [], said: { updated: false } });
  expect((await told("well", "running")).said).toBe("invalid_input");
});
