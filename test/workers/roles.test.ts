/** Agents of a runtime through HTTP, in real workerd: a specialist over tables of D1, and the question to a person before a destructive tool. */
import { applyD1Migrations } from "cloudflare:test";
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
});
