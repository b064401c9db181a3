/**
 * A node as the SDKs of AgentField run it, without an SDK: what it sends, what it serves, and what it makes of answers. Each
 * behaviour names the call it belongs to; three variants differ as the three SDKs do.
 */
export type Sdk = "typescript" | "python" | "go";

/** Sends a request to the deployment under test; the status and the JSON of its answer. */
export type Send = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;

export interface FakeNodeOptions {
  readonly id: string;
  readonly sdk?: Sdk;
  readonly version?: string;
  readonly baseUrl?: string;
  readonly instanceId?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

export class FakeNode {
  readonly id: string;
  readonly sdk: Sdk;
  readonly version: string;
  /** Python overwrites its own with `resolved_base_url` (POST /nodes/register). */
  baseUrl: string;
  instanceId: string | undefined;
  /** False: nothing listens at its address. */
  serving = true;
  /** What GET /status names as the node; another one's id when the address was taken over. */
  statusId: string;
  /** Looks that reached it (GET /status). */
  looks = 0;
  readonly #more: Readonly<Record<string, unknown>>;

  constructor({ id, sdk = "typescript", version = "1.0.0", baseUrl, instanceId, more = {} }: FakeNodeOptions) {
    this.id = id;
    this.sdk = sdk;
    this.version = version;
    this.baseUrl = baseUrl ?? `http://127.0.0.1:7001/${id}`;
    this.instanceId = instanceId;
    this.statusId = id;
    this.#more = more;
  }

  /** POST /nodes/register: the fields that each SDK sends. */
  get registration() {
    const schema = { type: "object", properties: { message: { type: "string" } } };
    const base = {
      id: this.id,
      version: this.version,
      base_url: this.baseUrl,
      team_id: "default",
      deployment_type: "long_running",
      reasoners: [
        {
          ...{ id: "analyze", input_schema: schema, output_schema: { type: "object" }, tags: ["text", "nlp"] },
          memory_config: { auto_inject: [], memory_retention: "session", cache_results: false },
        },
      ],
      skills: [{ id: "format", input_schema: schema, tags: ["text"] }],
    };
    const bySdk = {
      typescript: {
        public_url: this.baseUrl,
        metadata: { custom: { sdk: { language: "typescript", version: "0.1.0" } } },
      },
      python: {
        callback_discovery: { mode: "python-sdk:auto", preferred: this.baseUrl, callback_candidates: [this.baseUrl] },
        instance_id: this.instanceId ?? "instance-1",
        lifecycle_status: "starting",
        communication_config: { protocols: ["http"], heartbeat_interval: "2s" },
      },
      go: { tags: null, proposed_tags: null, metadata: { deployment: { environment: "development" } } },
    } as const;
    return { ...base, ...bySdk[this.sdk], ...this.#more };
  }

  /** What each SDK does before it serves; throws where the SDK would not start. */
  async start(send: Send): Promise<void> {
    // Go posts to /nodes first, and to /nodes/register when that is not there.
    const first = await send("POST", this.sdk === "go" ? "/api/v1/nodes" : "/api/v1/nodes/register", this.registration);
    const registered = first.status === 404 ? await send("POST", "/api/v1/nodes/register", this.registration) : first;
    if (![200, 201].includes(registered.status)) throw new Error(`not registered: ${registered.status}`);
    const resolved = registered.body.resolved_base_url;
    if (this.sdk === "python" && typeof resolved === "string" && resolved !== "") this.baseUrl = resolved;
    // POST /did/register: 404 is tolerated, anything that is not JSON would not be.
    if (this.sdk !== "go") await send("POST", "/api/v1/did/register", { agent_node_id: this.id });
    // TypeScript does not start when the first heartbeat is not answered with 2xx.
    if (this.sdk === "typescript") await this.#mustBeat(send, "starting");
    if (this.sdk === "go") await this.lease(send, "ready");
    else await this.#mustBeat(send, "ready");
  }

  async #mustBeat(send: Send, status: string): Promise<void> {
    const { status: code } = await this.beat(send, status);
    if (code < 200 || code > 299) throw new Error(`heartbeat ${status}: ${code}`);
  }

  /** POST /nodes/{id}/heartbeat. */
  beat(send: Send, status = "ready") {
    const instance = this.sdk === "python" ? { instance_id: this.instanceId ?? "instance-1" } : {};
    const timestamp = new Date().toISOString();
    return send("POST", `/api/v1/nodes/${this.id}/heartbeat`, {
      status,
      version: this.version,
      timestamp,
      ...instance,
    });
  }

  /** PATCH /nodes/{id}/status, the lease of Go. */
  lease(send: Send, phase = "ready") {
    return send("PATCH", `/api/v1/nodes/${this.id}/status`, { phase, version: this.version, health_score: 100 });
  }

  /** POST /nodes/{id}/shutdown: Python sends no body. */
  shutdown(send: Send) {
    const body = this.sdk === "python" ? undefined : { reason: "shutdown", version: this.version };
    return send("POST", `/api/v1/nodes/${this.id}/shutdown`, body);
  }

  /** What is answered at its address; `undefined` where nothing listens. */
  serve(url: string): Response | undefined {
    if (!this.serving || !url.startsWith(`${this.baseUrl}/`)) return undefined;
    switch (url.slice(this.baseUrl.length)) {
      case "/status":
        this.looks += 1;
        return Response.json({ status: "running", node_id: this.statusId });
      case "/health":
        return Response.json({ status: "healthy" });
      case "/discover": {
        const { reasoners, skills } = this.registration;
        return Response.json({
          node_id: this.id,
          version: this.version,
          deployment_type: "serverless",
          reasoners,
          skills,
        });
      }
    }
    return new Response("Not found", { status: 404 });
  }
}

/** The network in which nodes live: a `fetch` that reaches them and nothing else. */
export class FakeNetwork {
  readonly nodes: FakeNode[] = [];
  /** Addresses that were asked for, in order. */
  readonly asked: string[] = [];

  readonly fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    this.asked.push(url);
    for (const node of this.nodes) {
      const answer = node.serve(url);
      if (answer) return answer;
    }
    throw new TypeError("connection refused");
  };

  add(options: FakeNodeOptions): FakeNode {
    const node = new FakeNode(options);
    this.nodes.push(node);
    return node;
  }
}
