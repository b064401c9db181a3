/** Plans: stored in versions, validated, read, removed. */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { PlanSummaryBody } from "../contract/plans/bodies.ts";
import { PlanBody, PlanList, StoredPlanBody, ValidPlanBody } from "../contract/plans/bodies.ts";
import type { PlanRequest } from "../contract/plans/requests.ts";
import { PlanExecutions } from "./plan-executions.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

/** A plan as it is sent. */
export type NewPlan = z.input<typeof PlanRequest>;
/** A plan as it is answered. */
export type Plan = z.infer<typeof PlanBody>;
export type PlanSummary = z.infer<typeof PlanSummaryBody>;

const Nothing = z.null();

export class Plans {
  readonly #exchange: Exchange;
  /** Plans that agents do. */
  readonly executions: PlanExecutions;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.executions = new PlanExecutions(exchange);
  }

  /** Under the id of a plan that is there: its next version. With a `plan_id` it may be sent again. */
  create(plan: NewPlan, { signal }: Abortable = {}): Promise<z.infer<typeof StoredPlanBody>> {
    const repeatable = plan.plan_id !== undefined;
    return this.#exchange.call({ endpoint: ENDPOINTS.createPlan, body: plan, signal, repeatable }, StoredPlanBody);
  }

  /** Stores nothing. Throws a `ProblemError` that names each place that is wrong. */
  validate(plan: NewPlan, { signal }: Abortable = {}): Promise<z.infer<typeof ValidPlanBody>> {
    return this.#exchange.call(
      { endpoint: ENDPOINTS.validatePlan, body: plan, signal, repeatable: true },
      ValidPlanBody,
    );
  }

  /** The newest version, or the named one. */
  get(planId: string, { version, signal }: Abortable & { readonly version?: number } = {}): Promise<Plan> {
    const call = { endpoint: ENDPOINTS.getPlan, params: { plan_id: planId }, query: { version }, signal };
    return this.#exchange.call(call, PlanBody);
  }

  /** Newest first; pages are fetched as they are needed. */
  list({ signal }: Abortable = {}): AsyncGenerator<PlanSummary> {
    return this.#pages(ENDPOINTS.listPlans, {}, signal);
  }

  /** The versions of one plan, newest first. */
  versions(planId: string, { signal }: Abortable = {}): AsyncGenerator<PlanSummary> {
    return this.#pages(ENDPOINTS.listPlanVersions, { plan_id: planId }, signal);
  }

  /** With all its versions. */
  async delete(planId: string, { signal }: Abortable = {}): Promise<void> {
    await this.#exchange.call({ endpoint: ENDPOINTS.deletePlan, params: { plan_id: planId }, signal }, Nothing);
  }

  async *#pages(
    endpoint: typeof ENDPOINTS.listPlans | typeof ENDPOINTS.listPlanVersions,
    params: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<PlanSummary> {
    let cursor: string | null = null;
    do {
      const query = { cursor: cursor ?? undefined };
      const page: z.infer<typeof PlanList> = await this.#exchange.call({ endpoint, params, query, signal }, PlanList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }
}
