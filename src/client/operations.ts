/** What operators ask: lists as files. */
import type { Endpoint } from "../contract/endpoint.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { Exchange } from "./exchange.ts";
import type { Abortable, PageOptions } from "./options.ts";
import { listQuery } from "./start-request.ts";

const LISTS = {
  executions: ENDPOINTS.listExecutions,
  approvals: ENDPOINTS.listApprovals,
  sessions: ENDPOINTS.listSessions,
  schedules: ENDPOINTS.listSchedules,
} as const satisfies Readonly<Record<string, Endpoint>>;

export interface ExportOptions extends Abortable {
  readonly format: "csv" | "jsonl";
  /** Of executions. */
  readonly filter?: PageOptions;
  /** Other parameters, as the list itself takes them: `{ status: "approved" }`. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
}

export class Operations {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
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
