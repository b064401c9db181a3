import * as z from "zod";
import { changing } from "../../frame/command.ts";
import { planChange, scheduleId, scheduleOutput, scheduleResult } from "./find-schedule.ts";

export const command = changing({
  input: z.object({ id: scheduleId }),
  positionals: ["id"],
  output: scheduleOutput,
  examples: ["errand schedules resume latest"],
  plan: ({ id: given }, session) =>
    planChange(
      {
        verb: "Resumes",
        change: async (client, id, signal) => scheduleResult(await client.schedules.resume(id, { signal })),
      },
      given,
      session,
    ),
});
