/** Each call of the guide of polling agents, made of the server as the guide writes it and compared key by key. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CAROL_PLAN, CAROL_PLAN_ID, DECOMPOSED_SUBTASKS } from "../support/plans/carol.ts";
import { differences, otherColumns } from "../support/plans/key-by-key.ts";
import {
  COLUMNS,
  COMPLETE,
  COMPLETE_ANSWER,
  ERROR,
  ERROR_ANSWER,
  EVENT_FRAME,
  EXECUTION,
  LARRY,
  MARK,
  PLAN_OF_CALLS,
  PLAN_OF_TWELVE,
  UPDATE_FRAME,
  WORK_ANSWER,
} from "../support/plans/worked-calls.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const ACTIONS = ["send_email", "make_phone_call", "search_google_maps", "document_requirements"];

/** Each scenario has a tenant of its own, so that each may use the ids of the guide. */
class Scene {
  #mark = "";
  larry = "";
  readonly #tenant: string;

  constructor(tenant: string) {
    this.#tenant = `guide-${tenant}`;
  }

  async begin(plan: object, more: object = {}): Promise<this> {
    const key = { subject: MARK, scopes: ["execute", "read"], tenant: this.#tenant } as const;
    this.#mark = (await server.newKey(key)).key;
    const capabilities = [{ action: "send_email", params: ["to", "subject", "body"] }, ...ACTIONS.slice(1)];
    const registered = await this.mark("POST /api/agents/register", { id: LARRY, name: "Larry", capabilities });
    this.larry = String(registered.body.key);
    const { body } = await this.mark("POST /api/plans", plan);
    const started = await this.mark("POST /api/executions", {
      ...{ plan_id: body.plan_id, id: EXECUTION, agent_id: LARRY },
      ...more,
    });
    expect(started.status).toBe(201);
    return this;
  }

  mark(asked: string, body?: unknown): Promise<Got> {
    return call(this.#mark, asked, body);
  }

  /** `curl -X PATCH -d`: a body that is called a form. */
  form(path: string, body: string): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#mark}`, "content-type": "application/x-www-form-urlencoded" };
    return server.send(new Request(`https://errand.test${path}`, { method: "PATCH", headers, body }));
  }

  /** With a token alone, as a page opens it. */
  async stream(): Promise<Response> {
    const { body } = await this.mark("POST /api/v1/tokens", { execution_id: EXECUTION });
    const path = `/api/executions/${EXECUTION}/stream?token=${String(body.token)}`;
    return server.fetch("GET", path, { headers: { upgrade: "websocket" } });
  }

  /** The poll of the guide, until there is work. */
  async work(): Promise<Got> {
    const query = "supported_actions=send_email,make_phone_call,search_google_maps,document_requirements";
    for (;;) {
      const got = await call(this.larry, `GET /api/agents/${LARRY}/work?${query}&wait=10`);
      expect(got.status).toBe(200);
      if (got.body.work_available === true) return got;
    }
  }

  report(event: object): Promise<Got> {
    return call(this.larry, `POST /api/executions/${EXECUTION}/events`, event);
  }

  async done(task_id: string, message: string): Promise<Got> {
    await this.work();
    return this.report({ agent_id: LARRY, event_type: "task_complete", task_id, status: "success", message });
  }
}

function call(key: string, asked: string, body?: unknown): Promise<Got> {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, path, { key, ...(body === undefined ? {} : { body }) });
}

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));

describe("the calls of the guide", () => {
  let scene: Scene;
  let told: Got;

  beforeAll(async () => {
    scene = await new Scene("calls").begin(PLAN_OF_CALLS);
    await scene.done("task_1_0_a", "Called Carol, high interest");
  });

  test("GET /api/agents/{agent_id}/work: 200", async () => {
    const { status, body } = await scene.work();
    expect([status, differences(WORK_ANSWER, body)]).toEqual([200, []]);
  });

  test("POST …/events: an error that asks for a person", async () => {
    told = await scene.report({ event_id: ERROR_ANSWER.event_id, ...ERROR });
    expect([told.status, differences(ERROR_ANSWER, told.body)]).toEqual([201, []]);
  });

  test("POST …/events: a task that is complete", async () => {
    await scene.mark(`POST /api/executions/${EXECUTION}/resolve`, { option: "approve_alternative_email" });
    await scene.work();
    const { status, body } = await scene.report({ event_id: COMPLETE_ANSWER.event_id, ...COMPLETE });
    expect([status, differences(COMPLETE_ANSWER, body)]).toEqual([201, []]);
    const task = (await scene.mark(`GET /api/executions/${EXECUTION}`)).body.tasks as { subtasks: unknown[] }[];
    expect(differences({ status: "COMPLETE", result_data: COMPLETE.output_data }, task[1]?.subtasks[0])).toEqual([]);
  });

  test("GET /api/agents/{agent_id}/work: 204 when there is nothing to do", async () => {
    await scene.done("task_1_1_b", "Carol answered");
    await scene.done("task_1_1_c", "Written down");
    const { status, body } = await call(scene.larry, `GET /api/agents/${LARRY}/work?supported_actions=send_email`);
    expect([status, body.detail]).toEqual([204, ""]);
  });

  test("an event without an id is given one", async () => {
    const { body } = await scene.report({ ...COMPLETE });
    expect(body).toMatchObject({ event_id: expect.stringMatching(/^evt_\w+/), applied: false });
  });

  test("the commands for debugging, as curl sends them", async () => {
    const { body } = await scene.mark(`GET /api/executions/${EXECUTION}`);
    expect(body).toMatchObject({ id: EXECUTION, status: "COMPLETED" });
    const events = await scene.mark(`GET /api/executions/${EXECUTION}/events?limit=10`);
    expect((events.body.items as object[]).length).toBe(6);
    const paused = await new Scene("curl").begin(CAROL_PLAN);
    await paused.mark(`PATCH /api/executions/${EXECUTION}`, { status: "RUNNING" });
    const curl = await paused.form(`/api/executions/${EXECUTION}`, '{"status": "PAUSED"}');
    expect([curl.status, await curl.json()]).toMatchObject([200, { status: "PAUSED" }]);
  });
});

