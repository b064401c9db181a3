/** Schedules: parse, call one operation, answer. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { firingBody, linksTo, ScheduleSummary } from "../../contract/schedules/bodies.ts";
import {
  HistoryQuery,
  NextQuery,
  ScheduleChange,
  ScheduleReason,
  ScheduleRequest,
  SchedulesQuery,
  TriggerHeaders,
} from "../../contract/schedules/requests.ts";
import type { Result } from "../../domain/values/fault.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import { answerList } from "../answers/lists.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseHeaders, parseQuery } from "../requests/parse.ts";
import { bookmarkOf, readSessionOf } from "../requests/read-session.ts";

export function scheduleRoutes(app: App): void {
  route(app, ENDPOINTS.createSchedule, create);
  route(app, ENDPOINTS.listSchedules, list);
  route(app, ENDPOINTS.getSchedule, async (c) =>
    answered(c, await c.get("services").schedules.get(c.get("caller"), scheduleIn(c))),
  );
  route(app, ENDPOINTS.changeSchedule, change);
  route(app, ENDPOINTS.deleteSchedule, remove);
  route(app, ENDPOINTS.pauseSchedule, (c) => hold(c, true));
  route(app, ENDPOINTS.resumeSchedule, (c) => hold(c, false));
  route(app, ENDPOINTS.triggerSchedule, trigger);
  route(app, ENDPOINTS.listFirings, history);
  route(app, ENDPOINTS.nextInstants, next);
}

const scheduleIn = (c: C) => c.req.param("schedule_id") ?? "";

function answered(c: C, result: Result<object>): Response {
  return result.ok ? answerJson(c, result.value) : answerRefusal(c, result);
}

async function create(c: C): Promise<Response> {
  const body = await parseBody(c, ScheduleRequest);
  if (!body.ok) return answerRefusal(c, body);
  const made = await c.get("services").schedules.create(c.get("caller"), body.value);
  if (!made.ok) return answerRefusal(c, made);
  const location = `/api/v1/schedules/${made.value.body.schedule_id}`;
  return answerJson(c, made.value.body, { status: made.value.made ? 201 : 200, headers: { location } });
}

function list(c: C): Promise<Response> {
  const reading = readSessionOf(c);
  return answerList(c, {
    ...{ name: "schedules", query: SchedulesQuery, item: ScheduleSummary, pageRows: 200 },
    read: async (query) => {
      const { items, next_cursor: nextCursor } = await c
        .get("services")
        .schedules.list(c.get("caller"), query, reading);
      return { items, nextCursor, headers: bookmarkOf(reading) };
    },
  });
}

async function change(c: C): Promise<Response> {
  const body = await parseBody(c, ScheduleChange);
  if (!body.ok) return answerRefusal(c, body);
  return answered(c, await c.get("services").schedules.change(c.get("caller"), scheduleIn(c), body.value));
}

async function remove(c: C): Promise<Response> {
  const removed = await c.get("services").schedules.remove(c.get("caller"), scheduleIn(c));
  return removed.ok ? new Response(null, { status: 204 }) : answerRefusal(c, removed);
}

async function hold(c: C, paused: boolean): Promise<Response> {
  const body = await parseBody(c, ScheduleReason);
  if (!body.ok) return answerRefusal(c, body);
  const held = { paused, reason: body.value.reason };
  return answered(c, await c.get("services").schedules.hold(c.get("caller"), scheduleIn(c), held));
}

async function trigger(c: C): Promise<Response> {
  const headers = parseHeaders(c, TriggerHeaders);
  if (!headers.ok) return answerRefusal(c, headers);
  const id = scheduleIn(c);
  const fired = await c.get("services").schedules.trigger(c.get("caller"), id, headers.value["idempotency-key"]);
  if (!fired.ok) return answerRefusal(c, fired);
  const { firing, executionId } = fired.value;
  const named = executionId === undefined ? {} : { execution_id: executionId };
  const body = { schedule_id: id, status: firing ? "started" : "waiting", ...named, ...linksTo(executionId) };
  return answerJson(c, body, { status: 202 });
}

async function history(c: C): Promise<Response> {
  const query = parseQuery(c, HistoryQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { limit, cursor } = query.value;
  const page = { limit, ...(cursor === undefined ? {} : { before: cursor }) };
  const found = await c.get("services").schedules.history(c.get("caller"), scheduleIn(c), page);
  if (!found.ok) return answerRefusal(c, found);
  return answerJson(c, { items: found.value.rows.map(firingBody), next_cursor: found.value.nextCursor });
}

async function next(c: C): Promise<Response> {
  const query = parseQuery(c, NextQuery);
  if (!query.ok) return answerRefusal(c, query);
  return answered(c, await c.get("services").schedules.next(c.get("caller"), scheduleIn(c), query.value.count));
}
