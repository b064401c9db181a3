import type { ScheduleListed, ScheduleRecord } from "../../../client/schedules.ts";
import type { Next } from "../../frame/failure.ts";
import type { Block } from "../../output/blocks.ts";
import { fields, heading } from "../../output/blocks.ts";
import { instant, status } from "../../output/words.ts";

export function timesText({ cron, every, at, timezone }: ScheduleListed): string {
  if (cron !== undefined) return `${cron} (${timezone})`;
  return every === undefined ? `once, ${instant(at)}` : `every ${every}`;
}

export function scheduleBlocks(schedule: ScheduleRecord): Block[] {
  const { schedule_id: id, target, reason, runs, waiting, max_runs: most, last_execution_id: last } = schedule;
  return [
    fields(
      ["schedule", id],
      ["target", target],
      ["status", status(schedule.status)],
      ["reason", reason],
      ["fires", timesText(schedule)],
      ["next", schedule.next_instants.map(instant).join("\n            ") || undefined],
      ["runs", most === undefined ? String(runs) : `${runs} of ${most}`],
      ["waiting", waiting === 0 ? undefined : String(waiting)],
      ["overlap", schedule.overlap],
      ["last", last],
    ),
    heading("Input"),
    { kind: "json", value: schedule.input },
  ];
}

export function scheduleSteps({
  schedule_id: id,
  status: stands,
  declared,
  last_execution_id: last,
}: ScheduleRecord): Next[] {
  const step = (verb: string, description: string): Next => ({ command: `errand schedules ${verb}`, description });
  return [
    ...(last === undefined ? [] : [{ command: `errand executions show ${last}`, description: "shows what ran last" }]),
    ...(stands === "active"
      ? [step(`trigger ${id}`, "fires it now"), step(`pause ${id}`, "lets it fire nothing")]
      : []),
    ...(stands === "paused" ? [step(`resume ${id}`, "lets it fire again")] : []),
    step(`history ${id}`, "lists what became of its instants"),
    ...(declared ? [] : [step(`delete ${id} --yes`, "removes it")]),
  ];
}
