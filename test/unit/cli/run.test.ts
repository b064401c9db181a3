/** `errand run` beside a client that keeps what it was asked. */
import { expect, test } from "vitest";
import { command } from "../../../src/cli/commands/run.ts";
import type { Session } from "../../../src/cli/frame/command.ts";
import type { Client } from "../../../src/client/client.ts";

const started = {
  ...{ ok: true, status: "running", timestamp: "2026-11-27T12:00:00.000Z", errors: [] },
  ...{ execution_id: "exec_1", run_id: "run_1", details: { execution: "http://h/api/v1/executions/exec_1" } },
};
const ended = { ...started, status: "success", details: { agent: { name: "text.counter", version: "0.1.0" } } };

function sessionOf() {
  const asked: unknown[][] = [];
  const client = {
    runAgent: async (...call: unknown[]) => {
      asked.push(["runAgent", ...call]);
      return started;
    },
    async *stream() {},
    get: async () => ({ execution_id: "exec_1", status: "succeeded", finished_at: "2026-11-27T12:00:01.000Z" }),
    agents: {
      getRun: async (agent: string, id: string) => {
        asked.push(["getRun", agent, id]);
        return ended;
      },
    },
  } as unknown as Client;
  const session = {
    ...{ client: async () => client, say: () => {}, interrupted: new AbortController().signal, cwd: "/none" },
    settings: { url: { value: "http://h" } },
  } as unknown as Session;
  return { asked, session };
}

test("a run is started once, in its session, and read by its id when it has ended: its agent may be gone", async () => {
  const { asked, session } = sessionOf();
  const input = { agent: "text.counter", task: "Count", session: "s-1", saveLog: false, dryRun: false };
  const result = await command.run(command.input.parse(input), session);
  expect(result).toMatchObject({ document: { execution_id: "exec_1", status: "success" }, ends: "done" });
  expect(asked).toMatchObject([
    ["runAgent", "text.counter", { task_context: "Count" }, { waitMs: 0, sessionId: "s-1" }],
    ["getRun", "text.counter", "exec_1"],
  ]);
});
