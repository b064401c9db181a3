/** `errand schedules change`: only what is typed is changed. Its times are one of three: naming one takes the other two away. */
import * as z from "zod";
import type { ScheduleChange } from "../../../contract/schedules/requests.ts";
import { changing } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { jsonObject, word } from "../inputs.ts";
import { planChange, scheduleId, scheduleOutput, scheduleResult } from "./find-schedule.ts";

const input = z.object({
  id: scheduleId,
  target: word("TARGET", "what to start, as agent.function").optional(),
  cron: word("PATTERN", "minute, hour, day, month, weekday").optional(),
  every: word("INTERVAL", "2s, 15m, 1h30m").optional(),
  at: word("INSTANT", "once, at this instant").optional(),
  timezone: word("ZONE", "an IANA name such as Europe/Berlin").optional(),
  input: jsonObject("JSON", "the input of each execution").optional(),
  overlap: word("WHAT", "what an instant does while the execution before it goes on").optional(),
  maxRuns: z.number().int().min(1).optional().meta({ description: "ends it after so many firings" }),
});

export const command = changing({
  input,
  positionals: ["id"],
  output: scheduleOutput,
  examples: [
    `errand schedules change nightly --cron "0 4 * * *"`,
    `errand schedules change nightly --input '{"pages": 3}'`,
  ],
  plan: ({ id: given, ...asked }, session) => {
    const change = changeOf(asked);
    const verb = `Changes ${Object.keys(change).join(", ")} of`;
    return planChange(
      {
        verb,
        change: async (client, id, signal) => scheduleResult(await client.schedules.change(id, change, { signal })),
      },
      given,
      session,
    );
  },
});

function changeOf({ maxRuns, ...rest }: Omit<z.output<typeof input>, "id">): ScheduleChange {
  const times = [rest.cron, rest.every, rest.at].filter((one) => one !== undefined);
  if (times.length > 1) throw new Failure("usage", "A schedule has one of --cron, --every and --at.");
  const given = Object.entries({ ...rest, max_runs: maxRuns }).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw new Failure("usage", "Nothing was named that is to be changed.");
  // The server reads it by the schema of the contract, and names what does not fit.
  return Object.fromEntries(given) as unknown as ScheduleChange;
}
