/** Cancel, pause, resume, signals, notes: one command each. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import {
  NoteRequest,
  ReasonRequest,
  SignalPath,
  SignalRequest,
  SignalsRequest,
  TagsQuery,
} from "../../contract/executions/requests.ts";
import { maskPersonalData } from "../../contract/privacy/mask.ts";
import type { Note } from "../../contract/replies.ts";
import { iso } from "../../contract/wire.ts";
import type { SignalCommand } from "../../domain/execution/command.ts";
import type { Event } from "../../domain/execution/event.ts";
import type { CommandResult } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import { masks } from "../answers/masked-answer.ts";
import type { App, C } from "../requests/app.ts";
import { idOf, parseBody, parseQuery, parseValue } from "../requests/parse.ts";
import { nameExecution } from "../requests/request-id.ts";

export function controlRoutes(app: App): void {
  route(app, ENDPOINTS.cancel, (c) => move(c, "cancel", "cancelled_at"));
  route(app, ENDPOINTS.pause, (c) => move(c, "pause", "paused_at"));
  route(app, ENDPOINTS.resume, (c) => move(c, "resume", "resumed_at"));
  route(app, ENDPOINTS.signal, signal);
  route(app, ENDPOINTS.signals, signalMany);
  route(app, ENDPOINTS.addNote, addNote);
  route(app, ENDPOINTS.listNotes, listNotes);
}

async function move(
  c: C,
  type: "cancel" | "pause" | "resume",
  stamp: "cancelled_at" | "paused_at" | "resumed_at",
): Promise<Response> {
  const body = await parseBody(c, ReasonRequest);
  if (!body.ok) return answerRefusal(c, body);
  const { reason } = body.value;
  const result = await c.get("services").control.move(c.get("caller"), idOf(c), { type, reason });
  if (!result.ok) return answerRefusal(c, result);
  const { state, before, pending } = result.value;
  nameExecution(c, state.origin);
  return answerJson(c, {
    execution_id: state.origin.id,
    previous_status: before,
    status: state.status,
    ...(reason === undefined ? {} : { reason }),
    [stamp]: iso(state.updatedAtMs),
    ...(type === "cancel" ? { quiesced: pending.length === 0, pending } : {}),
  });
}

async function signal(c: C): Promise<Response> {
  const body = await parseBody(c, SignalRequest);
  if (!body.ok) return answerRefusal(c, body);
  const path = parseValue({ name: c.req.param("name") }, SignalPath);
  if (!path.ok) return answerRefusal(c, path);
  const { name } = path.value;
  const result = await send(c, [{ name, data: body.value.data }]);
  if (!result.ok) return answerRefusal(c, result);
  const { origin, status, seq } = result.value.state;
  nameExecution(c, origin);
  return answerJson(c, { execution_id: origin.id, signal: name, status, seq }, { status: 202 });
}

async function signalMany(c: C): Promise<Response> {
  const body = await parseBody(c, SignalsRequest);
  if (!body.ok) return answerRefusal(c, body);
  const result = await send(c, body.value.signals);
  if (!result.ok) return answerRefusal(c, result);
  const { origin, status, seq } = result.value.state;
  return answerJson(c, { execution_id: origin.id, accepted: body.value.signals.length, status, seq }, { status: 202 });
}

async function addNote(c: C): Promise<Response> {
  const body = await parseBody(c, NoteRequest);
  if (!body.ok) return answerRefusal(c, body);
  const result = await c.get("services").control.note(c.get("caller"), idOf(c), body.value);
  if (!result.ok) return answerRefusal(c, result);
  nameExecution(c, result.value.state.origin);
  const note: Note = { ...body.value, timestamp: iso(result.value.state.updatedAtMs), by: c.get("caller").subject };
  return answerJson(c, { execution_id: result.value.state.origin.id, notes: [note], total: 1 }, { status: 201 });
}

async function listNotes(c: C): Promise<Response> {
  const query = parseQuery(c, TagsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { after, limit, tags: asked } = query.value;
  const page = await c
    .get("services")
    .executionLogs.events(c.get("caller"), idOf(c), { after, limit, type: "note.added" });
  if (!page.ok) return answerRefusal(c, page);
  const wanted = asked === undefined ? undefined : new Set(asked.split(",").map((tag) => tag.trim()));
  // A viewer reads its tags masked, and finds by what it reads.
  const seen = masks(c) ? maskPersonalData : (tag: string) => tag;
  const notes = page.value.events
    .flatMap(noteOf)
    .filter(({ tags }) => !wanted || tags.some((tag) => wanted.has(seen(tag))));
  return answerJson(c, { execution_id: idOf(c), notes, total: notes.length, next_after: page.value.next });
}

function noteOf(event: Event): Note[] {
  if (event.type !== "note.added") return [];
  const { message, tags, by } = event.data;
  return [{ message, tags, timestamp: iso(event.atMs), by: by ?? event.actor }];
}

function send(c: C, signals: SignalCommand["signals"]): Promise<Result<CommandResult>> {
  return c.get("services").control.signal(c.get("caller"), idOf(c), signals);
}
