/** The real server on a real disk: what lies in its files, and what becomes of it when keys change. */
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiOf, hasEnded, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startRefused, startServer } from "../support/processes/server.ts";
import { filesHolding, filesUnder } from "../support/processes/stored-text.ts";

const MARKER = "quagga-7f3d1c";
const KEY_A = Buffer.alloc(32, 0xa1).toString("base64");
const KEY_B = Buffer.alloc(32, 0xb2).toString("base64");

let stateDir: string;
let servers: Server[];
let service: HttpServer;

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "errand-sealed-"));
  servers = [];
  // Reserves with an answer that holds the marker; cuts the line in the middle of a transfer.
  service = createServer((request, response) => {
    if (request.url === "/transfer") return void request.socket.destroy();
    request.resume().on("end", () => response.end(JSON.stringify({ reference: `${MARKER} answer` })));
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
});

afterEach(async () => {
  for (const server of servers) await server.kill("SIGKILL");
  service.closeAllConnections();
  service.close();
  rmSync(stateDir, { recursive: true, force: true });
});

async function started(keys?: string): Promise<Server> {
  const { port } = service.address() as AddressInfo;
  const env = {
    LEDGER_SERVICE_URL: `http://127.0.0.1:${port}`,
    ERRAND_HEARTBEAT_MS: "1000",
    ...(keys === undefined ? {} : { ERRAND_ENCRYPTION_KEYS: keys }),
  };
  const server = await startServer({ stateDir, env });
  servers.push(server);
  return server;
}

/** What the index has not heard of yet, only an execution whose key is there can tell it. */
const untilListed = (api: ReturnType<typeof apiOf>, id: string): Promise<void> =>
  expect
    .poll(async () => (await api.call("GET", "/api/v1/executions")).body.items)
    .toContainEqual(expect.objectContaining({ execution_id: id }));

const stop = (server: Server) => server.kill("SIGTERM");

/** Says the marker in every place in which somebody's words can be. */
async function sayEverywhere(url: string): Promise<void> {
  const api = apiOf(url);
  const post = async (path: string, body: unknown) => {
    const answer = await api.call("POST", path, body);
    expect([path, answer.status < 300, answer.body]).toEqual([path, true, expect.anything()]);
    return answer.body;
  };
  // Input and output of a function that ends at once; an input that sleeps.
  await api.run("clock.remind", { message: `${MARKER} done`, seconds: 0 });
  const asleep = await api.start("clock.remind", { message: `${MARKER} asleep`, seconds: 3_000 });
  await post(`/api/v1/executions/${asleep.execution_id}/notes`, { message: `${MARKER} note`, tags: [`${MARKER} tag`] });
  await post(`/api/v1/executions/${asleep.execution_id}/signals/hello`, { data: { said: `${MARKER} signal` } });
  await post(`/api/v1/executions/${asleep.execution_id}/pause`, { reason: `${MARKER} pause` });
  // An approval's payload, and a person's feedback.
  const asked = await api.start("approvals.demo", { claim: `${MARKER} claim`, amount: 5 });
  await api.until(asked.execution_id, ({ status }) => status === "waiting");
  await post(`/api/v1/executions/${asked.execution_id}/approval-response`, {
    decision: "request_changes",
    feedback: `${MARKER} feedback`,
  });
  const cancelled = await api.start("approvals.demo", { claim: "plain", amount: 5 });
  await api.until(cancelled.execution_id, ({ status }) => status === "waiting");
  await post(`/api/v1/executions/${cancelled.execution_id}/cancel`, { reason: `${MARKER} cancel` });
  // An outside answer, and the error text of a failed execution.
  const doubt = await api.start("ledger.transfer", { transfer_id: `${MARKER} id`, from: "a", to: "b", amount: 1 });
  await api.until(doubt.execution_id, ({ status }) => status === "waiting");
  await post(`/api/v1/executions/${doubt.execution_id}/resolve`, { option: "failed", feedback: `${MARKER} error` });
  const failed = await api.until(doubt.execution_id, hasEnded);
  expect(failed).toMatchObject({ status: "failed", error_message: expect.stringContaining(`${MARKER} error`) });
  // A file that comes with a start, and a model's turn over it.
  const form = new FormData();
  form.set("input", JSON.stringify({ question: `${MARKER} question` }));
  form.append("files", new File([`${MARKER} file`], "words.txt", { type: "text/plain" }));
  const read = await fetch(`${url}/api/v1/execute/documents.read`, { method: "POST", body: form });
  expect([read.status, await read.json()]).toMatchObject([200, { status: "succeeded" }]);
  await post("/api/v1/tokens", { execution_id: asked.execution_id });
  // The index has the end, and shows the words to whoever may read them.
  const indexed = async () => JSON.stringify((await api.call("GET", "/api/v1/executions?limit=50")).body);
  await expect.poll(indexed).toContain(`${MARKER} error`);
  await expect.poll(indexed).toContain(`${MARKER} cancel`);
}

