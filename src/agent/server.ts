/**
 * The server as the kit calls it: each call is made again until it is answered, with full jitter between the tries and no
 * earlier than the server asks for. What the server refuses is thrown.
 */
import type { z } from "zod";
import { ProblemError, TransportError } from "../client/transport/errors.ts";
import type { Call } from "../client/transport/exchange.ts";
import { Exchange } from "../client/transport/exchange.ts";
import type { Timing } from "../client/transport/pace.ts";
import { backOff, DEFAULT_TIMING } from "../client/transport/pace.ts";
import type { Endpoint } from "../contract/endpoint.ts";
import { POLLING_AGENT_ENDPOINTS } from "../contract/polling-agents/endpoints.ts";
import type { AgentEvent } from "./wire.ts";
import { Registration, ReplyAnswer, WorkAnswer } from "./wire.ts";

export interface ServerOptions {
  readonly url: string;
  readonly key: string | undefined;
  readonly fetch: typeof fetch | undefined;
  readonly timing: Partial<Timing>;
  /** Hears once that the server does not answer, or has no time now, and once that it answers again. */
  readonly onReach: (trouble: Error | undefined) => void;
}

const PACE: Partial<Timing> = { firstBackoffMs: 1_000, maxBackoffMs: 60_000 };

type Called = Pick<Endpoint, "method" | "path">;
const WORK: Called = { method: "GET", path: "/api/agents/{agent_id}/work" };
const EVENTS: Called = { method: "POST", path: "/api/executions/{id}/events" };

export class AgentServer {
  readonly #options: ServerOptions;
  readonly #timing: Timing;
  #exchange: Exchange;
  #isInTrouble = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...PACE, ...options.timing };
    this.#exchange = this.#with(options.key);
  }

  #with(key: string | undefined): Exchange {
    const { url, fetch } = this.#options;
    return new Exchange({ baseUrl: url, key, fetch, timing: this.#timing });
  }

  /** Speaks with this key from now on. */
  use(key: string): void {
    this.#exchange = this.#with(key);
  }

  register(body: object, signal: AbortSignal): Promise<z.infer<typeof Registration>> {
    const call = { endpoint: POLLING_AGENT_ENDPOINTS.registerAgent, body, signal, repeatable: true };
    return this.#until(call, Registration);
  }

  /** Held by the server for at most `waitS` seconds. */
  poll(
    agentId: string,
    { actions, waitS, signal }: { readonly actions: string; readonly waitS: number; readonly signal: AbortSignal },
  ): Promise<z.infer<typeof WorkAnswer>> {
    const query = { supported_actions: actions, wait: waitS };
    const call = { endpoint: WORK as Endpoint, params: { agent_id: agentId }, query, signal };
    return this.#until({ ...call, holdMs: waitS * 1_000 }, WorkAnswer);
  }

  report(
    executionId: string,
    events: readonly AgentEvent[],
    signal: AbortSignal,
  ): Promise<z.infer<typeof ReplyAnswer>> {
    const [only] = events;
    const body = events.length === 1 ? only : { events };
    const call = { endpoint: EVENTS as Endpoint, params: { id: executionId }, body, signal, repeatable: true };
    return this.#until(call, ReplyAnswer);
  }

  async #until<S extends z.ZodType>(call: Call, schema: S): Promise<z.infer<S>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#exchange.call({ ...call, maxElapsedMs: 0 }, schema);
        this.#reached(undefined);
        return answer;
      } catch (error) {
        if (!mayPass(error)) throw error;
        if (call.signal?.aborted !== true) this.#reached(error);
        const atLeastMs = error instanceof ProblemError ? error.retryAfterMs : 0;
        await backOff(this.#timing, attempt, { atLeastMs, signal: call.signal });
      }
    }
  }

  #reached(trouble: Error | undefined): void {
    const isInTrouble = trouble !== undefined;
    if (isInTrouble === this.#isInTrouble) return;
    this.#isInTrouble = isInTrouble;
    this.#options.onReach(trouble);
  }
}

function mayPass(error: unknown): error is Error {
  if (error instanceof TransportError) return true;
  return error instanceof ProblemError && (error.retryable || error.status >= 500 || error.status === 429);
}
