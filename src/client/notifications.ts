/** Where the caller, or its tenant, is notified that executions of plans wait for a person. */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { NotificationBody } from "../contract/notifications/endpoints.ts";
import type { NotificationRequest, NotificationsQuery } from "../contract/notifications/requests.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

export type Notified = z.infer<typeof NotificationBody>;
/** `for: "tenant"`: of executions whose owner has no address; for administrators. Default `"own"`. */
export type NotifiedWhom = z.input<typeof NotificationsQuery> & Abortable;

export class Notifications {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  get({ for: which, signal }: NotifiedWhom = {}): Promise<Notified> {
    const call = { endpoint: ENDPOINTS.getNotifications, query: { for: which }, signal };
    return this.#exchange.call(call, NotificationBody);
  }

  /** Replaces the address that was kept before. */
  set(body: z.input<typeof NotificationRequest>, { for: which, signal }: NotifiedWhom = {}): Promise<Notified> {
    const call = { endpoint: ENDPOINTS.setNotifications, query: { for: which }, body, repeatable: true, signal };
    return this.#exchange.call(call, NotificationBody);
  }

  async remove({ for: which, signal }: NotifiedWhom = {}): Promise<void> {
    const call = { endpoint: ENDPOINTS.removeNotifications, query: { for: which }, repeatable: true, signal };
    await this.#exchange.call(call, z.null());
  }
}
