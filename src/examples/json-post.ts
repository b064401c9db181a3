import type { Json } from "../define/index.ts";
import { InDoubt } from "../define/index.ts";

/** A JSON interface outside, reached by POST. */
export interface JsonPost {
  post(
    path: string,
    body: Json,
    options: { readonly idempotencyKey: string; readonly signal: AbortSignal },
  ): Promise<Json>;
}

/**
 * `baseUrl` comes from the configuration, never from a caller: an input cannot choose where we send. An answer that is
 * not 2xx is an error that names the status. A request without an answer, or with one that cannot be read, is in doubt.
 */
export function jsonPost(baseUrl: string | undefined): JsonPost {
  return {
    async post(path, body, { idempotencyKey, signal }) {
      if (baseUrl === undefined) throw new Error(`no address is configured for this service: set LEDGER_SERVICE_URL`);
      const request = new Request(new URL(path, baseUrl), {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": idempotencyKey },
        body: JSON.stringify(body),
        signal,
      });
      const response = await unlessLost(path, () => fetch(request));
      if (response.ok) return unlessLost(path, () => response.json<Json>());
      await response.body?.cancel();
      throw new Error(`${path} answered ${response.status}`);
    },
  };
}

/**
 * Throws `InDoubt` when an exchange fails: the platform does not tell a refused connection from a cut one, so the call may
 * have arrived.
 */
async function unlessLost<T>(path: string, exchange: () => Promise<T>): Promise<T> {
  try {
    return await exchange();
  } catch (error) {
    throw new InDoubt(`${path} was sent, and no readable answer came: ${String(error)}`);
  }
}
