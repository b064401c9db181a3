/**
 * One call: a row of the endpoint table becomes a request, the answer becomes a parsed body or an error. Knows which
 * calls may be repeated.
 *
 * - Repeated by itself: a GET, and a start or restart, because its Idempotency-Key (or the id it names) leads to the
 *   same execution. Nothing else.
 * - Repeated on: no answer, 429 and 503 for `maxElapsedMs`; an error of the server's own (500) twice.
 */
import * as z from "zod";
import type { Endpoint } from "../../contract/endpoint.ts";
import { Problem } from "../../contract/problem.ts";
import { ProblemError, TransportError } from "./errors.ts";
import type { Timing } from "./pace.ts";
import { backOff } from "./pace.ts";

export interface Call {
  readonly endpoint: Endpoint;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** A body that is no JSON, in place of `body`; its type is in `headers`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** How long one try may take; default `answerMs` of the timing. */
  readonly answerMs?: number;
  /** The server may hold the answer this long. */
  readonly holdMs?: number;
  /** The body itself names what it makes: sent twice, it makes it once. */
  readonly repeatable?: boolean;
  /** How long a missing server is put up with; default `maxElapsedMs`. 0: one try. */
  readonly maxElapsedMs?: number;
}

const BOOKMARK = "x-errand-bookmark";
const MAX_TRIES_ON_500 = 3;

export class Exchange {
  readonly timing: Timing;
  readonly #baseUrl: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: typeof fetch;
  /** Of the newest list: the next one reads nothing older, whichever copy of the index answers it. */
  #bookmark: string | undefined;

  constructor({
    baseUrl,
    key,
    fetch,
    timing,
  }: { baseUrl: string; key: string | undefined; fetch: typeof globalThis.fetch | undefined; timing: Timing }) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    // A browser's own fetch must not be called as a method of ours.
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.timing = timing;
  }

  url({ endpoint, params = {}, query = {} }: Pick<Call, "endpoint" | "params" | "query">): string {
    const path = endpoint.path.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(params[name] ?? ""));
    const given = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return `${this.#baseUrl}${path}${search === "" ? "" : `?${search}`}`;
  }

  /** The parsed body; throws `ProblemError` or `TransportError` when trying again is of no use or not safe. */
  async call<S extends z.ZodType>(call: Call, schema: S): Promise<z.infer<S>> {
    const giveUpAt = Date.now() + (call.maxElapsedMs ?? this.timing.maxElapsedMs);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(call, schema);
      } catch (error) {
        if (!isRepeatable(call) || !isPassing(error, attempt) || Date.now() >= giveUpAt) throw error;
        const atLeastMs = error instanceof ProblemError ? error.retryAfterMs : 0;
        await backOff(this.timing, attempt, { atLeastMs, signal: call.signal });
      }
    }
  }

  /** The raw answer, which is good; for streams, whose body is read by the caller. */
  async open(call: Call, signal: AbortSignal): Promise<Response> {
    const { endpoint, body, headers } = call;
    const sent = call.text ?? (body === undefined ? undefined : JSON.stringify(body));
    let response: Response;
    try {
      response = await this.#fetch(this.url(call), {
        method: endpoint.method,
        headers: {
          ...this.#headers,
          ...(endpoint.method === "GET" && this.#bookmark !== undefined ? { [BOOKMARK]: this.#bookmark } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(sent === undefined ? {} : { body: sent }),
        signal,
      });
    } catch (error) {
      throw broken(call, error);
    }
    if (!response.ok && !(await isEnd(call, response))) throw await problemOf(call, response);
    this.#bookmark = response.headers.get(BOOKMARK) ?? this.#bookmark;
    return response;
  }

  async #once<S extends z.ZodType>(call: Call, schema: S): Promise<z.infer<S>> {
    call.signal?.throwIfAborted();
    const late = AbortSignal.timeout((call.answerMs ?? this.timing.answerMs) + (call.holdMs ?? 0));
    const response = await this.open(call, call.signal ? AbortSignal.any([call.signal, late]) : late);
    const json = await (response.status === 204 ? Promise.resolve(null) : response.json()).catch((error: unknown) => {
      throw broken(call, error);
    });
    return schema.parse(json);
  }
}

/** The end of an execution at a node that failed: its answer has a status of failure, and says all that 200 says. */
async function isEnd({ endpoint }: Call, response: Response): Promise<boolean> {
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  if (endpoint.endsOtherwise !== true || !isJson) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return endpoint.answers[200]?.schema.safeParse(body).success === true;
}

/** Why an answer did not come: the caller's own abort as it is, anything else as transport. */
function broken({ endpoint, signal }: Call, cause: unknown): unknown {
  if (signal?.aborted) return signal.reason;
  return new TransportError(
    `${endpoint.method} ${endpoint.path} got no answer: ${cause instanceof Error ? cause.message : cause}`,
    { cause },
  );
}

/** What is no problem of ours (a proxy's page) becomes one by its status. */
async function problemOf({ endpoint }: Call, response: Response): Promise<Error> {
  const text = await response.text().catch(() => "");
  const problem = Problem.safeParse(problemIn(text, response.status));
  if (problem.success) return new ProblemError(problem.data, retryAfterMs(response), JSON.parse(text));
  if (response.status >= 500)
    return new TransportError(`${endpoint.method} ${endpoint.path}: something between us answered ${response.status}`);
  const detail = `${endpoint.method} ${endpoint.path} was answered ${response.status}, and not by Errand.`;
  return new ProblemError({
    type: "about:blank",
    title: "Not an answer of Errand",
    status: response.status,
    detail,
    code: `http_${response.status}`,
    retryable: response.status === 429,
    request_id: response.headers.get("x-request-id") ?? "",
    error: `http_${response.status}`,
    message: detail,
  });
}

/**
 * A refused start says `status: "failed"`, and memory says the status as `code`, as callers of AgentField read them: the number
 * is the response's own, the code of the fault is in `fault`.
 */
function problemIn(text: string, status: number): unknown {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null) return undefined;
    return { ...body, status, ...("fault" in body ? { code: body.fault } : {}), ...fieldsIn(body) };
  } catch {
    return undefined;
  }
}

const Sentences = z.object({
  errors: z.array(z.string()),
  details: z.object({ error: z.object({ details: z.object({ fields: z.unknown().optional() }) }) }),
});

/** Of an agent with a manifest `errors` are sentences: the fields, where there are some, are in its details. */
function fieldsIn(body: object): object {
  const told = Sentences.safeParse(body).data;
  return told ? { errors: told.details.error.details.fields } : {};
}

function isRepeatable({ endpoint, headers, repeatable }: Call): boolean {
  return endpoint.method === "GET" || repeatable === true || headers?.["idempotency-key"] !== undefined;
}

/** Whether the same call may do better in a moment. */
function isPassing(error: unknown, attempt: number): boolean {
  if (error instanceof TransportError) return true;
  if (!(error instanceof ProblemError) || !error.retryable) return false;
  return error.status === 503 || error.status === 429 || attempt < MAX_TRIES_ON_500;
}

/** Seconds only: Errand never sends a date. */
function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get("retry-after"));
  return Number.isFinite(seconds) ? seconds * 1_000 : 0;
}
