import * as z from "zod";
import { ScheduleList } from "../../../contract/schedules/bodies.ts";
import { reading } from "../../frame/command.ts";
import { collect } from "../../ids/collect.ts";
import { instant, status } from "../../output/words.ts";
import { NextSteps, word } from "../inputs.ts";
import { timesText } from "./schedule-view.ts";

export const command = reading({
  input: z.object({
    status: z.enum(["active", "paused", "ended"]).optional().meta({ value: "STATUS", description: "where it stands" }),
    target: word("TARGET", "of this function").optional(),
    limit: z.number().int().min(1).max(1_000).default(100).meta({ description: "at most so many (100)" }),
  }),
  output: ScheduleList.pick({ items: true }).extend({ next_steps: NextSteps }),
  examples: ["errand schedules list --status active"],
  async run({ status: stands, target, limit }, session) {
    const client = await session.client();
    const filter = { ...(stands === undefined ? {} : { status: stands }), ...(target === undefined ? {} : { target }) };
    const items = await collect(client.schedules.list({ ...filter, signal: session.interrupted }), limit);
    const [first] = items;
    return {
      document: { items },
      view: [
        {
          kind: "table",
          head: ["ID", "TARGET", "STATUS", "FIRES", "NEXT"],
          rows: items.map((one) => [
            ...[one.schedule_id, one.target],
            status(one.status),
            timesText(one),
            instant(one.next_at),
          ]),
          empty: "No schedule fits.",
        },
      ],
      next: first
        ? [{ command: `errand schedules show ${first.schedule_id}`, description: "shows the newest of them" }]
        : [],
    };
  },
});
