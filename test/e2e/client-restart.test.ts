/** The client's restarts and ids of one's own, against the real server, through a network that cuts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client } from "../../src/client/index.ts";
import { createClient, ProblemError } from "../../src/client/index.ts";
import { startCuttingProxy } from "../support/processes/cutting-proxy.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

let server: Server;
let client: Client;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-client-restart-"));
  server = await startServer({ stateDir });
  client = createClient({ baseUrl: server.url });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "no refusal",
    (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
  );

test("a restart takes over what was done, and both executions name each other", async () => {
  const source = await client.execute("clock.remind", { message: "m", seconds: 0 });
  const restarted = await client.restart(source.execution_id, { reuse: "all-succeeded", fork: true, reason: "again" });
  expect(restarted).toMatchObject({
    source_execution_id: source.execution_id,
    kind: "fork",
    replay_mode: "all-succeeded",
  });
  const after = await client.wait(restarted.execution_id);
  expect(after).toMatchObject({ status: "succeeded", restarted_from: source.execution_id, replay: { reused: 2 } });
  expect(await client.get(source.execution_id)).toMatchObject({ restarted_as: restarted.execution_id });
});

test("a restart with another input is another run of the program", async () => {
  const source = await client.execute("clock.remind", { message: "m", seconds: 0 });
  const { execution_id } = await client.restart(source.execution_id, { input: { message: "another", seconds: 0 } });
  expect((await client.wait(execution_id)).result).toMatchObject({ message: "another" });
  const wrong = client.restart(source.execution_id, { input: { message: "another", seconds: -1 } });
  expect(await codeOf(wrong)).toBe("invalid_input");
});

test("what goes on cannot be restarted", async () => {
  const { execution_id } = await client.execute("approvals.demo", { claim: "c", amount: 1 });
  expect(await codeOf(client.restart(execution_id))).toBe("invalid_state");
});

test("a start under an id of one's own is that execution", async () => {
  const id = `client_${crypto.randomUUID()}`;
  const first = await client.execute("clock.remind", { message: "m", seconds: 0 }, { id });
  expect(first).toMatchObject({ execution_id: id, status: "succeeded" });
  expect(await client.executeAsync("clock.remind", { message: "m", seconds: 0 }, { id })).toMatchObject({
    execution_id: id,
  });
  const other = client.executeAsync("clock.remind", { message: "other", seconds: 0 }, { id });
  expect(await codeOf(other)).toBe("idempotency_mismatch");
  const both = client.executeAsync("clock.remind", { message: "m", seconds: 0 }, { id, idempotencyKey: "k" });
  expect(await codeOf(both)).toBe("invalid_input");
});

test("where answers are lost, a start under an id and a restart are sent again and happen once", async () => {
  let connections = 0;
  const proxy = await startCuttingProxy(server.url, () => {
    connections += 1;
    return connections % 3 === 0 ? undefined : { afterBytes: connections % 700 };
  });
  try {
    const cut = createClient({ baseUrl: proxy.url, timing: { firstBackoffMs: 5, maxBackoffMs: 50 } });
    for (let n = 0; n < 8; n += 1) {
      const id = `cut_${n}_${crypto.randomUUID()}`;
      await cut.executeAsync("clock.remind", { message: "m", seconds: 0 }, { id });
      await client.wait(id);
      const { execution_id } = await cut.restart(id);
      await client.wait(execution_id);
      const { events } = await client.log(id);
      expect(events.filter(({ type }) => type === "execution.created")).toHaveLength(1);
      expect(events.flatMap(({ type, data }) => (type === "successor.started" ? [data.id] : []))).toEqual([
        execution_id,
      ]);
    }
  } finally {
    await proxy.close();
  }
});
