import { startBeside as startApiBeside } from "../bundled/api/dev.ts";
import { startDemoBank } from "./demo-bank.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the examples need on this machine, and what to try first. Named by package.json, started by the launcher. */
export async function startBeside(environment: Environment): Promise<object> {
  const { LEDGER_SERVICE_URL } = environment;
  const api = await startApiBeside(environment);
  return {
    variables: {
      ...api.variables,
      LEDGER_SERVICE_URL: LEDGER_SERVICE_URL || (await startDemoBank({ port: 0 })).url,
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
