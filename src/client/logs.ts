/** What is kept of an execution, for audits: its log, its effects, the promises, its trace, and the lines of nodes. */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { EffectBody } from "../contract/executions/body.ts";
import { TraceBody } from "../contract/executions/trace-body.ts";
import type { LogLine } from "../contract/nodes/logs.ts";
import { LogsBody } from "../contract/nodes/logs.ts";
import { LogBody } from "../contract/replies.ts";
import { InvariantReport } from "../domain/invariants/invariants.ts";
import { allEffects } from "./effects.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

const Reports = z.object({ items: z.array(InvariantReport) });

export class Logs {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The whole run for an audit: input, events, effects, result. */
  log(id: string, { signal }: Abortable = {}): Promise<z.infer<typeof LogBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getLog, params: { id }, signal }, LogBody);
  }

  /** Every touch of the outside; pages are fetched one after the other. */
  effects(id: string, { signal }: Abortable = {}): Promise<z.infer<typeof EffectBody>[]> {
    return allEffects(this.#exchange, id, signal);
  }

  /** The promises P1 to P8, checked on this execution's log. */
  async invariants(id: string, { signal }: Abortable = {}): Promise<InvariantReport[]> {
    return (await this.#exchange.call({ endpoint: ENDPOINTS.checkInvariants, params: { id }, signal }, Reports)).items;
  }

  /** Its log as spans of OpenTelemetry, in the JSON form of OTLP: what a collector takes at `/v1/traces`. */
  trace(id: string, { signal }: Abortable = {}): Promise<z.infer<typeof TraceBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getTrace, params: { id }, signal }, TraceBody);
  }

  /** The lines that nodes wrote about an execution, in the order in which they came; pages are fetched as they are needed. */
  async *lines(id: string, { signal }: Abortable = {}): AsyncGenerator<LogLine> {
    for (let after: number | null = 0; after !== null; ) {
      const call = { endpoint: ENDPOINTS.listLogs, params: { id }, query: { after }, signal };
      const page: z.infer<typeof LogsBody> = await this.#exchange.call(call, LogsBody);
      yield* page.logs;
      after = page.next_after;
    }
  }
}