describe("the columns of the guide", () => {
  const rows: Record<string, unknown> = {};

  beforeAll(async () => {
    const scene = await new Scene("columns").begin(CAROL_PLAN);
    const at = `/api/executions/${EXECUTION}`;
    await scene.work();
    await scene.report({ ...COMPLETE });
    const plan = await scene.mark(`GET /api/plans/${CAROL_PLAN_ID}`);
    const [task] = plan.body.tasks as { subtasks: unknown[] }[];
    const execution = await scene.mark(`GET ${at}`);
    const [executionTask] = execution.body.tasks as { subtasks: unknown[] }[];
    const { body } = await scene.mark(`GET ${at}/events`);
    Object.assign(rows, {
      ...{ PlanTask: task, PlanSubtask: task?.subtasks[0], Execution: execution.body, ExecutionTask: executionTask },
      ...{ ExecutionSubtask: executionTask?.subtasks[0], ExecutionEvent: (body.items as unknown[])[0] },
      Agent: (await scene.mark(`GET /api/agents/${LARRY}`)).body,
    });
  });

  test.each(Object.entries(COLUMNS))("%s", (name, columns) => {
    expect(otherColumns(columns, rows[name])).toEqual([]);
  });
});

describe("POST /api/agents/{agent_id}/decompose", () => {
  const REQUEST = {
    task: {
      task_id: "task_1_1",
      title: "Interview Carol about current workflow",
      description: "Understand her breeding records, customer management, puppy tracking workflows",
      assignee_role: "Business Analyst",
    },
    plan_context: {
      goal: "Build custom dog breeder management system",
      business_type: "Dog breeding",
      industry: "Animal husbandry",
      target_customer: "Carol Campion (Bittersweet Farm, border collie breeder, 25+ years experience)",
    },
    agent_capabilities: [
      ...["send_email", "make_phone_call", "schedule_calendar_event", "conduct_interview"],
      ...["document_findings", "analyze_feedback"],
    ],
  };

  // What a model answers with is the guide's, word for word, in test/contract/decomposition.test.ts; here the rule without a model.
  test("has each key of the guide's answer, and its actions and order", async () => {
    const scene = await new Scene("decompose").begin(CAROL_PLAN);
    const { status, body } = await scene.mark(`POST /api/agents/${LARRY}/decompose?wait=20`, REQUEST);
    expect(status).toBe(200);
    const columns = {
      ...{ task_id: "string", decomposition_confidence: "number", decomposed_subtasks: "array" },
      ...{ execution_sequence: "array", notes: "string", warnings: "array" },
    };
    expect(otherColumns(columns, body)).toEqual([]);
    const subtask = {
      ...{ subtask_id: "string", title: "string", action: "string", params: "object" },
      ...{ depends_on: "array", success_criteria: "array" },
    };
    const subtasks = body.decomposed_subtasks as Record<string, unknown>[];
    expect(subtasks.flatMap((each) => otherColumns(subtask, each))).toEqual([]);
    const order = (all: readonly Record<string, unknown>[]) =>
      all.map(({ subtask_id, action, depends_on }) => [subtask_id, action, depends_on]);
    expect(order(subtasks)).toEqual(order(DECOMPOSED_SUBTASKS));
    expect(body.execution_sequence).toEqual(["task_1_1_a", "task_1_1_b", "task_1_1_c"]);
    expect(subtasks[0]).toHaveProperty("failure_handling");
  });
});

test("the frames of the stream: where it stands, and each event under the id of its report", async () => {
  const scene = await new Scene("stream").begin(PLAN_OF_TWELVE);
  for (const n of [0, 1, 2]) await scene.done(`task_0_${n}_a`, "Done.");
  const { webSocket } = await scene.stream();
  const frames: { type: string; progress?: { current_task_id: string }; event_id?: string }[] = [];
  webSocket?.addEventListener("message", ({ data }) => void frames.push(JSON.parse(String(data))));
  webSocket?.accept();
  await scene.work();
  const { body } = await scene.report({ event_id: EVENT_FRAME.event_id, ...COMPLETE });
  expect(body.event_id).toBe(EVENT_FRAME.event_id);
  await scene.done("task_1_1_b", "Interviewed.");
  await scene.work();
  await eventually(async () => {
    const update = frames.findLast(({ progress }) => progress?.current_task_id === "task_1_1_c");
    expect(differences(UPDATE_FRAME, update)).toEqual([]);
  });
  const event = frames.find(({ event_id }) => event_id === EVENT_FRAME.event_id);
  expect(differences(EVENT_FRAME, event)).toEqual([]);
  webSocket?.close();
});
