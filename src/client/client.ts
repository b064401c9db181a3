/** Errand as a caller sees it: a method a call, and three that outlive connections. Runs wherever there is `fetch`. */
import type { z } from "zod";
import type { Endpoint } from "../contract/endpoint.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { ExecutionBody } from "../contract/executions/body.ts";
import type { EventBody } from "../contract/executions/event-body.ts";
import { RestartedBody } from "../contract/executions/restart.ts";
import { ExecutionList } from "../contract/lists.ts";
import {
  AcceptedBody,
  ApprovalStatusBody,
  CancelBody,
  DecisionBody,
  MovedBody,
  NoteList,
  ResolvedBody,
  SignalledBody,
  SignalsBody,
} from "../contract/replies.ts";
import type { Frame } from "../contract/stream/frames.ts";
import type { Json } from "../domain/values/json.ts";
import { Agents } from "./agents.ts";
import type { Catalog, InputOf, OutputOf, TargetOf, UntypedCatalog } from "./catalog.ts";
import { Directory } from "./directory.ts";
import { Keys } from "./keys.ts";
import { Logs } from "./logs.ts";
import { Memory } from "./memory.ts";
import { Nodes } from "./nodes.ts";
import { Operations } from "./operations.ts";
import { Plans } from "./plans.ts";
import { PollingAgents } from "./polling-agents.ts";
import { Queues } from "./queues.ts";
import { Schedules } from "./schedules.ts";
import type { FeedFrame, FeedOptions } from "./stream/feed.ts";
import { Live } from "./stream/live.ts";
import { Threads } from "./threads.ts";
import { cancelledOrEnded } from "./transport/cancel.ts";
import { WaitTimeoutError } from "./transport/errors.ts";
import { Exchange } from "./transport/exchange.ts";
import type {
  Abortable,
  ApprovalAnswer,
  ClientOptions,
  ExecuteOptions,
  Execution,
  ExecutionSummary,
  FollowOptions,
  GetOptions,
  ListFilter,
  Look,
  PageOptions,
  ReasonOptions,
  Resolution,
  RestartOptions,
  StartOptions,
  WaitOptions,
} from "./transport/options.ts";
import { backOff, DEFAULT_TIMING } from "./transport/pace.ts";
import { hasEnded, isAtRest } from "./transport/rest.ts";
import { keyHeader, listQuery, startBody, startHeaders } from "./transport/start-request.ts";
import { Webhooks } from "./webhooks.ts";

/** One hold of a wait: short enough for every proxy. */
const HOLD_MS = 20_000;
/** A condition of the caller's own may come true between two looks, which a held look would not notice. */
const LOOK_AGAIN_MS = 1_000;

/** A client; give it a catalog as type argument to have targets, inputs and outputs checked. */
export function createClient<C extends Catalog<C> = UntypedCatalog>(options: ClientOptions): Client<C> {
  return new Client<C>(options);
}

export class Client<C extends Catalog<C> = UntypedCatalog> {
  readonly keys: Keys;
  readonly memory: Memory;
  readonly schedules: Schedules;
  readonly webhooks: Webhooks;
  readonly nodes: Nodes;
  readonly plans: Plans;
  readonly operations: Operations;
  readonly queues: Queues;
  readonly agents: Agents;
  readonly runAgent: Agents["run"];
  readonly loadAgentManifest: Agents["loadManifest"];
  /** What is kept of an execution: its log, effects, promises, trace, and the lines of nodes. */
  readonly logs: Logs;
  readonly log: Logs["log"];
  readonly effects: Logs["effects"];
  readonly invariants: Logs["invariants"];
  readonly trace: Logs["trace"];
  readonly pollingAgents: PollingAgents;
  readonly threads: Threads;
  readonly chat: Live["chat"];
  readonly directory: Directory;
  readonly #exchange: Exchange;
  readonly #live: Live;

