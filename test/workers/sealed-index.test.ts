/** The index in D1: what people said is sealed there, and is found and shown all the same. */

import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { executionRow, project } from "../../src/registry/projection/projection.ts";
import { openSummary, sealRow } from "../../src/registry/projection/sealed-rows.ts";
import { INDEX, sealerOf } from "../../src/vault/configured.ts";
import { Vault } from "../../src/vault/vault.ts";
import { running } from "../support/log.ts";
import { stateWith } from "../support/state-with.ts";
import { call, hasEnded, until } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

const stored = (id: string) =>
  env.REGISTRY.prepare("SELECT error_message, reason, status FROM executions WHERE id = ?1")
    .bind(id)
    .first<{ error_message: string | null; reason: string | null; status: string }>();

async function listed(query: string): Promise<Record<string, unknown>[]> {
  const { body } = await call("GET", `/api/v1/executions?${query}`);
  return body.items as Record<string, unknown>[];
}

test("a reason in somebody's own words is sealed in its row and shown in lists; a fixed word stays for filters", async () => {
  const started = await call("POST", "/api/v1/execute/async/approvals.demo", { input: { claim: "c", amount: 1 } });
  const id = started.body.execution_id;
  await until("plain", id, ({ body }) => body.status === "waiting");
  await expect.poll(() => stored(id), { timeout: 30_000 }).toMatchObject({ reason: "waiting_for_approval" });
  await call("POST", `/api/v1/executions/${id}/cancel`, { reason: "Ann asked for it" });
  await until("plain", id, hasEnded);
  await expect.poll(async () => (await stored(id))?.status, { timeout: 30_000 }).toBe("cancelled");
  const { reason } = (await stored(id)) ?? {};
  expect(reason?.charCodeAt(0)).toBe(1);
  expect(reason).not.toContain("Ann");
  expect(await listed("status=cancelled&limit=5")).toContainEqual(
    expect.objectContaining({ execution_id: id, status_reason: "cancelled: Ann asked for it" }),
  );
});

test("an error is found by a part of its words, newest first, and each once", async () => {
  const agent = `sealed-${crypto.randomUUID()}`;
  const sealer = sealerOf(env, INDEX);
  const rows = ["The Disk was full", "a network fault", "disk gone", "disk in plain text", null].map(
    (message, index) => {
      const { state } = running();
      if (!state) throw new Error("no state");
      const origin = {
        ...state.origin,
        tenant: "local",
        agent,
        fn: index === 4 ? "disk-check" : "thing",
        id: `exec_${crypto.randomUUID()}`,
      };
      const failed = stateWith(state, { origin, createdAtMs: 1_000 + index, status: "failed" });
      const row = executionRow(message === null ? failed : stateWith(failed, { errorMessage: message }), undefined);
      return index === 3 ? row : sealRow(row, sealer);
    },
  );
  expect(rows.map(({ error_message }) => String(error_message).charCodeAt(0) === 1)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  await project(env.REGISTRY, rows);
  const found = await listed(`agent_id=${agent}&q=DISK`);
  expect(found.map(({ execution_id }) => execution_id)).toEqual([4, 3, 2, 0].map((index) => rows[index]?.id));
  expect(found.at(-1)?.error_message).toBe("The Disk was full");
  const page = await call("GET", `/api/v1/executions?agent_id=${agent}&q=disk&limit=2`);
  expect((page.body.items as { execution_id: string }[]).map((item) => item.execution_id)).toEqual([
    rows[4]?.id,
    rows[3]?.id,
  ]);
  const next = await listed(`agent_id=${agent}&q=disk&limit=2&cursor=${page.body.next_cursor}`);
  expect(next.map(({ execution_id }) => execution_id)).toEqual([rows[2]?.id, rows[0]?.id]);
});

test("a row whose key is not configured holds up no list, and a row's words do not open in another's place", () => {
  const { state } = running();
  if (!state) throw new Error("no state");
  const row = sealRow(executionRow(stateWith(state, { errorMessage: "words" }), undefined), sealerOf(env, INDEX));
  const summary = {
    id: String(row.id),
    tenant: String(row.tenant),
    errorMessage: String(row.error_message),
    reason: null,
  };
  const asSummary = (fields: object) => ({ ...summary, ...fields }) as Parameters<typeof openSummary>[0];
  expect(openSummary(asSummary({}), sealerOf(env, INDEX)).errorMessage).toBe("words");
  const stranger = new Vault({ sealing: undefined, opening: new Map() }).sealerOf(INDEX);
  expect(openSummary(asSummary({}), stranger).errorMessage).toContain("not configured");
  expect(openSummary(asSummary({ id: "exec_other" }), sealerOf(env, INDEX)).errorMessage).not.toBe("words");
});
