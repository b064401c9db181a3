/** Every kind of attack against the real server, byte by byte: each hears the right problem, and nothing is kept of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Attack, Things } from "../support/attacks/attack.ts";
import { faultsOf } from "../support/attacks/attack.ts";
import { FRAMING } from "../support/attacks/framing.ts";
import { ATTACKS } from "../support/attacks/table.ts";
import type { Kept } from "../support/attacks/wire.ts";
import { keptIn, send } from "../support/attacks/wire.ts";
import { eventually } from "../support/eventually.ts";
import { apiOf, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const TABLE: readonly Attack[] = [...ATTACKS, ...FRAMING];
/** Longer than the index may lag behind. */
const INDEXED_MS = 2_000;

let server: Server;
let stateDir: string;
let things: Things;
let before: Kept;
let eventsBefore: unknown;

const lines = () => server.output().split("\n");
const eventsOf = () => apiOf(server.url).events(things.id);

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "errand-attacks-"));
  // The sweeper of each minute opens the file store, which leaves a file of its own.
  server = await startServer({ stateDir, env: { ERRAND_CRON_MS: "3600000" } });
  const api = apiOf(server.url);
  const waiting = await api.run("approvals.demo", { claim: "c", amount: 1 });
  const key = await api.call("POST", "/api/v1/keys", { name: "n", scopes: ["read"] });
  things = {
    id: waiting.execution_id,
    gate: String(waiting.approval_request_id),
    run_id: String(waiting.run_id),
    key_id: String(key.body.key_id),
  };
  // Execution and approval are rows of their own, and each comes when it comes.
  for (const list of ["/api/v1/approvals", "/api/v1/executions?status=waiting"]) {
    await eventually(async () => expect((await api.call("GET", list)).body.items).toHaveLength(1));
  }
  // Questions for ids that were never used ask the tenant's two projectors, which are made once.
  for (let n = 0; n < 8; n += 1) await api.call("GET", `/api/v1/executions/never-used-${n}`);
  // Of a target that is none of ours the tenant's directory of nodes is asked, which is one object.
  await api.call("GET", "/api/v1/nodes");
  // Of an id of ours that is gone the archive is asked; its bucket is made once.
  await api.call("GET", `/api/v1/executions/exec_${"A".repeat(43)}`);
  before = keptIn(stateDir);
  eventsBefore = await eventsOf();
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  rmSync(stateDir, { recursive: true, force: true });
});

describe("an attack on the wire", () => {
  it.each(TABLE.map((attack) => [attack.name, attack] as const))("hears what is wrong: %s", async (_name, attack) => {
    const answer = await send(Number(new URL(server.url).port), attack, things);
    expect(faultsOf(attack, answer), `${answer.status} ${answer.text.slice(0, 500)}`).toEqual([]);
  });

  it("leaves no row, no object and no event", async () => {
    await sleep(INDEXED_MS);
    const after = keptIn(stateDir);
    expect(before.rows.executions).toBe(1);
    expect(before.rows.keys).toBe(1);
    expect(after).toEqual(before);
    expect(await eventsOf()).toEqual(eventsBefore);
  });

  it("is no error of ours: the log has none", () => {
    expect(lines().filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

describe("the table of attacks", () => {
  it("has at least 130 kinds", () => {
    expect(new Set(TABLE.map(({ name }) => name)).size).toBe(TABLE.length);
    expect(TABLE.length).toBeGreaterThanOrEqual(130);
  });
});
