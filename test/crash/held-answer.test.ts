/**
 * The hardest moment, made certain: the bank has done its work, its answer is on the way, and the process dies.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DemoBank } from "../../src/examples/demo-bank.ts";
import { startDemoBank } from "../../src/examples/demo-bank.ts";
import type { Api } from "../support/processes/api.ts";
import { apiOf, hasEnded } from "../support/processes/api.ts";
import type { Messenger } from "../support/processes/messenger.ts";
import { startMessenger } from "../support/processes/messenger.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

let bank: DemoBank;
let messenger: Messenger;
let server: Server;
let api: Api;
let stateDir: string;
/** The path whose next answer is kept back, and what to tell when that happens. */
let hold: { readonly path: string; readonly held: () => void } | undefined;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-held-"));
  bank = await startDemoBank({ port: 0 });
  messenger = await startMessenger(bank.url, {
    withholds: (path) => {
      const now = hold;
      if (!now || path !== now.path) return false;
      hold = undefined;
      now.held();
      return true;
    },
  });
  const env = { ERRAND_HEARTBEAT_MS: "1000", LEDGER_SERVICE_URL: messenger.url };
  server = await startServer({ stateDir, env });
  api = apiOf(server.url);
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  messenger?.close();
  await bank?.close();
  await rm(stateDir, { recursive: true, force: true });
});

/** Starts a transfer, waits until the bank has worked on `path`, kills the server with the answer still on its way. */
async function killedBeforeTheAnswerOf(path: string, transferId: string): Promise<string> {
  const held = new Promise<void>((resolve) => {
    hold = { path, held: resolve };
  });
  const started = await api.start("ledger.transfer", { transfer_id: transferId, from: "a", to: "b", amount: 7 });
  await held;
  await server.restart();
  return started.execution_id;
}

test("an effect that is not safe to repeat waits for a person, who knows that it happened", async () => {
  const id = await killedBeforeTheAnswerOf("/transfer", "held-transfer");
  const waiting = await api.until(id, ({ status }) => status === "waiting");
  expect(waiting.status_reason).toBe("effect_in_doubt");
  expect(waiting.waiting_for).toMatchObject({ type: "review", options: ["retry", "succeeded", "failed"] });
  const effects = await api.call("GET", `/api/v1/executions/${id}/effects`);
  expect(effects.body.items).toContainEqual(
    expect.objectContaining({ key: "transfer", status: "in_doubt", attempts: 1 }),
  );

  // Still once, although the process that sent it is dead and another one has run the program again.
  expect(bank.counts().transfer["held-transfer"]).toMatchObject({ called: 1, applied: 1 });
  const answer = {
    option: "succeeded",
    params: { result: { reference: "found in the books" } },
    feedback: "looked it up",
  };
  const resolved = await api.call("POST", `/api/v1/executions/${id}/resolve`, answer);
  expect(resolved.status).toBe(200);
  const ended = await api.until(id, hasEnded);
  expect(ended).toMatchObject({ status: "succeeded", result: { reference: "found in the books" } });
  expect(bank.counts().transfer["held-transfer"]).toMatchObject({ called: 1, applied: 1 });
});

test("an effect that is safe to repeat is repeated by itself, with the same key", async () => {
  const id = await killedBeforeTheAnswerOf("/reserve", "held-reserve");
  const ended = await api.until(id, hasEnded);
  expect(ended.status).toBe("succeeded");
  expect(ended.recoveries).toBeGreaterThan(0);
  expect(bank.counts().reserve["held-reserve"]).toMatchObject({ called: 2, applied: 1 });
  expect(bank.counts().transfer["held-reserve"]).toMatchObject({ called: 1, applied: 1 });
});

test("a person says that it never happened, and it is done once more", async () => {
  const id = await killedBeforeTheAnswerOf("/transfer", "held-again");
  await api.until(id, ({ status }) => status === "waiting");
  await api.call("POST", `/api/v1/executions/${id}/resolve`, { option: "retry" });
  const ended = await api.until(id, hasEnded);
  expect(ended.status).toBe("succeeded");
  // Visible: the person asked for the second one.
  expect(bank.counts().transfer["held-again"]).toMatchObject({ called: 2, applied: 2 });
  const events = await api.events(id);
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(["effect.in_doubt", "effect.resolved"]));
});
