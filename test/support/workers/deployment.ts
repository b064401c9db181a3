/** The Worker as a deployment that answers to keys, or as another isolate of the same one: same data, other memory. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Scope } from "../../../src/domain/execution/principal.ts";
import type { Env } from "../../../src/worker.ts";
import worker from "../../../src/worker.ts";

export const ROOT_KEY = "root-key-of-the-tests-0123456789-abcdef";

export interface Sent {
  readonly key?: string | undefined;
  readonly body?: unknown;
  /** Sent instead of a JSON body. */
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly origin?: string;
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly [field: string]: unknown; readonly detail: string };
}

export interface NewKey {
  readonly name?: string;
  readonly subject?: string;
  readonly scopes: readonly Scope[];
  readonly tenant?: string;
  readonly rate_limit_per_min?: number;
  readonly masked?: boolean;
}

export class Deployment {
  readonly #env: Env;

  constructor(bindings: Partial<Env> = { ERRAND_ROOT_KEY: ROOT_KEY }) {
    const { AUTH_MODE: _open, ...rest } = env;
    this.#env = { ...rest, ...bindings };
  }

  fetch(
    method: string,
    path: string,
    { key, body, form, headers = {}, origin = "https://errand.test" }: Sent = {},
  ): Promise<Response> {
    const sent = { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers };
    const init = {
      method,
      headers: sent,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(form ? { body: form } : {}),
    };
    return Promise.resolve(worker.fetch(new Request(`${origin}${path}`, init), this.#env, createExecutionContext()));
  }

  /** A request as it is. */
  send(request: Request): Promise<Response> {
    return Promise.resolve(worker.fetch(request, this.#env, createExecutionContext()));
  }

  /** JSON in, JSON out; a socket or a stream that opens is closed again. */
  async call(method: string, path: string, sent: Sent = {}): Promise<Got> {
    const response = await this.fetch(method, path, sent);
    const { status, headers, webSocket } = response;
    webSocket?.accept();
    webSocket?.close();
    const isJson = headers.get("content-type")?.includes("json") ?? false;
    if (!isJson) await response.body?.cancel();
    return { status, headers, body: isJson ? await response.json() : { detail: "" } };
  }

  /** Made with the root key. */
  async newKey(request: NewKey): Promise<{ key: string; id: string }> {
    const { status, body } = await this.call("POST", "/api/v1/keys", {
      key: ROOT_KEY,
      body: { name: "a key of the tests", ...request },
    });
    if (status !== 201) throw new Error(`no key was made: ${JSON.stringify(body)}`);
    return { key: String(body.key), id: String(body.key_id) };
  }

  async start(key: string, target: string, input: unknown): Promise<string> {
    const { status, body } = await this.call("POST", `/api/v1/execute/async/${target}`, { key, body: { input } });
    if (status !== 202) throw new Error(`not started: ${JSON.stringify(body)}`);
    return String(body.execution_id);
  }
}
