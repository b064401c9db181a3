/** The HTTP API as these tests call it: JSON in, JSON out, a wait with an end. */
import { PATIENCE_MS } from "../patience.ts";

export interface Body {
  readonly [field: string]: unknown;
  readonly execution_id: string;
  readonly status: string;
}

export interface Api {
  start(target: string, input: unknown, headers?: Readonly<Record<string, string>>): Promise<Body>;
  run(target: string, input: unknown): Promise<Body>;
  get(id: string): Promise<Body>;
  events(id: string): Promise<{ seq: number; type: string; at: string; data: Record<string, unknown> }[]>;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Asks again and again until `good`, through restarts of the server; throws with the last answer after `limitMs`. */
  until(id: string, good: (body: Body) => boolean, limitMs?: number): Promise<Body>;
}

const ENDED = new Set(["succeeded", "failed", "cancelled", "timeout"]);
export const hasEnded = ({ status }: Body): boolean => ENDED.has(status);

export function apiOf(url: string): Api {
  const call: Api["call"] = async (method, path, body) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(100_000) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const json = async (method: string, path: string, body?: unknown) =>
    (await call(method, path, body)).body as unknown as Body;
  return {
    call,
    run: (target, input) => json("POST", `/api/v1/execute/${target}`, { input }),
    get: (id) => json("GET", `/api/v1/executions/${id}`),
    async start(target, input, headers = {}) {
      const sent = { method: "POST", body: JSON.stringify({ input }), headers };
      for (const end = Date.now() + PATIENCE_MS; ; ) {
        const response = await fetch(`${url}/api/v1/execute/async/${target}`, sent);
        const body = (await response.json()) as Body;
        // A machine with few files says 503 to many at once: then a moment later.
        if (response.status !== 503 || Date.now() > end) return body;
        await sleep(250);
      }
    },
    async events(id) {
      const page = await call("GET", `/api/v1/executions/${id}/events?limit=1000`);
      return page.body.items as Awaited<ReturnType<Api["events"]>>;
    },
    async until(id, good, limitMs = PATIENCE_MS) {
      const end = Date.now() + limitMs;
      let last: unknown;
      while (Date.now() < end) {
        try {
          const body = await json("GET", `/api/v1/executions/${id}`);
          if (good(body)) return body;
          last = body;
        } catch (error) {
          last = error;
        }
        await sleep(100);
      }
      throw new Error(
        `${id} was not as expected after ${limitMs} ms: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
      );
    },
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
