/** Examples of schedules. */
import type { Examples } from "./example.ts";
import { CREATED_AT, EXECUTION_ID, LATER } from "./example.ts";

const summary = {
  schedule_id: "tea",
  target: "clock.remind",
  status: "active",
  paused: false,
  owner: "olga",
  declared: false,
  cron: "0 16 * * 1-5",
  timezone: "Europe/London",
  overlap: "skip",
  jitter: "0s",
  catch_up: "all",
  catch_up_limit: 100,
  next_at: "2026-11-23T16:00:00.000Z",
  created_at: CREATED_AT,
  updated_at: CREATED_AT,
};
const NEXT = [23, 24, 25, 26, 27].map((day) => `2026-11-${day}T16:00:00.000Z`);
const schedule = { ...summary, input: { message: "tea", seconds: 0 }, runs: 0, waiting: 0, next_instants: NEXT };
const paused = { ...schedule, status: "paused", paused: true, reason: "the kettle is broken", next_at: null };
const links = { execution: `/api/v1/executions/${EXECUTION_ID}` };

export const SCHEDULE_EXAMPLES: Examples = {
  createSchedule: {
    request: {
      schedule_id: "tea",
      target: "clock.remind",
      input: { message: "tea", seconds: 0 },
      cron: "0 16 * * 1-5",
      timezone: "Europe/London",
    },
    answers: { 201: schedule, 200: schedule },
  },
  listSchedules: { answers: { 200: { items: [summary], next_cursor: null } } },
  getSchedule: { answers: { 200: schedule } },
  changeSchedule: {
    request: { overlap: "queue", max_runs: 10 },
    answers: { 200: { ...schedule, overlap: "queue", max_runs: 10 } },
  },
  deleteSchedule: { answers: { 204: null } },
  pauseSchedule: { request: { reason: "the kettle is broken" }, answers: { 200: paused } },
  resumeSchedule: { request: {}, answers: { 200: schedule } },
  triggerSchedule: {
    answers: { 202: { schedule_id: "tea", status: "started", execution_id: EXECUTION_ID, links } },
  },
  listFirings: {
    answers: {
      200: {
        items: [
          { instant: CREATED_AT, outcome: "started", manual: false, execution_id: EXECUTION_ID, at: LATER, links },
        ],
        next_cursor: null,
      },
    },
  },
  nextInstants: { answers: { 200: { schedule_id: "tea", timezone: "Europe/London", instants: NEXT } } },
};