function storedTokenSecret(): unknown {
  for (const path of filesUnder(stateDir).filter((name) => name.endsWith(".sqlite"))) {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return database.prepare("SELECT value FROM settings WHERE name = 'token_secret'").get()?.value;
    } catch {
      // Another object's database.
    } finally {
      database.close();
    }
  }
  return undefined;
}

describe("what lies on the disk", () => {
  it("is looked for in every form in which a text may lie there", () => {
    const inside = (text: string) => `${"x".repeat(7)}${text}yz`;
    const forms = {
      utf8: Buffer.from(inside(MARKER)),
      utf16le: Buffer.from(inside(MARKER), "utf16le"),
      utf16be: Buffer.from(inside(MARKER), "utf16le").swap16(),
      "base64+0": Buffer.from(Buffer.from(inside(MARKER).slice(1)).toString("base64")),
      "base64+1": Buffer.from(Buffer.from(inside(MARKER)).toString("base64")),
      "base64+2": Buffer.from(Buffer.from(`x${inside(MARKER)}`).toString("base64url")),
    };
    for (const [form, bytes] of Object.entries(forms)) writeFileSync(join(stateDir, form.replace("+", "-")), bytes);
    const found = filesHolding(stateDir, MARKER).map((path) => path.slice(stateDir.length + 1));
    // Letters of ASCII in two bytes look alike in both orders.
    expect(found).toEqual(
      expect.arrayContaining(Object.keys(forms).map((form) => `${form.replace("+", "-")} (${form})`)),
    );
  });

  it("holds nothing of what anybody said, nor does the log, and the folder's own key is its owner's alone", async () => {
    const server = await started();
    await sayEverywhere(server.url);
    const { output } = await stop(server);
    expect(filesUnder(stateDir).filter((path) => path.endsWith(".sqlite")).length).toBeGreaterThan(4);
    expect(filesHolding(stateDir, MARKER)).toEqual([]);
    expect(output).not.toContain(MARKER);
    expect(String(storedTokenSecret()).charCodeAt(0)).toBe(1);
    const path = join(stateDir, "encryption.key");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(output).not.toContain(readFileSync(path, "utf8").trim().split(":")[1]);
  });

  it("would be found by this test if it were there: with encryption off it is", async () => {
    const server = await started("off");
    const health = await apiOf(server.url).call("GET", "/health");
    expect(health.body.checks).toMatchObject({ encryption: expect.stringMatching(/^off/) });
    await sayEverywhere(server.url);
    const { output } = await stop(server);
    expect(existsSync(join(stateDir, "encryption.key"))).toBe(false);
    for (const place of [
      "done",
      "asleep",
      "note",
      "tag",
      "signal",
      "pause",
      "claim",
      "feedback",
      "answer",
      "id",
      "file",
      "question",
      "error",
    ])
      expect([place, filesHolding(stateDir, `${MARKER} ${place}`)]).toEqual([
        place,
        expect.arrayContaining([expect.anything()]),
      ]);
    expect(output).not.toContain(MARKER);
  });
});

