/** What operators ask: figures, how the deployment does, lists as files. */
import type { z } from "zod";
import type { Endpoint } from "../contract/endpoint.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { AttributeCountsBody } from "../contract/lists.ts";
import type { BulkRequest } from "../contract/operator/bulk.ts";
import { BulkCountBody } from "../contract/operator/bulk.ts";
import type { MetricsQuery } from "../contract/operator/figures.ts";
import { MetricsBody } from "../contract/operator/figures.ts";
import { OverviewBody } from "../contract/operator/overview.ts";
import type { RetentionRequest } from "../contract/operator/retention.ts";
import { RetentionBody } from "../contract/operator/retention.ts";
import { AcceptedBody, HealthBody } from "../contract/replies.ts";
import { Notifications } from "./notifications.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable, PageOptions } from "./transport/options.ts";
import { keyHeader, listQuery } from "./transport/start-request.ts";

const LISTS = {
  executions: ENDPOINTS.listExecutions,
  approvals: ENDPOINTS.listApprovals,
  sessions: ENDPOINTS.listSessions,
  schedules: ENDPOINTS.listSchedules,
} as const satisfies Readonly<Record<string, Endpoint>>;

/** As the API takes it: `{ action: "cancel", filter: { target: "reports.monthly" } }`. */
export type BulkOptions = z.input<typeof BulkRequest>;

export interface ExportOptions extends Abortable {
  readonly format: "csv" | "jsonl";
  /** Of executions. */
  readonly filter?: PageOptions;
  /** Other parameters, as the list itself takes them: `{ status: "approved" }`. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
}

export class Operations {
  /** Where you are notified that executions of plans wait for you. */
  readonly notifications: Notifications;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.notifications = new Notifications(exchange);
  }

  /** Success rate, durations, tokens and cost, by target and day: of the caller's own, for an administrator the tenant's. */
  metrics(query: z.input<typeof MetricsQuery> = {}, { signal }: Abortable = {}): Promise<z.infer<typeof MetricsBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.metrics, query, signal }, MetricsBody);
  }

  /** Whether it is ready; needs no key. With an administrator's key also how it is set up. */
  health({ signal }: Abortable = {}): Promise<z.infer<typeof HealthBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.healthV1, signal }, HealthBody);
  }

  /** For administrators: the index, what is overdue or stands still, dead letters, the sweeper. */
  overview({ signal }: Abortable = {}): Promise<z.infer<typeof OverviewBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.operations, signal }, OverviewBody);
  }

  /**
   * Pauses, resumes, cancels, restarts or redrives all executions that a filter finds. Answers with the execution that does it:
   * its `progress` says how far it is, its output is a `BulkResult`. It is started once for a key, which is drawn where none is given.
   */
  bulk(
    request: Omit<BulkOptions, "dry_run">,
    { idempotencyKey, signal }: Abortable & { readonly idempotencyKey?: string } = {},
  ): Promise<z.infer<typeof AcceptedBody>> {
    const headers = keyHeader(idempotencyKey);
    const call = { endpoint: ENDPOINTS.bulk, body: { ...request, dry_run: false }, headers, repeatable: true, signal };
    return this.#exchange.call(call, AcceptedBody);
  }

  /** For administrators: how long the tenant's ended executions are kept, by status. */
  retention({ signal }: Abortable = {}): Promise<z.infer<typeof RetentionBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getRetention, signal }, RetentionBody);
  }

  /** Days from the end, or "forever"; a status that is not named is kept as the deployment says. */
  setRetention(
    body: z.input<typeof RetentionRequest>,
    { signal }: Abortable = {},
  ): Promise<z.infer<typeof RetentionBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.setRetention, body, repeatable: true, signal }, RetentionBody);
  }

  /** How many executions have which value of a search attribute, the most frequent first. */
  attribute(
    name: string,
    { limit, signal }: Abortable & { readonly limit?: number } = {},
  ): Promise<z.infer<typeof AttributeCountsBody>> {
    const call = { endpoint: ENDPOINTS.countAttribute, params: { attribute: name }, query: { limit }, signal };
    return this.#exchange.call(call, AttributeCountsBody);
  }

  /** How many executions `bulk` would touch now; touches none. */
  bulkCount(request: Omit<BulkOptions, "dry_run">, { signal }: Abortable = {}): Promise<z.infer<typeof BulkCountBody>> {
    const call = { endpoint: ENDPOINTS.bulk, body: { ...request, dry_run: true }, repeatable: true, signal };
    return this.#exchange.call(call, BulkCountBody);
  }

  /**
   * A list as a file, piece by piece as it comes. The last record has nothing but a `next_cursor` where the list is longer
   * than one answer: send it as `cursor`.
   */
  async *export(
    list: keyof typeof LISTS,
    { format, filter = {}, query = {}, signal }: ExportOptions,
  ): AsyncGenerator<string> {
    const call = { endpoint: LISTS[list], query: { ...listQuery(filter), ...query, format }, signal };
    const { body } = await this.#exchange.open(call, signal ?? new AbortController().signal);
    if (!body) return;
    const decoder = new TextDecoder();
    const reader = body.getReader();
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read())
        yield decoder.decode(piece.value, { stream: true });
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }
}
