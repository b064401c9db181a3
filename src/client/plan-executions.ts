/** Executions of plans: started, read, moved, resolved; and the two calls of agents: poll and report. */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import {
  PlanExecutionBody,
  PlanExecutionDetail,
  PlanExecutionList,
  ReportList,
} from "../contract/plan-executions/bodies.ts";
import type {
  PlanExecutionPatch,
  PlanExecutionRequest,
  ReportRequest,
  ResolveTaskRequest,
} from "../contract/plan-executions/requests.ts";
import { RecordedBatch, RecordedBody, StopBody, WorkBody } from "../contract/plan-executions/work-bodies.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

export type PlanExecution = z.infer<typeof PlanExecutionBody>;
export type PlanExecutionDetails = z.infer<typeof PlanExecutionDetail>;
/** An event of an agent, as it is sent. */
export type AgentEvent = z.input<typeof ReportRequest>;
/** What became of it. */
export type RecordedEvent = z.infer<typeof RecordedBody>;
/** A task under a lease, or news of an execution that the agent works for. */
export type Work = z.infer<typeof WorkBody> | z.infer<typeof StopBody>;

const WorkOrNothing = z.union([WorkBody, StopBody, z.null()]);

export class PlanExecutions {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** With an `id` it may be sent again. */
  start(request: z.input<typeof PlanExecutionRequest>, { signal }: Abortable = {}): Promise<PlanExecution> {
    const call = { endpoint: ENDPOINTS.startPlan, body: request, signal, repeatable: request.id !== undefined };
    return this.#exchange.call(call, PlanExecutionBody);
  }

  get(id: string, { signal }: Abortable = {}): Promise<PlanExecutionDetails> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getPlanExecution, params: { id }, signal }, PlanExecutionDetail);
  }

  /** Newest first; pages are fetched as they are needed. `status`: in upper case, such as `BLOCKED`. */
  async *list({
    signal,
    ...filter
  }: Abortable & { readonly status?: string; readonly plan_id?: string } = {}): AsyncGenerator<PlanExecution> {
    let cursor: string | null = null;
    do {
      const query = { ...filter, cursor: cursor ?? undefined };
      const call = { endpoint: ENDPOINTS.listPlanExecutions, query, signal };
      const page: z.infer<typeof PlanExecutionList> = await this.#exchange.call(call, PlanExecutionList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Queues, runs, pauses or cancels it. Where it stands already is no error. */
  change(id: string, change: z.input<typeof PlanExecutionPatch>, { signal }: Abortable = {}): Promise<PlanExecution> {
    const call = { endpoint: ENDPOINTS.changePlanExecution, params: { id }, body: change, signal };
    return this.#exchange.call(call, PlanExecutionBody);
  }

  /** Chooses how a blocked subtask goes on. */
  resolve(id: string, choice: z.input<typeof ResolveTaskRequest>, { signal }: Abortable = {}): Promise<PlanExecution> {
    const call = { endpoint: ENDPOINTS.resolveTask, params: { id }, body: choice, signal };
    return this.#exchange.call(call, PlanExecutionBody);
  }

  /** What agents reported, newest first. */
  events(
    id: string,
    {
      signal,
      ...query
    }: Abortable & { readonly limit?: number; readonly cursor?: string; readonly task_id?: string } = {},
  ): Promise<z.infer<typeof ReportList>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.listReports, params: { id }, query, signal }, ReportList);
  }

  /** With an `event_id` it may be sent again. */
  report(id: string, event: AgentEvent, { signal }: Abortable = {}): Promise<RecordedEvent> {
    const repeatable = event.event_id !== undefined;
    const call = { endpoint: ENDPOINTS.reportEvents, params: { id }, body: event, signal, repeatable };
    return this.#exchange.call(call, RecordedBody);
  }

  /** At most 500, in their order; each is answered. */
  async reportAll(id: string, events: readonly AgentEvent[], { signal }: Abortable = {}): Promise<RecordedEvent[]> {
    const repeatable = events.every((event) => event.event_id !== undefined);
    const call = { endpoint: ENDPOINTS.reportEvents, params: { id }, body: { events }, signal, repeatable };
    return (await this.#exchange.call(call, RecordedBatch)).results;
  }

  /** The agent's next task; `null` when there is nothing to do now. Waits so many seconds for it, at most 30. */
  poll(
    agentId: string,
    { supported, wait, signal }: Abortable & { readonly supported?: readonly string[]; readonly wait?: number } = {},
  ): Promise<Work | null> {
    const query = { supported_actions: supported?.join(","), wait };
    const call = { endpoint: ENDPOINTS.pollWork, params: { agent_id: agentId }, query, signal, repeatable: true };
    return this.#exchange.call(call, WorkOrNothing);
  }
}
