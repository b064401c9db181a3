import * as z from "zod";
import type { Client } from "../../../client/client.ts";
import { TriggeredBody } from "../../../contract/schedules/bodies.ts";
import type { Result } from "../../frame/command.ts";
import { changing } from "../../frame/command.ts";
import { watch } from "../../frame/failure-of.ts";
import { fields } from "../../output/blocks.ts";
import { NextSteps } from "../inputs.ts";
import { planChange, scheduleId } from "./find-schedule.ts";

export const command = changing({
  input: z.object({ id: scheduleId }),
  positionals: ["id"],
  output: TriggeredBody.extend({ next_steps: NextSteps }),
  examples: ["errand schedules trigger latest"],
  plan: ({ id }, session) => planChange({ verb: "Fires", change: trigger }, id, session),
});

async function trigger(client: Client, id: string, signal: AbortSignal): Promise<Result> {
  const fired = await client.schedules.trigger(id, { signal });
  const { schedule_id, status, execution_id: execution } = fired;
  return {
    document: fired,
    view: [fields(["schedule", schedule_id], ["firing", status], ["execution", execution])],
    next: [
      execution === undefined
        ? { command: `errand schedules history ${id}`, description: "lists what became of it" }
        : watch(execution),
    ],
  };
}
