import { expect, test } from "vitest";
import type { ExecutionSummary } from "../../../src/client/transport/options.ts";
import { instantsOf, rowAt } from "../../../src/dashboard/runs/run-past.ts";

const at = (second: number) => new Date(second * 1_000).toISOString();

const row = (created: number, started: number | null, finished: number | null) =>
  ({
    ...{ status: finished === null ? "waiting" : "failed", error_message: finished === null ? null : "no" },
    ...{ created_at: at(created), started_at: started && at(started), finished_at: finished && at(finished) },
    usage: { turns: 2, tokens: 90, cost_usd: 0.5 },
  }) as unknown as ExecutionSummary;

test("the cursor stands where something of the run changed, each instant once", () => {
  expect(instantsOf([row(1, 2, 9), row(2, 4, null), row(5, null, null)])).toEqual([1_000, 2_000, 4_000, 5_000, 9_000]);
});

test("at an instant an execution is not there yet, queued, under way or over; what it used is told with its end", () => {
  const one = row(1, 3, 9);
  const seen = (second: number) => {
    const then = rowAt(one, second * 1_000);
    return then && `${then.status} ${then.usage.tokens} ${then.error_message ?? ""}`.trim();
  };
  expect([0, 1, 3, 8.999, 9].map(seen)).toEqual([undefined, "queued 0", "running 0", "running 0", "failed 90 no"]);
  expect(rowAt(row(1, 2, null), 5_000)?.status).toBe("running");
});
