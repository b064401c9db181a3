/** `npm run larry`: Larry at work on the server of LARRY_SERVER. `npm run larry -- --plan` begins his prospecting plan, too. */
import { join } from "node:path";
import { startLarry } from "./larry.ts";
import { LOG } from "./log-file.ts";
import { PROSPECTING } from "./prospecting.ts";
import type { Settings } from "./settings.ts";
import { settingsOf } from "./settings.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  const settings = settingsOf(process.env);
  const { LARRY_SERVER, LARRY_ID, LARRY_HOME } = settings;
  say(`Larry asks ${LARRY_SERVER} for its work, as ${LARRY_ID}.`);
  const { agent, inboundUrl } = await startLarry(settings, ({ level, message }) =>
    say(level === "info" ? message : `${level}: ${message}`),
  );
  say(`Larry polls ${LARRY_SERVER}; his files are in ${LARRY_HOME}, his log is ${join(LARRY_HOME, LOG)}.`);
  say(
    inboundUrl === undefined ? "No mail comes in: LARRY_WEBHOOK_SECRET is not set." : `Mail comes in at ${inboundUrl}.`,
  );
  if (process.argv.includes("--plan"))
    say(`The plan runs: ${LARRY_SERVER}/api/executions/${await beginPlan(settings)}`);
  await agent.done;
  process.exit(0);
} catch (error) {
  process.stderr.write(`Larry ends: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Returns the id of the execution. */
async function beginPlan(settings: Settings): Promise<string> {
  await post(settings, "/api/plans", PROSPECTING);
  const execution = await post(settings, "/api/executions", { plan_id: PROSPECTING.plan_id });
  return String(execution.id);
}

async function post(
  { LARRY_SERVER, LARRY_KEY }: Settings,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(new URL(path, LARRY_SERVER), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(LARRY_KEY === undefined ? {} : { authorization: `Bearer ${LARRY_KEY}` }),
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${path}: ${String(answer.detail ?? response.status)}`);
  return answer;
}