  constructor({ baseUrl, key, fetch, WebSocket, timing }: ClientOptions) {
    this.#exchange = new Exchange({ baseUrl, key, fetch, timing: { ...DEFAULT_TIMING, ...timing } });
    this.keys = new Keys(this.#exchange);
    this.memory = new Memory(this.#exchange);
    this.schedules = new Schedules(this.#exchange);
    this.webhooks = new Webhooks(this.#exchange);
    this.nodes = new Nodes(this.#exchange);
    this.pollingAgents = new PollingAgents(this.#exchange);
    this.plans = new Plans(this.#exchange);
    this.operations = new Operations(this.#exchange);
    this.queues = new Queues(this.#exchange);
    this.agents = new Agents(this.#exchange);
    this.runAgent = this.agents.run.bind(this.agents);
    this.loadAgentManifest = this.agents.loadManifest.bind(this.agents);
    this.logs = new Logs(this.#exchange);
    this.log = this.logs.log.bind(this.logs);
    this.effects = this.logs.effects.bind(this.logs);
    this.invariants = this.logs.invariants.bind(this.logs);
    this.trace = this.logs.trace.bind(this.logs);
    this.threads = new Threads(this.#exchange);
    this.directory = new Directory(this.#exchange);
    const newSocket = WebSocket ?? globalThis.WebSocket;
    this.#live = new Live(this.#exchange, { newSocket, keyed: key !== undefined });
    this.chat = this.#live.chat.bind(this.#live);
  }

  /** Runs a function until it has ended, or until only a person can go on (`waiting`, `blocked`, `paused`). */
  async execute<T extends TargetOf<C>>(
    target: T,
    input: InputOf<C, T>,
    options: ExecuteOptions = {},
  ): Promise<Execution<OutputOf<C, T>>> {
    const { timeoutMs, signal } = options;
    const until = Date.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
    const holdMs = Math.min(timeoutMs ?? HOLD_MS, HOLD_MS);
    const started = await this.#start(target, input, { ...options, holdMs });
    if (isAtRest(started)) return started as Execution<OutputOf<C, T>>;
    const leftMs = Math.max(0, until - Date.now());
    return this.wait<T>(started.execution_id, {
      until: isAtRest,
      signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs: leftMs }),
    });
  }

  /** Starts an execution and returns as soon as it is stored; the execution goes on even if this caller ends. */
  executeAsync<T extends TargetOf<C>>(
    target: T,
    input: InputOf<C, T>,
    options: StartOptions = {},
  ): Promise<z.infer<typeof AcceptedBody>> {
    const { id, signal } = options;
    const sent = { body: startBody(input, options), headers: startHeaders(options), repeatable: id !== undefined };
    const call = { endpoint: ENDPOINTS.executeAsync, params: { target }, ...sent, signal };
    return this.#exchange.call(call, AcceptedBody);
  }

  async get<T extends TargetOf<C>>(
    id: string,
    { waitMs, signal }: GetOptions = {},
  ): Promise<Execution<OutputOf<C, T>>> {
    return this.#look<T>(id, { waitMs, signal });
  }

  /** Waits for an end (or for `until`), through restarts of the server. */
  async wait<T extends TargetOf<C>>(id: string, options: WaitOptions = {}): Promise<Execution<OutputOf<C, T>>> {
    const { timeoutMs = Number.POSITIVE_INFINITY, until = hasEnded, signal } = options;
    const deadline = Date.now() + timeoutMs;
    const longestMs = options.until ? LOOK_AGAIN_MS : HOLD_MS;
    let holdMs = 0;
    for (let attempt = 1; ; attempt++) {
      const askedAt = Date.now();
      const execution = await this.#look<T>(id, { waitMs: holdMs, signal, maxElapsedMs: deadline - askedAt });
      if (until(execution)) return execution;
      if (Date.now() >= deadline) throw new WaitTimeoutError(execution);
      // An answer that came too soon to have been held: something between us does not hold. Do not hurry.
      if (holdMs > 0 && Date.now() - askedAt < holdMs / 10) await backOff(this.#exchange.timing, attempt, { signal });
      else attempt = 0;
      holdMs = Math.max(0, Math.min(longestMs, deadline - Date.now()));
    }
  }

  /** Its events from `after` on, as they happen, to its end; connections may break meanwhile. */
  events(id: string, options: FollowOptions = {}): AsyncGenerator<EventBody> {
    return this.#live.events(id, options);
  }

  /**
   * Its frames: a snapshot, all events from `after` on, updates of status and progress, and the text of turns while it is
   * written (`TurnTexts` folds it), to its end. Connections may break meanwhile. Over server-sent events (where there is
   * no WebSocket) there are no updates.
   */
  stream(id: string, options: FollowOptions = {}): AsyncGenerator<Frame> {
    return this.#live.stream(id, options);
  }

  /** Rows of `list` as they change, without end; connections may break meanwhile. */
  feed(options: FeedOptions = {}): AsyncGenerator<FeedFrame> {
    return this.#live.feed(options);
  }

  /** All executions that fit, newest first; pages are fetched as they are needed. */
  async *list(filter: ListFilter & Abortable = {}): AsyncGenerator<ExecutionSummary> {
    let cursor: string | null = null;
    do {
      const page: z.infer<typeof ExecutionList> = await this.listPage({
        ...filter,
        ...(cursor === null ? {} : { cursor }),
      });
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  listPage(options: PageOptions = {}): Promise<z.infer<typeof ExecutionList>> {
    return this.#exchange.call(
      { endpoint: ENDPOINTS.listExecutions, query: listQuery(options), signal: options.signal },
      ExecutionList,
    );
  }

  cancel(id: string, { reason, signal }: ReasonOptions = {}): Promise<z.infer<typeof CancelBody>> {
    const cancel = () => this.#send(ENDPOINTS.cancel, { id, body: { reason }, signal }, CancelBody);
    return cancelledOrEnded(id, cancel, () => this.#look(id, { signal }));
  }

  pause(id: string, { reason, signal }: ReasonOptions = {}): Promise<z.infer<typeof MovedBody>> {
    return this.#send(ENDPOINTS.pause, { id, body: { reason }, signal }, MovedBody);
  }

  resume(id: string, { reason, signal }: ReasonOptions = {}): Promise<z.infer<typeof MovedBody>> {
    return this.#send(ENDPOINTS.resume, { id, body: { reason }, signal }, MovedBody);
  }

  /** A new execution that follows one which has ended, and does not do again what that one did. */
  restart(id: string, options: RestartOptions = {}): Promise<z.infer<typeof RestartedBody>> {
    const { idempotencyKey, signal, ...body } = options;
    const headers = keyHeader(idempotencyKey);
    return this.#exchange.call({ endpoint: ENDPOINTS.restart, params: { id }, body, headers, signal }, RestartedBody);
  }

  /** Sends a signal to an execution. The signal is kept if no program waits for it yet. */
  signal(id: string, name: string, data: Json = null): Promise<z.infer<typeof SignalledBody>> {
    return this.#send(ENDPOINTS.signal, { id, name, body: { data } }, SignalledBody);
  }

  /** Up to 500 at once, taken in this order: all of them or none. */
  signals(id: string, signals: readonly { name: string; data?: Json }[]): Promise<z.infer<typeof SignalsBody>> {
    return this.#send(ENDPOINTS.signals, { id, body: { signals } }, SignalsBody);
  }

  /** Says what became of an effect in doubt. */
  resolve(id: string, resolution: Resolution): Promise<z.infer<typeof ResolvedBody>> {
    return this.#send(ENDPOINTS.resolve, { id, body: resolution }, ResolvedBody);
  }

  /** Decides the open approval; deciding twice is answered `already_processed`. */
  approve(id: string, answer: ApprovalAnswer): Promise<z.infer<typeof DecisionBody>> {
    return this.#send(ENDPOINTS.approve, { id, body: answer }, DecisionBody);
  }

  approvalStatus(id: string, { signal }: Abortable = {}): Promise<z.infer<typeof ApprovalStatusBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.approvalStatus, params: { id }, signal }, ApprovalStatusBody);
  }

  note(id: string, message: string, tags: readonly string[] = []): Promise<z.infer<typeof NoteList>> {
    return this.#send(ENDPOINTS.addNote, { id, body: { message, tags } }, NoteList);
  }

  async #start(
    target: string,
    input: unknown,
    options: StartOptions & { readonly holdMs: number },
  ): Promise<ExecutionBody> {
    const { holdMs, signal } = options;
    const body = startBody(input, options);
    const headers = startHeaders(options);
    const query = { wait: holdMs / 1_000 };
    const repeatable = options.id !== undefined;
    return this.#exchange.call(
      { endpoint: ENDPOINTS.execute, params: { target }, query, body, headers, signal, holdMs, repeatable },
      ExecutionBody,
    );
  }

  async #look<T extends TargetOf<C>>(id: string, { waitMs = 0, signal, maxElapsedMs }: Look) {
    // Said also where it is none: without it a read of what a node works at is held.
    const query = { wait: waitMs / 1_000 };
    const patience = maxElapsedMs === undefined ? {} : { maxElapsedMs };
    const call = { endpoint: ENDPOINTS.getExecution, params: { id }, query, signal, holdMs: waitMs, ...patience };
    return (await this.#exchange.call(call, ExecutionBody)) as Execution<OutputOf<C, T>>;
  }

  #send<S extends z.ZodType>(
    endpoint: Endpoint,
    { id, name, body, signal }: { id: string; name?: string; body: unknown; signal?: AbortSignal | undefined },
    schema: S,
  ): Promise<z.infer<S>> {
    const params = { id, ...(name === undefined ? {} : { name }) };
    return this.#exchange.call({ endpoint, params, body, signal }, schema);
  }
}
