/**
 * A node that really listens, and does what the SDKs of AgentField do for a function: it accepts, works, reports until it is heard,
 * calls others and polls for their ends, asks people and waits to be called back. Its two variants differ as the TypeScript and the
 * Python SDK do. Without an SDK.
 */
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FakeNodeOptions, Send } from "./fake-node.ts";
import { FakeNode } from "./fake-node.ts";

type Body = Readonly<Record<string, unknown>>;

/** One dispatch of one function. */
export interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly input: Body;
  readonly executionId: string;
}

/** What a function of the node can do. */
interface NodeContext extends Call {
  /** `ctx.call` and `app.call`: a child, submitted asynchronously and polled for. */
  call(target: string, input: object): Promise<unknown>;
  /** Asks a person, and waits for the callback. */
  pause(requestId: string): Promise<Body>;
}

type NodeFunctions = Readonly<Record<string, (ctx: NodeContext) => unknown>>;

interface Options extends FakeNodeOptions {
  /** Of the deployment under test: asked at each call, because it may move. */
  readonly server: () => string;
  readonly functions: NodeFunctions;
  /** Between two tries and polls. The SDKs' own times, unless a test has less time. */
  readonly pace?: number;
}

const REPLAY = "x-agentfield-replay-";
/** Of a report: before each further try. */
const REPORT_WAITS_MS = [1_000, 2_000, 4_000, 8_000];

export class ServedNode {
  readonly calls: Call[] = [];
  /** Executions that were told to be given up. */
  readonly cancelled: string[] = [];
  readonly #options: Options;
  readonly #pauses = new Map<string, { readonly executionId: string; readonly resolve: (said: Body) => void }>();
  #fake: FakeNode;
  #server: Server | undefined;
  #port = 0;

  private constructor(options: Options) {
    this.#options = options;
    this.#fake = new FakeNode(options);
  }

  static async start(options: Options): Promise<ServedNode> {
    const node = new ServedNode(options);
    await node.up();
    return node;
  }

  get registration() {
    return this.#fake.registration;
  }

