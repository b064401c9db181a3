import type { Json } from "../domain/json.ts";

/** A JSON service outside, reached by POST. A non-2xx answer is an error that names the status. */
export interface JsonService {
  post(
    path: string,
    body: Json,
    options: { readonly idempotencyKey: string; readonly signal: AbortSignal },
  ): Promise<Json>;
}

/** `baseUrl` comes from the configuration, never from a caller: an input cannot choose where we send. */
export function jsonService(baseUrl: string | undefined): JsonService {
  return {
    async post(path, body, { idempotencyKey, signal }) {
      if (baseUrl === undefined) throw new Error("no address is configured for this service: set LEDGER_SERVICE_URL");
      const response = await fetch(new URL(path, baseUrl), {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": idempotencyKey },
        body: JSON.stringify(body),
        signal,
      });
      if (response.ok) return (await response.json()) as Json;
      await response.body?.cancel();
      throw new Error(`${path} answered ${response.status}`);
    },
  };
}
