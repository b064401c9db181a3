/** Schedules as a caller sees them: made, changed, paused, fired now, and what became of their instants. */
import * as z from "zod";
import type { Endpoint } from "../contract/endpoint.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { FiringBody } from "../contract/schedules/bodies.ts";
import { FiringList, NextBody, ScheduleBody, ScheduleList, TriggeredBody } from "../contract/schedules/bodies.ts";
import type { ScheduleChange, ScheduleRequest } from "../contract/schedules/requests.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";
import { keyHeader } from "./transport/start-request.ts";

export type NewSchedule = z.input<typeof ScheduleRequest>;
export type ScheduleRecord = z.infer<typeof ScheduleBody>;
export type ScheduleListed = z.infer<typeof ScheduleList>["items"][number];
export type FiringRecord = z.infer<typeof FiringBody>;

export interface ScheduleFilter extends Abortable {
  readonly status?: "active" | "paused" | "ended";
  readonly target?: string;
}

export class Schedules {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** With a `schedule_id` it is safe to send again: the same request is answered with the schedule that is there. */
  create(body: NewSchedule, { signal }: Abortable = {}): Promise<ScheduleRecord> {
    const repeatable = body.schedule_id !== undefined;
    return this.#exchange.call({ endpoint: ENDPOINTS.createSchedule, body, repeatable, signal }, ScheduleBody);
  }

  get(scheduleId: string, options: Abortable = {}): Promise<ScheduleRecord> {
    return this.#exchange.call(callOf(ENDPOINTS.getSchedule, scheduleId, options), ScheduleBody);
  }

  /** Newest first; pages are fetched as they are needed. */
  async *list({ status, target, signal }: ScheduleFilter = {}): AsyncGenerator<ScheduleListed> {
    let cursor: string | null = null;
    do {
      const query = { status, target, limit: 200, cursor: cursor ?? undefined };
      const call = { endpoint: ENDPOINTS.listSchedules, query, signal };
      const page: z.infer<typeof ScheduleList> = await this.#exchange.call(call, ScheduleList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Only what is given is changed; `null` takes a field away. */
  change(scheduleId: string, body: z.input<typeof ScheduleChange>, options: Abortable = {}): Promise<ScheduleRecord> {
    const call = { ...callOf(ENDPOINTS.changeSchedule, scheduleId, options), body, repeatable: true };
    return this.#exchange.call(call, ScheduleBody);
  }

  async delete(scheduleId: string, options: Abortable = {}): Promise<void> {
    await this.#exchange.call(callOf(ENDPOINTS.deleteSchedule, scheduleId, options), z.unknown());
  }

  pause(scheduleId: string, options: Abortable & { readonly reason?: string } = {}): Promise<ScheduleRecord> {
    const call = { ...callOf(ENDPOINTS.pauseSchedule, scheduleId, options), body: { reason: options.reason } };
    return this.#exchange.call({ ...call, repeatable: true }, ScheduleBody);
  }

  resume(scheduleId: string, options: Abortable = {}): Promise<ScheduleRecord> {
    const call = { ...callOf(ENDPOINTS.resumeSchedule, scheduleId, options), body: {}, repeatable: true };
    return this.#exchange.call(call, ScheduleBody);
  }

  /** Fires now, once, however often the request has to be sent. */
  trigger(
    scheduleId: string,
    options: Abortable & { readonly idempotencyKey?: string } = {},
  ): Promise<z.infer<typeof TriggeredBody>> {
    const headers = keyHeader(options.idempotencyKey);
    const call = { ...callOf(ENDPOINTS.triggerSchedule, scheduleId, options), headers, repeatable: true };
    return this.#exchange.call(call, TriggeredBody);
  }

  /** What became of its instants, newest first. */
  async *history(scheduleId: string, options: Abortable = {}): AsyncGenerator<FiringRecord> {
    let cursor: string | null = null;
    do {
      const query = { limit: 200, cursor: cursor ?? undefined };
      const call = { ...callOf(ENDPOINTS.listFirings, scheduleId, options), query };
      const page: z.infer<typeof FiringList> = await this.#exchange.call(call, FiringList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Its next instants as ISO times, five unless more are asked for. */
  async next(scheduleId: string, options: Abortable & { readonly count?: number } = {}): Promise<string[]> {
    const call = { ...callOf(ENDPOINTS.nextInstants, scheduleId, options), query: { count: options.count } };
    return (await this.#exchange.call(call, NextBody)).instants;
  }
}

function callOf(endpoint: Endpoint, scheduleId: string, { signal }: Abortable) {
  return { endpoint, params: { schedule_id: scheduleId }, signal };
}
