import type { Client } from "../../../client/client.ts";
import type { ScheduleRecord } from "../../../client/schedules.ts";
import { ScheduleBody } from "../../../contract/schedules/bodies.ts";
import type { Result, Session } from "../../frame/command.ts";
import { ifThere } from "../../ids/executions.ts";
import { findIn } from "../../ids/named.ts";
import { LATEST } from "../../ids/prefix.ts";
import { id, NextSteps } from "../inputs.ts";
import { scheduleBlocks, scheduleSteps } from "./schedule-view.ts";

export const scheduleId = id("the schedule");
export const scheduleOutput = ScheduleBody.extend({ next_steps: NextSteps });

export async function findSchedule(client: Client, given: string, signal: AbortSignal): Promise<ScheduleRecord> {
  const named = given === LATEST ? undefined : await ifThere(client.schedules.get(given, { signal }));
  if (named) return named;
  const listed = await findIn(client.schedules.list({ signal }), given, {
    ...{ what: "schedule", list: "errand schedules list" },
    idOf: (one) => one.schedule_id,
  });
  return client.schedules.get(listed.schedule_id, { signal });
}

export function scheduleResult(schedule: ScheduleRecord): Result {
  return { document: schedule, view: scheduleBlocks(schedule), next: scheduleSteps(schedule) };
}

interface Change {
  readonly verb: string;
  readonly change: (client: Client, id: string, signal: AbortSignal) => Promise<Result>;
}

export async function planChange({ verb, change }: Change, given: string, session: Session) {
  const client = await session.client();
  const { schedule_id: known, target, status } = await findSchedule(client, given, session.interrupted);
  return {
    id: known,
    says: [`${verb} ${known} (${target}), which is ${status}.`],
    apply: () => change(client, known, session.interrupted),
  };
}
