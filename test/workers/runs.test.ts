/** Runs in real workerd: the tree right after a synchronous answer, roots that share a run, the end of all of it. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { call, hasEnded, until, violations } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

interface Node {
  readonly execution_id: string;
  readonly status: string;
  readonly reasoner_id: string;
  readonly workflow_depth: number;
  readonly parent_execution_id?: string;
  readonly children: readonly Node[] | null;
  readonly notes: readonly { message: string }[];
  readonly notes_count: number;
}
interface Dag {
  readonly dag: Node;
  readonly roots: readonly Node[];
  readonly timeline: readonly Node[];
  readonly total_nodes: number;
  readonly max_depth: number;
  readonly workflow_status: string;
}

let runs = 0;
const newRun = (): string => `run-of-test-${++runs}-${crypto.randomUUID()}`;

interface Start {
  readonly target: string;
  readonly input: unknown;
  readonly run: string;
  readonly parent?: string;
  readonly session?: string;
  readonly wait?: boolean;
}

async function start({ target, input, run, parent, session, wait = false }: Start): Promise<string> {
  const headers = {
    "x-run-id": run,
    ...(parent === undefined ? {} : { "x-parent-execution-id": parent }),
    ...(session === undefined ? {} : { "x-session-id": session }),
  };
  const path = `/api/v1/execute/${wait ? "" : "async/"}${target}`;
  const init = { method: "POST", headers, body: JSON.stringify({ input }) };
  const response = await exports.default.fetch(new Request(`http://localhost${path}`, init));
  const body = (await response.json()) as { execution_id: string };
  expect(body.execution_id).toMatch(/^exec_/);
  return body.execution_id;
}

async function dagOf(run: string, query = ""): Promise<Dag> {
  const { status, body } = await call("GET", `/api/v1/runs/${run}/dag${query}`);
  expect(status).toBe(200);
  return body as unknown as Dag;
}

const claim = (name: string) => ({ target: "approvals.demo", input: { claim: name, amount: 1 } });
const waits = (id: string) => until("plain", id, ({ body }) => body.status === "waiting");
const triage = {
  target: "support-agent.triage",
  input: { customer_id: "cust_1", message: "This is the third time I am calling!" },
};

/** Until the index has as many rows of the run. */
async function indexed(run: string, count: number): Promise<void> {
  const rows = env.REGISTRY.prepare("SELECT count(*) AS n FROM executions WHERE run_id = ?").bind(run);
  await expect.poll(() => rows.first("n")).toBe(count);
}

