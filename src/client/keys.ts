/** Keys, for administrators: made, listed, revoked. */
import type { z } from "zod";
import type { KeyRequest } from "../contract/access/keys.ts";
import { KeyBody, KeyList, NewKeyBody } from "../contract/access/keys.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

export type NewKey = z.input<typeof KeyRequest>;

export class Keys {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The key itself is in `key` of the answer, and never shown again. */
  create(body: NewKey, { signal }: Abortable = {}): Promise<z.infer<typeof NewKeyBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.createKey, body, signal }, NewKeyBody);
  }

  /** Newest first, revoked ones too; pages are fetched as they are needed. */
  async *list({
    tenant,
    signal,
  }: Abortable & { readonly tenant?: string } = {}): AsyncGenerator<z.infer<typeof KeyBody>> {
    let cursor: string | null = null;
    do {
      const query = { tenant, cursor: cursor ?? undefined };
      const page: z.infer<typeof KeyList> = await this.#exchange.call(
        { endpoint: ENDPOINTS.listKeys, query, signal },
        KeyList,
      );
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** In force everywhere within 30 seconds, open streams included. Revoking twice is as once. */
  revoke(keyId: string, { signal }: Abortable = {}): Promise<z.infer<typeof KeyBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.revokeKey, params: { key_id: keyId }, signal }, KeyBody);
  }
}