  /** Listens, and registers as its SDK does; `instanceId` names the new process. */
  async up(instanceId = this.#options.instanceId): Promise<void> {
    this.#server = createServer(
      (request, response) => void this.#serve(request, response).catch(() => response.destroy()),
    );
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    const named = instanceId === undefined ? {} : { instance_id: instanceId };
    const { more = {} } = this.#options;
    const baseUrl = `http://127.0.0.1:${this.#port}`;
    this.#fake = new FakeNode({
      ...this.#options,
      ...(instanceId === undefined ? {} : { instanceId }),
      baseUrl,
      more: { ...this.#declared(), ...named, ...more },
    });
    await this.#fake.start(this.send);
  }

  #declared() {
    const names = Object.keys(this.#options.functions);
    return { reasoners: names.map((id) => ({ id, input_schema: { type: "object" } })), skills: [] };
  }

  /** Nothing listens any more, and what it worked at is forgotten: the process is gone. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#pauses.clear();
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** One request to the deployment; `headers` beside those of every call. */
  readonly ask = async (what: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [method = "", path = ""] = what.split(" ");
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${this.#options.server()}${path}`, { ...init, signal: AbortSignal.timeout(30_000) });
    const text = await answer.text();
    return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Body };
  };
  readonly send: Send = (method, path, body) => this.ask(`${method} ${path}`, body);

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const json = (status: number, value: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.method === "GET") {
      const known = this.#fake.serve(`${this.#fake.baseUrl}${path}`);
      return json(known?.status ?? 404, await known?.json().catch(() => ({})));
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || "{}") as Body;
    if (path === "/webhooks/approval") return json(200, this.#resumed(body));
    const cancelled = /^\/_internal\/executions\/([^/]+)\/cancel$/.exec(path)?.[1];
    if (cancelled !== undefined) {
      this.cancelled.push(cancelled);
      return json(200, { cancelled: true, execution_id: cancelled });
    }
    const fn = this.#options.functions[path.replace(/^\/(?:reasoners|skills)\//, "")];
    if (!fn) return json(404, { error: `Reasoner not found: ${path}` });
    const { headers } = request;
    const executionId = String(headers["x-execution-id"] ?? "");
    const call = { path, headers, input: body, executionId };
    this.calls.push(call);
    const process = this.#server;
    // What is left of a process that is gone does nothing more.
    const alive = <T>(act: () => Promise<T>) => (this.#server === process ? act() : new Promise<never>(() => {}));
    const ctx: NodeContext = {
      ...call,
      call: (target, input) => alive(() => this.#call(call, target, input)),
      pause: (requestId) => alive(() => this.#pause(call, requestId)),
    };
    // TypeScript accepts only with both ids; Python with the execution's alone.
    const isAsync = executionId !== "" && (this.#fake.sdk === "python" || headers["x-run-id"] !== undefined);
    if (!isAsync) return json(200, await fn(ctx));
    json(202, { status: "processing", execution_id: executionId });
    void this.#work(call, () => fn(ctx));
  }

  async #work({ executionId, headers, path }: Call, fn: () => unknown): Promise<void> {
    const server = this.#server;
    const event = (status: string, more: object = {}) =>
      this.ask("POST /api/v1/workflow/executions/events", {
        ...{ execution_id: executionId, run_id: headers["x-run-id"], workflow_id: headers["x-run-id"] },
        ...{ reasoner_id: path.split("/").at(-1), agent_node_id: this.#fake.id, type: "reasoner", status, ...more },
      }).catch(() => undefined);
    const isPython = this.#fake.sdk === "python";
    // Python tells of every execution twice, beside its report; this word may come late.
    if (isPython) void event("running");
    const began = Date.now();
    const end = await Promise.resolve()
      .then(fn)
      .then(
        (value) => ({ status: "succeeded", result: isPython ? value : wrapped(value) }),
        (error: unknown) => ({ status: "failed", error: error instanceof Error ? error.message : String(error) }),
      );
    // The process that had it is gone.
    if (this.#server !== server) return;
    const body = { ...end, execution_id: executionId, duration_ms: Date.now() - began };
    if (isPython) void event(end.status, "result" in end ? { result: end.result } : { error: end.error });
    await this.#reported(`/api/v1/executions/${executionId}/status`, body);
  }

  /** Up to five times, on anything that is no success. */
  async #reported(path: string, body: object): Promise<void> {
    for (const waitMs of [...REPORT_WAITS_MS, undefined]) {
      const answer = await this.ask(`POST ${path}`, body).catch(() => undefined);
      if ((answer && answer.status < 300) || waitMs === undefined) return;
      await sleep(waitMs * (this.#options.pace ?? 1));
    }
  }

  async #call(from: Call, target: string, input: object): Promise<unknown> {
    const { headers, executionId } = from;
    const run = String(headers["x-run-id"]);
    // SDKs send the headers of a replay along.
    const replay = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (name.startsWith(REPLAY) ? [[name, String(value)]] : [])),
    );
    const own = { ...replay, "X-Run-ID": run, "X-Workflow-ID": run, "X-Parent-Execution-ID": executionId };
    const submit = () =>
      this.ask(`POST /api/v1/execute/async/${target}`, { input }, { ...own, "X-Agent-Node-ID": this.#fake.id });
    // Python submits a second time after an error of the transport.
    const submitted = await submit().catch((error: unknown) => {
      if (this.#fake.sdk !== "python") throw error;
      return submit();
    });
    const { execution_id: id, run_id } = submitted.body;
    if (submitted.status >= 300 || typeof id !== "string") throw new Error(`not submitted: ${submitted.status}`);
    if (this.#fake.sdk === "python" && typeof run_id !== "string") throw new Error("no run_id");
    return this.#polled(from, id);
  }

  /** TypeScript looks at once, and then after a second, doubling to five; Python about each 100 ms. */
  async #polled(from: Call, id: string): Promise<unknown> {
    let tells = false;
    for (let waitMs = this.#fake.sdk === "python" ? 100 : 1_000; ; ) {
      const seen = await this.ask(`GET /api/v1/executions/${id}`).catch(() => undefined);
      const { status, result, error } = seen?.body ?? {};
      if (status === "succeeded") return result;
      if (status === "failed" || status === "cancelled" || status === "timeout")
        throw new Error(String(error ?? status));
      // A chain of callers is told that one beneath waits for a person, and that it goes on.
      if (seen && tells !== (status === "waiting")) {
        tells = status === "waiting";
        const path = `/api/v1/agents/${this.#fake.id}/executions/${from.executionId}/awaiter-status`;
        await this.ask(`POST ${path}`, { status: tells ? "waiting" : "running" }).catch(() => undefined);
      }
      await sleep(waitMs * (this.#options.pace ?? 1));
      waitMs = Math.min(5_000, this.#fake.sdk === "python" ? waitMs : waitMs * 2);
    }
  }

  async #pause({ executionId }: Call, requestId: string): Promise<Body> {
    const decided = new Promise<Body>((resolve) => this.#pauses.set(requestId, { executionId, resolve }));
    const path = `/api/v1/agents/${this.#fake.id}/executions/${executionId}/request-approval`;
    const asked = await this.ask(`POST ${path}`, {
      approval_request_id: requestId,
      callback_url: `${this.#fake.baseUrl}/webhooks/approval`,
      expires_in_hours: 1,
    });
    if (asked.status !== 200) throw new Error(`approval not asked for: ${asked.status}`);
    return decided;
  }

  /** By the id of the request, else by that of the execution. */
  #resumed(body: Body): Body {
    const { approval_request_id, execution_id } = body;
    const byId = this.#pauses.get(String(approval_request_id));
    const [key, pause] = byId
      ? [String(approval_request_id), byId]
      : ([...this.#pauses].find(([, { executionId }]) => executionId === execution_id) ?? ["", undefined]);
    if (!pause) return { status: "received", resolved: false };
    this.#pauses.delete(key);
    pause.resolve(body);
    return { status: "received", resolved: true };
  }
}

/** TypeScript reports objects only. */
function wrapped(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : { result: value };
}
