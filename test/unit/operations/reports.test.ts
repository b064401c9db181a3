/** What nodes report becomes one command: an end with its cost, or a word that the work goes on. */
import { expect, test } from "vitest";
import { systemPrincipal } from "../../../src/domain/execution/principal.ts";
import { refuse } from "../../../src/domain/values/fault.ts";
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
