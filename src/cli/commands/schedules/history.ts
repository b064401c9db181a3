import * as z from "zod";
import { FiringList } from "../../../contract/schedules/bodies.ts";
import { reading } from "../../frame/command.ts";
import { collect } from "../../ids/collect.ts";
import { toned } from "../../output/blocks.ts";
import { instant } from "../../output/words.ts";
import { NextSteps } from "../inputs.ts";
import { findSchedule, scheduleId } from "./find-schedule.ts";

export const command = reading({
  input: z.object({
    id: scheduleId,
    limit: z.number().int().min(1).max(1_000).default(25).meta({ description: "at most so many (25)" }),
  }),
  positionals: ["id"],
  output: FiringList.pick({ items: true }).extend({ next_steps: NextSteps }),
  examples: ["errand schedules history latest"],
  async run({ id: given, limit }, session) {
    const client = await session.client();
    const { schedule_id: id } = await findSchedule(client, given, session.interrupted);
    const items = await collect(client.schedules.history(id, { signal: session.interrupted }), limit);
    const shown = items.find(({ execution_id: started }) => started !== undefined)?.execution_id;
    return {
      document: { items },
      view: [
        {
          kind: "table",
          head: ["INSTANT", "WHAT BECAME OF IT", "EXECUTION", "WHY"],
          rows: items.map((one) => [
            instant(one.instant),
            `${one.outcome}${one.manual ? " (by hand)" : ""}`,
            one.execution_id ?? "-",
            toned("dim", one.reason ?? ""),
          ]),
          empty: "It has not fired yet.",
        },
      ],
      next: shown ? [{ command: `errand executions show ${shown}`, description: "shows what ran last" }] : [],
    };
  },
});
