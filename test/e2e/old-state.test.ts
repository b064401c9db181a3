/**
 * A state folder that an earlier version wrote (commit 0e0790c, sealed, killed by SIGKILL in the middle), opened by this
 * one: before the projector's class had its present name. Its approval expires on 2027-11-27: write a younger folder then.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Api } from "../support/processes/api.ts";
import { apiOf, hasEnded } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const WRITTEN = join(import.meta.dirname, "../support/old-state/2026-11-26.tar.gz");
const ENDED = "exec_AQDC0Q0PYT9ebBtswxMHTx558LzLFX0S_biqOFmmhFVQULlwklnr_pTc";
const ASLEEP = "exec_AQAe8iErY3ijnXO64s4Lv_MFbtlhAFkYSQ5qWbhX3YPoyq6j0K9SIK5m";
const WAITING = "exec_AQAdAJDkx31InkVRHsT0gjimQSXdGZHEd9VyjX0MkLwvEcY4RX_OCNkT";
const HALF_DONE = "exec_AQATWt4Ah2p1kgBZsRHD-IIq8Qk_ivvp5vmy4s9En9u7syyaCjtjtYp3";
const EVENTS_OF_HALF_DONE = 64;

let stateDir: string;
let server: Server;
let api: Api;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-old-state-"));
  execFileSync("tar", ["-xzf", WRITTEN, "-C", stateDir]);
  server = await startServer({
    stateDir,
    env: { ERRAND_HEARTBEAT_MS: "1000", ERRAND_RETENTION_DAYS: "forever" },
  });
  api = apiOf(server.url);
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

it("what had ended is read, with its result", async () => {
  expect(await api.get(ENDED)).toMatchObject({ status: "succeeded", result: { message: "ended before" } });
});

it("what slept wakes, and its death is no recovery", async () => {
  expect(await api.until(ASLEEP, hasEnded)).toMatchObject({
    status: "succeeded",
    recoveries: 0,
    result: { message: "asleep before" },
  });
});

it("what waits for a person goes on when the person decides", async () => {
  expect(await api.get(WAITING)).toMatchObject({ status: "waiting" });
  const answer = { decision: "approved", approval_request_id: "asked-before" };
  const decided = await api.call("POST", `/api/v1/executions/${WAITING}/approval-response`, answer);
  expect(decided.status).toBe(200);
  expect(await api.until(WAITING, hasEnded)).toMatchObject({ result: { message: "waited before" } });
});

it("what was half done comes to its end, and its log goes on where it stopped", async () => {
  expect(await api.until(HALF_DONE, hasEnded)).toMatchObject({ status: "succeeded" });
  const keys = (await api.events(HALF_DONE)).flatMap(({ type, data, seq }) =>
    type === "step.completed" ? [{ key: data.key, isOld: Number(seq) <= EVENTS_OF_HALF_DONE }] : [],
  );
  expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
  expect(keys.filter(({ isOld }) => isOld).length).toBeGreaterThan(10);
  expect(keys.filter(({ isOld }) => !isOld).length).toBeGreaterThan(0);
});

it("all promises hold on each, and the index has all of them", async () => {
  for (const id of [ENDED, ASLEEP, WAITING, HALF_DONE]) {
    const { body } = await api.call("GET", `/api/v1/executions/${id}/invariants`);
    expect((body.items as { verdict: string }[]).filter(({ verdict }) => verdict === "violated")).toEqual([]);
  }
  await expect
    .poll(async () => {
      const { body } = await api.call("GET", "/api/v1/executions");
      return (body.items as { execution_id: string; status: string }[]).map(({ execution_id, status }) => [
        execution_id,
        status,
      ]);
    })
    .toEqual(expect.arrayContaining([ENDED, ASLEEP, WAITING, HALF_DONE].map((id) => [id, "succeeded"])));
});
