/** What an execution keeps, for audits: events and effects in pages, its whole log as a stream. */
import type { z } from "zod";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { effectBody, executionBody } from "../../contract/executions/body.ts";
import { conversationHead, messageBody } from "../../contract/executions/conversation-body.ts";
import { eventBody } from "../../contract/executions/event-body.ts";
import { EffectsQuery, EventsQuery } from "../../contract/executions/requests.ts";
import { resourceSpansOf } from "../../contract/executions/trace-body.ts";
import { ConversationReader } from "../../domain/read-models/conversation-view.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { Field } from "../answers/streamed-json.ts";
import { answerStream } from "../answers/streamed-json.ts";
import type { App, C } from "../requests/app.ts";
import { idOf, parseQuery } from "../requests/parse.ts";
import { nameExecution } from "../requests/request-id.ts";
import { agentFieldStream } from "./agentfield-streams.ts";
import { eventStream, wantsEventStream } from "./streams.ts";

export function logRoutes(app: App): void {
  route(app, ENDPOINTS.listEvents, listEvents);
  route(app, ENDPOINTS.getLog, getLog);
  route(app, ENDPOINTS.getTrace, getTrace);
  route(app, ENDPOINTS.listEffects, listEffects);
  route(app, ENDPOINTS.checkInvariants, listInvariants);
  route(app, ENDPOINTS.getConversation, getConversation);
}

async function listEvents(c: C): Promise<Response> {
  const query = parseQuery(c, EventsQuery);
  if (!query.ok) return answerRefusal(c, query);
  if (wantsEventStream(c)) return sent(c, query.value);
  const page = await c.get("services").executionLogs.events(c.get("caller"), idOf(c), query.value);
  if (!page.ok) return answerRefusal(c, page);
  return answerJson(c, { items: page.value.events.map(eventBody), next_after: page.value.next });
}

/** With `from`, and of a run, in the words of AgentField. */
async function sent(c: C, { after, from }: z.infer<typeof EventsQuery>): Promise<Response> {
  if (from !== undefined) return agentFieldStream(c, from);
  const answer = await eventStream(c, after);
  return answer.status === 404 ? agentFieldStream(c, 0) : answer;
}

async function listEffects(c: C): Promise<Response> {
  const query = parseQuery(c, EffectsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const page = await c.get("services").executionLogs.effects(c.get("caller"), idOf(c), query.value);
  if (!page.ok) return answerRefusal(c, page);
  return answerJson(c, { items: page.value.effects.map(effectBody), next_after: page.value.next });
}

async function listInvariants(c: C): Promise<Response> {
  const reports = await c.get("services").executionLogs.promises(c.get("caller"), idOf(c));
  return reports.ok ? answerJson(c, { items: reports.value }) : answerRefusal(c, reports);
}

async function getLog(c: C): Promise<Response> {
  const { executions } = c.get("services");
  const view = await executions.get(c.get("caller"), idOf(c), 0);
  if (!view.ok) return answerRefusal(c, view);
  nameExecution(c, view.value.state.origin);
  return answerStream(c, () => logFields(c, view.value));
}

/** The form in which a collector takes it: `POST {collector}/v1/traces`. */
async function getTrace(c: C): Promise<Response> {
  const view = await c.get("services").executions.get(c.get("caller"), idOf(c), 0);
  if (!view.ok) return answerRefusal(c, view);
  nameExecution(c, view.value.state.origin);
  const batches = c.get("services").executionLogs.spans(c.get("caller"), idOf(c));
  const { tenant } = view.value.state.origin;
  const resourceSpans = async function* resourceSpans() {
    for await (const spans of batches) yield resourceSpansOf(tenant, spans);
  };
  return answerStream(c, async function* fields(): AsyncGenerator<Field> {
    yield ["resourceSpans", resourceSpans()];
  });
}

async function* logFields(c: C, view: ExecutionView): AsyncGenerator<Field> {
  const { executionLogs: logs } = c.get("services");
  const [caller, id] = [c.get("caller"), idOf(c)];
  const summary = { events: 0, effects: 0, in_doubt: 0, recoveries: view.state.recoveries };
  yield ["execution", executionBody(view)];
  const first = await logs.events(caller, id, { after: 0, limit: 1 });
  const created = first.ok ? first.value.events[0] : undefined;
  yield ["input", created?.type === "execution.created" ? created.data.input : null];
  const effects = async function* effects() {
    for await (const effect of logs.allEffects(caller, id)) {
      summary.effects += 1;
      if (effect.status === "in_doubt") summary.in_doubt += 1;
      yield effectBody(effect);
    }
  };
  yield ["effects", effects()];
  const events = async function* events() {
    for await (const event of logs.allEvents(caller, id)) {
      summary.events += 1;
      yield eventBody(event);
    }
  };
  yield ["events", events()];
  yield ["summary", { ...summary, success: view.state.status === "succeeded" }];
}

async function getConversation(c: C): Promise<Response> {
  const { executionLogs: logs } = c.get("services");
  const [caller, id] = [c.get("caller"), idOf(c)];
  const first = await logs.events(caller, id, { after: 0, limit: 1 });
  if (!first.ok) return answerRefusal(c, first);
  const reader = new ConversationReader();
  const source = logs.allEvents(caller, id);
  return answerStream(c, async function* fields(): AsyncGenerator<Field> {
    // The first message knows the prompt and the tools, which stand before it.
    let messages = reader.taken();
    for (let next = await source.next(); messages.length === 0 && !next.done; next = await source.next()) {
      reader.read(next.value);
      messages = reader.taken();
      if (messages.length > 0) break;
    }
    for (const field of Object.entries(conversationHead(id, reader.view()))) yield field;
    const all = async function* all() {
      for (const message of messages) yield messageBody(message);
      for await (const event of source) {
        reader.read(event);
        for (const message of reader.taken()) yield messageBody(message);
      }
    };
    yield ["messages", all()];
  });
}
