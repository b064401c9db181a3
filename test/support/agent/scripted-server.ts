/** A server of polling agents in memory, as a `fetch`: it gives out what a test hands it, and remembers what it was told. */
import type { AgentEvent, Reply } from "../../../src/agent/wire.ts";

type Answer = Partial<Omit<Reply, "lease">> & {
  readonly lease?: { readonly lease_id: string; readonly seconds: number } | null;
};
type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
};

export interface Given {
  readonly task_id?: string;
  readonly action?: string;
  readonly params?: object;
  readonly seconds?: number;
  readonly idempotent?: boolean;
  readonly timeout_hours?: number;
}

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  Response.json(
    {
      ...{ type: `/docs#${code}`, title: code, status, detail: `${code} it is`, code, retryable: status >= 429 },
      ...{ request_id: "req", error: code, message: code },
    },
    { status, headers },
  );

export class ScriptedServer {
  readonly events: AgentEvent[] = [];
  readonly batches: number[] = [];
  readonly asked: Asked[] = [];
  readonly keys: (string | null)[] = [];
  /** Handed out by the polls, in order. */
  readonly work: object[] = [];
  /** What an event is answered; default: applied. */
  answers: (event: AgentEvent) => Answer = () => ({});
  /** Instead of the answer, when it gives one. */
  interfere: (asked: Asked) => Response | undefined | Promise<Response | undefined> = () => undefined;
  /** Given out, and not begun as far as the server has heard: offered again. */
  readonly #given: object[] = [];
  /** An answer may be lost: what was not begun is offered again. */
  offersAgain = false;
  #tasks = 0;

  /** Puts a subtask into the line. */
  give({ task_id = "task_1_a", action = "greet", params = {}, seconds = 60, ...more }: Given = {}): string {
    this.#tasks += 1;
    const lease = { lease_id: `lease_${this.#tasks}`, epoch: 1, seconds };
    const key = `exec_1/${task_id}`;
    const next_task = { task_id, title: `Do ${task_id}`, action, params, attempt: 1, idempotency_key: key, ...more };
    const flags = { force_pause: false, force_cancel: false };
    this.work.push({ work_available: true, execution_id: "exec_1", plan_id: "plan_1", next_task, lease, ...flags });
    return key;
  }

  /** Of one task, in order, without heartbeats. */
  told(taskId = "task_1_a"): string[] {
    const own = this.events.filter(({ task_id, event_type }) => task_id === taskId && event_type !== "heartbeat");
    return own.map(({ event_type }) => event_type);
  }

  last(type: AgentEvent["event_type"]): AgentEvent | undefined {
    return this.events.findLast(({ event_type }) => event_type === type);
  }

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    const text = await request.text();
    const asked = {
      method: request.method,
      path: pathname,
      query: searchParams,
      body: text === "" ? undefined : JSON.parse(text),
    };
    this.asked.push(asked);
    this.keys.push(request.headers.get("authorization"));
    const instead = await this.interfere(asked);
    if (instead) return instead;
    if (pathname === "/api/agents/register") return Response.json({ id: asked.body.id });
    if (pathname.endsWith("/work")) return this.#poll(init?.signal ?? undefined);
    return this.#report(asked.body);
  };

  async #poll(signal: AbortSignal | undefined): Promise<Response> {
    const next = this.work.shift() ?? this.#again();
    if (next) {
      this.#given.push(next);
      return Response.json(next);
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, 20);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
    return new Response(null, { status: 204 });
  }

  #again(): object | undefined {
    if (!this.offersAgain) return undefined;
    const begun = new Set(this.events.map(({ lease_id }) => lease_id));
    const open = this.#given
      .splice(0)
      .filter((given) => !begun.has((given as { lease: { lease_id: string } }).lease.lease_id));
    this.#given.push(...open.slice(1));
    return open[0];
  }

  #report(body: AgentEvent | { readonly events: readonly AgentEvent[] }): Response {
    const events = "events" in body ? body.events : [body];
    this.batches.push(events.length);
    const results = events.map((event) => {
      const isNew = !this.events.some(({ event_id }) => event_id === event.event_id);
      if (isNew) this.events.push(event);
      return {
        event_id: event.event_id,
        applied: true,
        force_pause: false,
        force_cancel: false,
        ...this.answers(event),
      };
    });
    return Response.json("events" in body ? { results } : results[0], { status: 201 });
  }
}
