import { startLintServer } from "./api/lint-server.ts";
import { startDemoBank } from "./demo-bank.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the examples need on this machine, and what to try first. Named by package.json, started by the launcher. */
export async function startBeside({ LEDGER_SERVICE_URL, API_LINTER_URL }: Environment): Promise<object> {
  return {
    variables: {
      LEDGER_SERVICE_URL: LEDGER_SERVICE_URL || (await startDemoBank({ port: 0 })).url,
      API_LINTER_URL: API_LINTER_URL || (await startLintServer({ port: 0 })).url,
    },
    invitations: [
      {
        says: "An execution that is done when the call returns:",
        path: "/api/v1/execute/support-agent.analyze_sentiment",
        body: { input: { message: "This is the third time I am calling!" } },
      },
      {
        says: "One that sleeps, and survives whatever happens to this server meanwhile:",
        path: "/api/v1/execute/async/clock.remind",
        body: { input: { message: "Tea is ready", seconds: 20 } },
      },
      { says: "What became of it (put its execution_id in the place of ID):", path: "/api/v1/executions/ID" },
    ],
  };
}
