import * as z from "zod";
import type { NewSchedule } from "../../../client/schedules.ts";
import { changing } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { jsonObject, word } from "../inputs.ts";
import { scheduleOutput, scheduleResult } from "./find-schedule.ts";

const input = z.object({
  target: word("TARGET", "what to start, as agent.function"),
  cron: word("PATTERN", "minute, hour, day, month, weekday").optional(),
  every: word("INTERVAL", "2s, 15m, 1h30m").optional(),
  at: word("INSTANT", "once, at this instant").optional(),
  timezone: word("ZONE", "an IANA name such as Europe/Berlin (UTC)").optional(),
  input: jsonObject("JSON", "the input of each execution").optional(),
  id: word("ID", "an id of your own choosing").optional(),
  overlap: word("WHAT", "what an instant does while the execution before it goes on (skip)").optional(),
  maxRuns: z.number().int().min(1).optional().meta({ description: "ends it after so many firings" }),
  paused: z.boolean().default(false).meta({ description: "fires nothing until it is resumed" }),
});

export const command = changing({
  input,
  positionals: ["target"],
  output: scheduleOutput,
  examples: [`errand schedules create catalog.audit --cron "0 6 * * *" --timezone Europe/Berlin`],
  async plan(asked, session) {
    const { target, cron, every, at } = asked;
    const times = [cron, every, at].filter((one) => one !== undefined);
    if (times.length !== 1) throw new Failure("usage", "A schedule needs one of --cron, --every and --at.");
    const client = await session.client();
    return {
      says: [`Starts ${target} at: ${times.join()}.`],
      apply: async () =>
        scheduleResult(await client.schedules.create(requestOf(asked), { signal: session.interrupted })),
    };
  },
});

function requestOf({ id, maxRuns, ...rest }: z.output<typeof input>): NewSchedule {
  const request = { ...rest, schedule_id: id, max_runs: maxRuns };
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  // The server reads it by the schema of the contract, and names what does not fit.
  return Object.fromEntries(given) as unknown as NewSchedule;
}
