/** The webhook of an execution: how it stands, and a delivery that is sent again. */
import type { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { WebhookBody } from "../contract/webhooks/body.ts";
import { RetriedBody } from "../contract/webhooks/endpoints.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

export class Webhooks {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Deliveries and attempts, the newest 20 of each; `webhook_registered` false where there is no webhook. */
  get(id: string, { signal }: Abortable = {}): Promise<z.infer<typeof WebhookBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getWebhooks, params: { id }, signal }, WebhookBody);
  }

  /** Sends a delivery again; default the newest that was given up, else the newest. */
  retry(
    id: string,
    { delivery, signal }: Abortable & { readonly delivery?: number } = {},
  ): Promise<z.infer<typeof RetriedBody>> {
    const body = delivery === undefined ? {} : { delivery };
    return this.#exchange.call({ endpoint: ENDPOINTS.retryWebhook, params: { id }, body, signal }, RetriedBody);
  }
}
