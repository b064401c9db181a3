/** The calls of schedules. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";
import { FILES } from "../exports.ts";
import { FiringList, NextBody, ScheduleBody, ScheduleList, TriggeredBody } from "./bodies.ts";
import {
  HistoryQuery,
  NextQuery,
  ScheduleChange,
  ScheduleReason,
  ScheduleRequest,
  SchedulesQuery,
  TriggerHeaders,
} from "./requests.ts";

const ALL = `${V1}/schedules`;
const SCHEDULE = `${ALL}/{schedule_id}`;
const tag = "Schedules";
const reads = { tag, scope: "read", method: "GET" } as const;
const writes = { tag, scope: "execute" } as const;
const known = [...entry, "not_found", "misconfigured", "encryption_key_missing"] as const;
const specified = [...known, ...body, "invalid_target", "target_not_found"] as const;

export const SCHEDULE_ENDPOINTS = {
  createSchedule: endpoint({
    ...writes,
    id: "createSchedule",
    method: "POST",
    path: ALL,
    summary:
      "Make a schedule: cron, every or at. The same request under the same schedule_id again is answered with it",
    body: ScheduleRequest,
    bodyBytes: BODY_BYTES.value,
    answers: { 201: answer("Made", ScheduleBody), 200: answer("It was there already", ScheduleBody) },
    faults: [...specified, "id_taken", "too_many_schedules"],
  }),
  listSchedules: endpoint({
    ...reads,
    id: "listSchedules",
    path: ALL,
    summary: "Schedules, newest first; an administrator's key lists those of the whole tenant",
    query: SchedulesQuery,
    answers: { 200: { ...answer("A page", ScheduleList), files: FILES } },
    faults: [...entry, "invalid_input", "invalid_cursor"],
  }),
  getSchedule: endpoint({
    ...reads,
    id: "getSchedule",
    path: SCHEDULE,
    summary: "One schedule, with its next five instants",
    answers: { 200: answer("The schedule", ScheduleBody) },
    faults: known,
  }),
  changeSchedule: endpoint({
    ...writes,
    id: "changeSchedule",
    method: "PATCH",
    path: SCHEDULE,
    summary: "Change what is sent; null takes a field away. What lies before the change is not fired anew",
    body: ScheduleChange,
    bodyBytes: BODY_BYTES.value,
    answers: { 200: answer("As it is now", ScheduleBody) },
    faults: [...specified, "schedule_declared", "schedule_ended"],
  }),
  deleteSchedule: endpoint({
    ...writes,
    id: "deleteSchedule",
    method: "DELETE",
    path: SCHEDULE,
    summary: "Remove it with its history; its executions stay",
    answers: { 204: answer("Removed", z.null()) },
    faults: [...known, "schedule_declared"],
  }),
  pauseSchedule: endpoint({
    ...writes,
    id: "pauseSchedule",
    method: "POST",
    path: `${SCHEDULE}/pause`,
    summary: "Fire nothing until it is resumed; instants that pass meanwhile are not caught up",
    body: ScheduleReason,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("Paused", ScheduleBody) },
    faults: [...known, ...body],
  }),
  resumeSchedule: endpoint({
    ...writes,
    id: "resumeSchedule",
    method: "POST",
    path: `${SCHEDULE}/resume`,
    summary: "Fire again, from the next instant on",
    body: ScheduleReason,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("Active", ScheduleBody) },
    faults: [...known, ...body, "schedule_ended"],
  }),
  triggerSchedule: endpoint({
    ...writes,
    id: "triggerSchedule",
    method: "POST",
    path: `${SCHEDULE}/trigger`,
    summary: "Fire now, whatever overlap says and while it is paused too; not counted for max_runs",
    headers: TriggerHeaders,
    answers: { 202: answer("Fired", TriggeredBody) },
    faults: [...known, "invalid_input"],
  }),
  listFirings: endpoint({
    ...reads,
    id: "listFirings",
    path: `${SCHEDULE}/history`,
    summary: "What became of its instants, newest first, with links to the executions; the newest 1,000 are kept",
    query: HistoryQuery,
    answers: { 200: answer("A page", FiringList) },
    faults: [...known, "invalid_input", "invalid_cursor"],
  }),
  nextInstants: endpoint({
    ...reads,
    id: "nextInstants",
    path: `${SCHEDULE}/next`,
    summary: "Its next instants, without jitter",
    query: NextQuery,
    answers: { 200: answer("Instants, ascending", NextBody) },
    faults: [...known, "invalid_input"],
  }),
} as const;
