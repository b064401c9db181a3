/** What nodes report becomes one command: an end with its cost, or a word that the work goes on. */
import { expect, test } from "vitest";
import type { Principal } from "../../../src/domain/execution/principal.ts";
import { systemPrincipal } from "../../../src/domain/execution/principal.ts";
import type { CommandResult } from "../../../src/domain/read-models/view.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import type { NodeReport } from "../../../src/operations/node-reports.ts";
import { Reports } from "../../../src/operations/reports.ts";

async function told(report: NodeReport): Promise<{ readonly commands: readonly object[]; readonly code: unknown }> {
  const commands: object[] = [];
  const reports = new Reports({
    dispatch: async (_caller, _id, command) => {
      commands.push(command);
      return refuse("not_found", "it is only looked at");
    },
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

test("a result as large as a row takes is kept, and in the place of a larger one an error stands", async () => {
  const kept = await told({ status: "succeeded", result: "x".repeat(1_048_574) });
  expect(kept.commands).toMatchObject([{ outcome: { ok: true } }]);
  const large = await told({ status: "succeeded", result: "x".repeat(1_048_575) });
  expect(large.commands).toMatchObject([{ outcome: { ok: false, error: { code: "value_too_large" } } }]);
  // Two bytes each in UTF-8.
  const wide = await told({ status: "succeeded", result: "ä".repeat(600_000) });
  expect(wide.commands).toMatchObject([{ outcome: { ok: false, error: { code: "value_too_large" } } }]);
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
  const reports = new Reports({
    dispatch: async (caller, to, command) => {
      written.push([caller, to, command.type === "write_log" && command.entries]);
      return there.includes(to)
        ? accept({ changed: true } as CommandResult)
        : refuse("not_found", `${to} is not there`);
    },
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
