import * as z from "zod";
import { changing } from "../../frame/command.ts";
import { text } from "../../output/blocks.ts";
import { NextSteps } from "../inputs.ts";
import { planChange, scheduleId } from "./find-schedule.ts";

export const command = changing({
  input: z.object({ id: scheduleId }),
  positionals: ["id"],
  output: z.object({ schedule_id: z.string(), deleted: z.literal(true), next_steps: NextSteps }),
  isFinal: true,
  examples: ["errand schedules delete nightly --yes"],
  plan: ({ id: given }, session) =>
    planChange(
      {
        verb: "Removes",
        async change(client, id, signal) {
          await client.schedules.delete(id, { signal });
          return {
            document: { schedule_id: id, deleted: true },
            view: [text(`${id} is removed.`)],
            next: [{ command: "errand schedules list", description: "lists the others" }],
          };
        },
      },
      given,
      session,
    ),
});
