/** A budget that asks, through HTTP and the inbox, undisturbed, evicted and aborted in the middle. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

const isAsked = ({ body }: { body: { readonly [field: string]: unknown } }) => body.status === "waiting";

describe.each(MODES)("%s", (mode) => {
  const begin = async (budget: object) => {
    const input = { topic: `foxes ${mode}`, paragraphs: 2 };
    const { body } = await call("POST", "/api/v1/execute/async/writer.draft", { input, budget });
    return body.execution_id;
  };
  const answer = (id: string, more: object) => call("POST", `/api/v1/executions/${id}/approval-response`, more);

  test("is raised by a person, by what was shown or by another number, and goes on", async () => {
    const id = await begin({ max_turns: 0, on_exceeded: "pause" });
    await until(mode, id, isAsked);
    const asked = async () => {
      const { body } = await call("GET", "/api/v1/approvals");
      return (body.items as { execution_id: string; payload?: object }[]).find((one) => one.execution_id === id);
    };
    await expect.poll(asked).toMatchObject({ payload: { kind: "budget", limit: "max_turns", now: 0, raise_by: 1 } });
    expect((await answer(id, { decision: "approved", response: { raise_by: 50 } })).status).toBe(200);
    const { body } = await until(mode, id, hasEnded);
    expect(body.status).toBe("succeeded");
    const { body: events } = await call("GET", `/api/v1/executions/${id}/events?limit=500`);
    const raised = (events.items as { type: string; data: object }[]).filter(({ type }) => type === "budget.raised");
    expect(raised.map(({ data }) => data)).toMatchObject([{ limit: "maxTurns", by: 50, to: 50 }]);
    expect(await violations(id)).toEqual([]);
  });

  test("ends where a person says no", async () => {
    const id = await begin({ max_turns: 0, on_exceeded: "pause" });
    await until(mode, id, isAsked);
    await answer(id, { decision: "rejected" });
    const { body } = await until(mode, id, hasEnded);
    expect(body).toMatchObject({ status: "failed", failure_code: "budget_exceeded" });
    expect(await violations(id)).toEqual([]);
  });
});

test("another word than fail and pause is refused with its field", async () => {
  const input = { topic: "foxes", paragraphs: 2 };
  const { status, body } = await call("POST", "/api/v1/execute/writer.draft", {
    input,
    budget: { on_exceeded: "ask" },
  });
  expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining("budget.on_exceeded")]);
});