describe("keys that change", () => {
  it("are read for as long as they are configured; one that is missing is named, and loses nothing", async () => {
    let server = await started(`a:${KEY_A}`);
    let api = apiOf(server.url);
    const ended = await api.run("clock.remind", { message: "sealed with a", seconds: 0 });
    const asked = await api.start("approvals.demo", { claim: "begun with a", amount: 5 });
    await api.until(asked.execution_id, ({ status }) => status === "waiting");
    const dueMs = Date.now() + 8_000;
    const asleep = await api.start("clock.remind", { message: "asleep with a", seconds: 8 });
    // A start that still waits in the queue would be sealed with the key of the next server.
    await api.until(asleep.execution_id, ({ status_reason }) => status_reason === "sleeping");
    await untilListed(api, ended.execution_id);
    await stop(server);

    // A new key in front: old rows open, new ones are sealed with it, also those of an execution that began before.
    server = await started(`b:${KEY_B},a:${KEY_A}`);
    api = apiOf(server.url);
    expect(await api.get(ended.execution_id)).toMatchObject({ result: { message: "sealed with a" } });
    await api.call("POST", `/api/v1/executions/${asked.execution_id}/approval-response`, { decision: "approved" });
    expect(await api.until(asked.execution_id, hasEnded)).toMatchObject({ status: "succeeded" });
    const young = await api.run("clock.remind", { message: "sealed with b", seconds: 0 });
    await untilListed(api, young.execution_id);
    await stop(server);

    // The old key is gone: what needs it says so, by its id.
    server = await started(`b:${KEY_B}`);
    api = apiOf(server.url);
    for (const id of [ended.execution_id, asked.execution_id, asleep.execution_id]) {
      const { status, body } = await api.call("GET", `/api/v1/executions/${id}`);
      expect([status, body]).toMatchObject([503, { code: "encryption_key_missing", retryable: true }]);
      expect(body.detail).toContain('the key "a"');
      expect(body.detail).toContain("ERRAND_ENCRYPTION_KEYS");
    }
    expect(await api.get(young.execution_id)).toMatchObject({ result: { message: "sealed with b" } });
    const list = await api.call("GET", "/api/v1/executions");
    expect([list.status, list.body.items]).toMatchObject([
      200,
      expect.arrayContaining([expect.objectContaining({ execution_id: ended.execution_id })]),
    ]);
    // Its sleep is over in the meantime; nobody can go on with it.
    await sleep(Math.max(0, dueMs + 1_500 - Date.now()));
    const { output } = await stop(server);
    expect(output).not.toContain(KEY_B);

    // Another key under the old id is told from a missing one.
    server = await started(`b:${KEY_B},a:${KEY_B}`);
    api = apiOf(server.url);
    const wrong = await api.call("GET", `/api/v1/executions/${ended.execution_id}`);
    expect([wrong.status, wrong.body.code]).toEqual([500, "unreadable"]);
    await stop(server);

    server = await started(`b:${KEY_B},a:${KEY_A}`);
    api = apiOf(server.url);
    expect(await api.get(ended.execution_id)).toMatchObject({ result: { message: "sealed with a" } });
    expect(await api.until(asleep.execution_id, hasEnded)).toMatchObject({
      status: "succeeded",
      recoveries: 0,
      result: { message: "asleep with a" },
    });
    const { body } = await api.call("GET", `/api/v1/executions/${asleep.execution_id}/invariants`);
    expect((body.items as { verdict: string }[]).filter(({ verdict }) => verdict === "violated")).toEqual([]);
  });

  it("come from the environment later: the folder's own key still opens what it sealed", async () => {
    let server = await started();
    const ended = await apiOf(server.url).run("clock.remind", { message: "by the folder's key", seconds: 0 });
    await stop(server);
    server = await started(`a:${KEY_A}`);
    expect(await apiOf(server.url).get(ended.execution_id)).toMatchObject({ status: "succeeded" });
    const health = await apiOf(server.url).call("GET", "/health");
    expect(health.body.checks).toMatchObject({ encryption: "on: key a seals, 2 keys open" });
  });
});

describe("a start that must not be", () => {
  // What else is wrong with a list of keys, and how it is said: test/unit/vault/vault.test.ts.
  it("is refused in one line that never shows a key", async () => {
    const keys = `k1:${KEY_A.slice(4)}`;
    const { code, output } = await startRefused({ stateDir, env: { ERRAND_ENCRYPTION_KEYS: keys } });
    expect([code, output]).toEqual([2, expect.stringMatching(/entry 1 \("k1"\) holds no key: 32 bytes/)]);
    expect(output).not.toContain(KEY_A.slice(4, 20));
  });

  it("is refused when the folder's key is damaged, and the key is not replaced", async () => {
    const path = join(stateDir, "encryption.key");
    writeFileSync(path, "local-1:broken\n");
    chmodSync(path, 0o600);
    const { code, output } = await startRefused({ stateDir });
    expect([code, output]).toEqual([2, expect.stringContaining(`${path} holds no key`)]);
    expect(readFileSync(path, "utf8")).toBe("local-1:broken\n");
  });
});
