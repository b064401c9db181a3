/** Agents of a runtime through HTTP, in real workerd: a specialist over tables of D1, and the question to a person before a destructive tool. */
import { applyD1Migrations, evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  await applyD1Migrations(env.EXAMPLES, inject("examplesMigrations"));
});

const asked = ({ body }: { body: { readonly [field: string]: unknown } }) => body.status === "waiting";

describe.each(MODES)("%s", (mode) => {
  const start = async (prompt: string) => {
    const { body } = await call("POST", "/api/v1/execute/async/shop-catalog.run", { input: { prompt } });
    return body.execution_id;
  };

  test("a specialist answers with what its tools find in the tables of the tenant", async () => {
    const { body } = await until(mode, await start("Which kinds of tea do we sell?"), hasEnded);
    expect(body).toMatchObject({ status: "succeeded", type: "execution" });
    expect(JSON.stringify(body.result)).toContain("tea-green");
    expect(await violations(body.execution_id)).toEqual([]);
  });

  test.each(["approved", "rejected"])("a destructive call waits in the inbox, and is %s", async (decision) => {
    const sku = decision === "approved" ? "mug" : "pot-iron";
    const id = await start(`Please discontinue ${sku}.`);
    const { body: waiting } = await until(mode, id, asked);
    const payload = { kind: "tool", agent: "shop-catalog", tool: "discontinue_product", input: { sku } };
    await expect
      .poll(async () => {
        const { body: inbox } = await call("GET", "/api/v1/approvals");
        return (inbox.items as { execution_id: string; payload?: unknown }[]).find((one) => one.execution_id === id);
      })
      .toMatchObject({ payload });
    expect(waiting.status).toBe("waiting");
    await call("POST", `/api/v1/executions/${id}/approval-response`, { decision, feedback: "It sells well." });
    const { body } = await until(mode, id, hasEnded);
    const { results } = await env.EXAMPLES.prepare("SELECT sold FROM shop_products WHERE sku = ?").bind(sku).all();
    const text = JSON.stringify(body.result);
    if (decision === "approved") {
      expect(results).toEqual([{ sold: 0 }]);
      expect(text).toContain(`${sku} is not sold any more`);
    } else {
      expect(results).toEqual([{ sold: 1 }]);
      expect(text).toContain("It sells well.");
    }
    expect(await violations(id)).toEqual([]);
  });

  test("a prompt that does not fit is refused with its field", async () => {
    const { status, body } = await call("POST", "/api/v1/execute/shop-catalog.run", { input: { text: "?" } });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("prompt");
  });

  test("prices are raised: planned over the tables, changed by a person, approved, carried out once, reported", async () => {
    const before = await pricesOf();
    const input = { prompt: `Raise prices of tea by 5 % (${mode})` };
    const { body: begun } = await call("POST", "/api/v1/execute/async/shop-desk.run", { input });
    const first = await openPlan(mode, begun.run_id);
    expect(first.payload).toMatchObject({ kind: "plan", agent: "shop-planner", version: 1 });
    const digest = first.payload_digest;
    await decide(first, { decision: "request_changes", feedback: "Leave tea-white.", payload_digest: digest });
    const second = await openPlan(mode, begun.run_id, 2);
    const { actions, diff } = second.payload as { actions: { input: { sku: string; cents: number } }[]; diff: unknown };
    expect(actions.map(({ input: { sku } }) => sku)).toEqual(["tea-black", "tea-green"]);
    expect(diff).toMatchObject({ kept: 2, removed: [{ input: { sku: "tea-white" } }] });
    expect(await pricesOf()).toEqual(before);
    await decide(second, { decision: "approved" });
    const { body } = await until(mode, begun.execution_id, hasEnded);
    expect(JSON.stringify(body.result)).toContain("2 prices were changed as it was approved.");
    const raised = (sku: string) => Math.round((before.get(sku) ?? 0) * 1.05);
    const after = await pricesOf();
    expect(Object.fromEntries(after)).toEqual({
      ...Object.fromEntries(before),
      ...{ "tea-black": raised("tea-black"), "tea-green": raised("tea-green") },
    });
    let members: { target: string; execution_id: string }[] = [];
    // The index may be late.
    await expect
      .poll(async () => {
        const { body: run } = await call("GET", `/api/v1/executions?run_id=${begun.run_id}`);
        members = run.items as typeof members;
        return members.map(({ target }) => target).toSorted();
      })
      .toEqual(["shop-clerk.execute", "shop-desk.run", "shop-planner.plan"]);
    for (const { execution_id: id } of members) expect(await violations(id)).toEqual([]);
  });
});

async function pricesOf(): Promise<Map<string, number>> {
  // A tenant's shop is stocked by the first look at it.
  const { body } = await call("POST", "/api/v1/execute/shop-catalog.run", {
    input: { prompt: "Which tea do we sell?" },
  });
  expect(body.status).toBe("succeeded");
  const { results } = await env.EXAMPLES.prepare("SELECT sku, cents FROM shop_products ORDER BY sku").all();
  return new Map(results.map(({ sku, cents }) => [String(sku), Number(cents)]));
}

interface Waiting {
  readonly approval_request_id: string;
  readonly execution_id: string;
  readonly run_id: string;
  readonly payload: { readonly [field: string]: unknown };
  readonly payload_digest: string;
}

async function openPlan(mode: (typeof MODES)[number], runId: unknown, version = 1): Promise<Waiting> {
  let found: Waiting | undefined;
  await expect
    .poll(async () => {
      if (mode === "sleepwalking") await evictAllDurableObjects();
      const { body } = await call("GET", "/api/v1/approvals");
      found = (body.items as Waiting[]).find((one) => one.run_id === runId && one.payload?.version === version);
      return found;
    })
    .toBeDefined();
  if (!found) throw new Error("no plan");
  return found;
}

async function decide({ execution_id: id, approval_request_id }: Waiting, answer: object): Promise<void> {
  const { status, body } = await call("POST", `/api/v1/executions/${id}/approval-response`, {
    ...answer,
    approval_request_id,
  });
  expect([status, body]).toEqual([200, expect.anything()]);
}
