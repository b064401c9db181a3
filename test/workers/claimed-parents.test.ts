/** What a child says of its parent is a stranger's word: it leads nobody to another user's execution. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import type { Scope } from "../../src/domain/execution/principal.ts";
import { Scope as Scopes } from "../../src/domain/execution/principal.ts";
import { eventually } from "../support/eventually.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const USER = Scopes.options.filter((scope) => scope !== "admin");

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

async function keyOf(subject: string, scopes: readonly Scope[]): Promise<string> {
  return (await server.newKey({ tenant: "claimed", subject, scopes })).key;
}

test("an administrator's restart and picture of a run follow only edges that the parent's log holds", async () => {
  const [olga, ivan, ada] = await Promise.all([keyOf("olga", USER), keyOf("ivan", USER), keyOf("ada", ["admin"])]);
  const run = { "x-run-id": "run_claimed" };
  const start = (key: string, body: object, headers: Record<string, string> = {}) =>
    server.call("POST", "/api/v1/execute/clock.remind", { key, body, headers: { ...run, ...headers } });
  const input = { message: "m", seconds: 0 };
  // Olga names a parent that is not there yet; then Ivan gets that name.
  const child = await start(olga, { input }, { "x-parent-execution-id": "ivans-own" });
  expect(child).toMatchObject({ status: 200, body: { status: "succeeded" } });
  expect(await start(ivan, { input, id: "ivans-own" })).toMatchObject({ status: 200 });
  const listed = async () => {
    const { body } = await server.call("GET", "/api/v1/executions?run_id=run_claimed", { key: ada });
    expect(body.items).toHaveLength(2);
  };
  await eventually(listed);
  const dag = (await server.call("GET", "/api/v1/runs/run_claimed/dag", { key: ada })).body;
  expect((dag.dag as { children?: unknown[] }).children ?? []).toEqual([]);
  const id = String(child.body.execution_id);
  const restarted = await server.call("POST", `/api/v1/executions/${id}/restart`, { key: ada, body: {} });
  expect(restarted).toMatchObject({ status: 202, body: { source_execution_id: id } });
  const mine = await server.call("GET", "/api/v1/executions/ivans-own", { key: ivan });
  expect(JSON.stringify(mine.body)).not.toContain(String(restarted.body.execution_id));
});
