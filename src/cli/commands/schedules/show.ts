import * as z from "zod";
import { reading } from "../../frame/command.ts";
import { findSchedule, scheduleId, scheduleOutput, scheduleResult } from "./find-schedule.ts";

export const command = reading({
  input: z.object({ id: scheduleId }),
  positionals: ["id"],
  output: scheduleOutput,
  examples: ["errand schedules show latest"],
  async run({ id }, session) {
    return scheduleResult(await findSchedule(await session.client(), id, session.interrupted));
  },
});