describe("a run's tree", () => {
  test("is right the moment a synchronous answer is there: root, children, ends, depths", async () => {
    for (let round = 0; round < 5; round += 1) {
      const run = newRun();
      const id = await start({ ...triage, run, wait: true });
      const { dag, timeline, roots, total_nodes, max_depth, workflow_status } = await dagOf(run);
      expect(dag).toMatchObject({ execution_id: id, status: "succeeded", workflow_depth: 0 });
      expect(dag.children?.map(({ reasoner_id, status }) => [reasoner_id, status])).toEqual([
        ["analyze_sentiment", "succeeded"],
        ["create_ticket", "succeeded"],
      ]);
      expect(timeline.map(({ workflow_depth, children }) => [workflow_depth, children])).toEqual([
        [0, null],
        [1, null],
        [1, null],
      ]);
      expect({ roots, total_nodes, max_depth, workflow_status }).toEqual({
        roots: [],
        total_nodes: 3,
        max_depth: 1,
        workflow_status: "succeeded",
      });
    }
  });

  test("does not need the index for what is under a root that the index knows", async () => {
    const run = newRun();
    const root = await start({ ...claim("root"), run });
    await waits(root);
    await indexed(run, 1);
    const child = await start({ ...claim("child"), run, parent: root, wait: true });
    const leaf = await start({ ...claim("leaf"), run, parent: child, wait: true });
    await indexed(run, 3);
    // As if the projection had lost them for a while.
    await env.REGISTRY.prepare("DELETE FROM executions WHERE id IN (?, ?)").bind(child, leaf).run();
    const { dag, total_nodes, max_depth } = await dagOf(run);
    expect(dag.children?.[0]).toMatchObject({ execution_id: child, status: "waiting", workflow_depth: 1 });
    expect(dag.children?.[0]?.children?.[0]).toMatchObject({ execution_id: leaf, parent_execution_id: child });
    expect({ total_nodes, max_depth }).toEqual({ total_nodes: 3, max_depth: 2 });
    // And upwards: only the leaf's row is there.
    await env.REGISTRY.prepare("DELETE FROM executions WHERE run_id = ?").bind(run).run();
    await env.REGISTRY.prepare(
      `INSERT OR REPLACE INTO executions (tenant, id, seq, owner, agent, fn, kind, status, run_id, parent_id, created_at_ms, updated_at_ms, turns, tokens, cost_usd)
       VALUES ('local', ?, 1, 'local', 'approvals', 'demo', 'reasoner', 'running', ?, ?, 1, 1, 0, 0, 0)`,
    )
      .bind(leaf, run, child)
      .run();
    expect((await dagOf(run)).dag).toMatchObject({ execution_id: root, children: [{ execution_id: child }] });
  });

  test("takes the word of a live execution over a stale row", async () => {
    const run = newRun();
    const id = await start({ ...claim("stale"), run });
    await waits(id);
    await indexed(run, 1);
    await call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved" });
    await until("plain", id, hasEnded);
    await env.REGISTRY.prepare("UPDATE executions SET status = 'waiting', seq = 1 WHERE id = ?").bind(id).run();
    expect((await dagOf(run)).dag.status).toBe("succeeded");
  });

  test("has a child that names an ended parent: within a second, from the index, below its parent", async () => {
    const run = newRun();
    const root = await start({ ...triage, run, wait: true });
    await indexed(run, 3);
    const late = await start({ ...claim("late"), run, parent: root, wait: true });
    await indexed(run, 4);
    // As if all of it had ended long ago: then the index alone is asked.
    await env.REGISTRY.prepare("UPDATE executions SET updated_at_ms = 1 WHERE run_id = ? AND id <> ?")
      .bind(run, late)
      .run();
    const { dag, roots, total_nodes, max_depth } = await dagOf(run);
    expect({ total_nodes, max_depth, roots }).toEqual({ total_nodes: 4, max_depth: 1, roots: [] });
    expect(dag.execution_id).toBe(root);
    expect(dag.children?.map(({ execution_id }) => execution_id)).toContain(late);
    const found = dag.children?.find(({ execution_id }) => execution_id === late);
    expect(found).toMatchObject({ status: "waiting", parent_execution_id: root, workflow_depth: 1 });
  });

  test("has several roots when executions share only the run id: the earliest is `dag`", async () => {
    const run = newRun();
    const first = await start({ ...claim("one"), run, wait: true });
    const second = await start({ ...claim("two"), run, wait: true });
    const child = await start({ ...claim("of two"), run, parent: second, wait: true });
    const orphan = await start({ ...claim("orphan"), run, parent: "somebody-elses-id", wait: true });
    await indexed(run, 4);
    const { dag, roots, timeline, workflow_status } = await dagOf(run);
    expect(dag.execution_id).toBe(first);
    expect(roots.map(({ execution_id }) => execution_id)).toEqual([second, orphan]);
    expect(roots[0]?.children?.[0]?.execution_id).toBe(child);
    expect(timeline.map(({ execution_id }) => execution_id)).toEqual([first, second, child, orphan]);
    expect(workflow_status).toBe("running");
  });

  test("shows notes; the lightweight form leaves tree and notes out", async () => {
    const run = newRun();
    const id = await start({ ...claim("noted"), run, wait: true });
    await call("POST", `/api/v1/executions/${id}/notes`, { message: "first", tags: ["a"] });
    await call("POST", `/api/v1/executions/${id}/notes`, { message: "second" });
    const full = await dagOf(run);
    expect(full.dag).toMatchObject({ notes_count: 2, latest_note: { message: "second" } });
    expect(full.dag.notes.map(({ message }) => message)).toEqual(["first", "second"]);
    for (const query of ["?lightweight=1", "?mode=lightweight"]) {
      const light = await dagOf(run, query);
      expect(light).toMatchObject({ mode: "lightweight", unique_agent_node_ids: ["approvals"], total_nodes: 1 });
      expect(light).not.toHaveProperty("dag");
      expect(light.timeline[0]).not.toHaveProperty("notes");
    }
  });

  test("is the same under /workflows and for the UI's path; an unknown run is 404", async () => {
    const run = newRun();
    await start({ ...claim("same"), run, wait: true });
    const body = await dagOf(run);
    for (const path of [`/api/v1/workflows/${run}/dag`, `/api/ui/v1/workflows/${run}/dag`])
      expect((await call("GET", path)).body).toEqual(body);
    expect((await call("GET", `/api/v1/workflows/${run}`)).body).toEqual(
      (await call("GET", `/api/v1/runs/${run}`)).body,
    );
    const unknown = await call("GET", "/api/v1/runs/no-such-run/dag");
    expect(unknown).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});

test("a run's summary counts what it is made of; paused wins over running, running over ends", async () => {
  const run = newRun();
  const waiting = await start({ ...claim("w"), run, wait: true });
  const ended = await start({ ...triage, run, wait: true });
  await indexed(run, 4);
  const running = await call("GET", `/api/v1/runs/${run}`);
  expect(running.body).toMatchObject({
    run_id: run,
    workflow_id: run,
    status: "running",
    status_counts: { waiting: 1, succeeded: 3 },
    total_executions: 4,
    active_executions: 1,
    max_depth: 1,
    roots: [{ execution_id: waiting, target: "approvals.demo" }, { execution_id: ended }],
  });
  expect(running.body).not.toHaveProperty("finished_at");
  await call("POST", `/api/v1/executions/${waiting}/pause`, {});
  expect((await call("GET", `/api/v1/runs/${run}`)).body.status).toBe("paused");
  await call("POST", `/api/v1/executions/${waiting}/cancel`, {});
  const over = await call("GET", `/api/v1/runs/${run}`);
  expect(over.body).toMatchObject({ status: "cancelled", active_executions: 0 });
  expect(over.body).toHaveProperty("finished_at");
});

describe("cancel-tree", () => {
  test("ends everything that lives, leaves first, and says what became of each", async () => {
    const run = newRun();
    const root = await start({ ...claim("root"), run, wait: true });
    const child = await start({ ...claim("child"), run, parent: root, wait: true });
    const leaf = await start({ ...claim("leaf"), run, parent: child, wait: true });
    const done = await start({ ...triage, run, parent: root, wait: true });
    const other = await start({ ...claim("other root"), run, wait: true });
    await indexed(run, 7);
    const { status, body } = await call("POST", `/api/v1/workflows/${run}/cancel-tree`, { reason: "enough" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ run_id: run, total_nodes: 7, cancelled_count: 4, skipped_count: 3, error_count: 0 });
    const results = body.nodes as { execution_id: string; result: string; previous_status: string }[];
    expect(results.find(({ execution_id }) => execution_id === done)?.result).toBe("skipped");
    const ends: string[] = [];
    for (const id of [leaf, child, root, other]) {
      expect(results.find((node) => node.execution_id === id)).toMatchObject({
        result: "cancelled",
        previous_status: "waiting",
        status: "cancelled",
      });
      const { body: one } = await call("GET", `/api/v1/executions/${id}`);
      expect(one).toMatchObject({ status: "cancelled", status_reason: expect.stringContaining("enough") });
      ends.push(String(one.finished_at));
      expect(await violations(id)).toEqual([]);
    }
    expect(ends.slice(0, 3)).toEqual(ends.slice(0, 3).toSorted());
    const again = await call("POST", `/api/v1/runs/${run}/cancel-tree`, {});
    expect(again.body).toMatchObject({ cancelled_count: 0, skipped_count: 7, error_count: 0 });
  });

  test("of an unknown run is 404", async () => {
    expect((await call("POST", "/api/v1/runs/no-such-run/cancel-tree", {})).status).toBe(404);
  });
});

test("active runs: those in which something goes on, with what they are made of", async () => {
  const session = `session-${crypto.randomUUID()}`;
  const [quiet, busy] = [newRun(), newRun()];
  await start({ ...triage, run: quiet, session, wait: true });
  const id = await start({ ...claim("busy"), run: busy, session, wait: true });
  const { body } = await eventually(async () => {
    const found = await call("GET", `/api/v1/executions/active?session_id=${session}&limit=10`);
    expect(found.body).toMatchObject({ count: 1, runs: [{ status_counts: { waiting: 1 } }] });
    return found;
  });
  expect(body).toMatchObject({
    count: 1,
    runs: [
      {
        run_id: busy,
        root_execution_id: id,
        target: "approvals.demo",
        agent_id: "approvals",
        reasoner_id: "demo",
        root_status: "waiting",
        active_executions: 1,
        total_executions: 1,
        status_counts: { waiting: 1 },
        session_id: session,
      },
    ],
  });
  expect((await call("GET", `/api/v1/executions/active?session_id=${session}&agent_id=nobody`)).body.count).toBe(0);
  expect((await call("GET", "/api/v1/executions/active?limit=201")).status).toBe(400);
  for (const field of ["session_id", "agent_id"]) {
    const [longest, longer] = ["x".repeat(256), "x".repeat(257)];
    expect((await call("GET", `/api/v1/executions/active?${field}=${longest}`)).status).toBe(200);
    const refused = await call("GET", `/api/v1/executions/active?${field}=${longer}`);
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_input", errors: [{ path: field }] } });
    expect(refused.body.detail).toContain("256");
  }
});
