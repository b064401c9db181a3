import * as z from "zod";
import { changing } from "../../frame/command.ts";
import { planChange, scheduleId, scheduleOutput, scheduleResult } from "./find-schedule.ts";

export const command = changing({
  input: z.object({ id: scheduleId }),
  positionals: ["id"],
  output: scheduleOutput,
  examples: ["errand schedules pause latest"],
  plan: ({ id: given }, session) =>
    planChange(
      {
        verb: "Pauses",
        change: async (client, id, signal) => scheduleResult(await client.schedules.pause(id, { signal })),
      },
      given,
      session,
    ),
});
