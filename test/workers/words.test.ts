/** Words of the language as ids, names and keys: a word that every object knows means no more than any other. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import { WORDS } from "../support/words-of-the-language.ts";
import { call, hasEnded, until, violations } from "../support/workers/modes.ts";

let running = "";
let waiting = "";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  running = await start("clock.remind", { message: "tea", seconds: 600 });
  waiting = await start("approvals.demo", { claim: "c", amount: 1 });
  await until("plain", waiting, ({ body }) => body.status === "waiting");
});

async function start(target: string, input: unknown, more: object = {}): Promise<string> {
  const { status, body } = await call("POST", `/api/v1/execute/async/${target}`, { input, ...more });
  expect(status).toBe(202);
  return body.execution_id;
}

interface Heard {
  readonly status: number;
  readonly text: string;
}

async function send(method: string, path: string, { body, headers = {} }: { body?: unknown; headers?: object } = {}) {
  const init = { method, headers: { ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await exports.default.fetch(new Request(`http://localhost${path}`, init));
  const text = await response.text();
  return { status: response.status, text };
}

/** What was heard, but for the word itself and for what differs from call to call. */
function without({ status, text }: Heard, word: string): string {
  return `${status} ${text.replaceAll(word, "WORD").replaceAll(/"(?:request_id|[a-z_]+_at)":"[^"]*"/g, '""')}`;
}

const ROWS = Object.values(ENDPOINTS) as readonly Endpoint[];
/** Bodies in which a caller's word is an id, a name or a key. */
const BODIES: readonly (readonly [id: string, path: string, body: (word: string) => unknown])[] = [
  [
    "an approval of a running execution",
    "{running}/approval-response",
    (word) => decided({ approval_request_id: word }),
  ],
  [
    "an approval of a waiting execution",
    "{waiting}/approval-response",
    (word) => decided({ approval_request_id: word }),
  ],
  ["an option of an approval", "{waiting}/approval-response", (word) => decided({ option: word })],
  ["a digest", "{waiting}/approval-response", (word) => decided({ payload_digest: word })],
  ["a decision", "{waiting}/approval-response", (word) => ({ decision: word })],
  ["an approval anywhere", "/api/v1/webhooks/approval", (word) => decided({ approval_request_id: word })],
  ["an effect", "{running}/resolve", (word) => ({ option: "retry", effect: word })],
  ["a resolution", "{running}/resolve", (word) => ({ option: word })],
  ["executions", "/api/v1/executions/batch-status", (word) => ({ execution_ids: [word] })],
  ["a scope", "/api/v1/keys", (word) => ({ name: "k", scopes: [word] })],
  ["a stream", "/api/v1/tokens", (word) => ({ execution_id: word })],
  ["how to restart", "{waiting}/restart", (word) => ({ reuse: word, scope: word })],
  ["a key of the envelope", "/api/v1/execute/clock.remind", (word) => ({ [word]: 1, input: { message: 1 } })],
  [
    "a field of an input",
    "/api/v1/execute/clock.remind",
    (word) => ({ input: { message: "m", seconds: 0, [word]: 1 } }),
  ],
];
const decided = (more: object) => ({ decision: "approved", ...more });

function pathOf(path: string): string {
  const named = path.replace("{running}", `/api/v1/executions/${running}`);
  return named.replace("{waiting}", `/api/v1/executions/${waiting}`);
}

describe.each(WORDS)("%s", (word, harmless) => {
  test("in a path is a word like any other", async () => {
    // All at once: an unknown run is waited for, because its rows may be on their way.
    const asked = ROWS.filter((row) => row.path.includes("{")).map(async ({ id, method, path }) => {
      const body = method === "POST" ? {} : undefined;
      const ask = (name: string) => {
        const filled = path.includes("{target}") ? `approvals.${name}` : name;
        return send(method, path.replaceAll(/\{\w+\}/g, filled), { body });
      };
      const [heard, known] = await Promise.all([ask(word), ask(harmless)]);
      expect([id, heard.status < 500]).toEqual([id, true]);
      expect([id, without(heard, word)]).toEqual([id, without(known, harmless)]);
    });
    // A failure leaves none under way: the cancel of a run would meet the execution that a later test starts in it.
    await Promise.allSettled(asked);
    await Promise.all(asked);
  });

  test("in a body is a word like any other", async () => {
    for (const [what, path, body] of BODIES) {
      // Refused as a key before anybody looks at what it says.
      if (word === "__proto__" && JSON.stringify(body(word)).includes('"__proto__":')) continue;
      const heard = await send("POST", pathOf(path), { body: body(word) });
      expect([what, heard.status < 500]).toEqual([what, true]);
      const known = await send("POST", pathOf(path), { body: body(harmless) });
      expect([what, without(heard, word)]).toEqual([what, without(known, harmless)]);
    }
    expect((await call("GET", `/api/v1/executions/${running}`)).body.status).toBe("running");
    expect((await call("GET", `/api/v1/executions/${waiting}`)).body.status).toBe("waiting");
  });

  test("names an approval that is asked for from outside, decided once, and kept", async () => {
    const approval = word;
    const id = await start("clock.remind", { message: "tea", seconds: 600 });
    const asked = await call("POST", `/api/v1/executions/${id}/request-approval`, { approval_request_id: approval });
    expect(asked).toMatchObject({ status: 200, body: { approval_request_id: approval, execution_status: "waiting" } });
    const body = { approval_request_id: approval, decision: "approved" };
    expect((await call("POST", "/api/v1/webhooks/approval", body)).body).toMatchObject({
      status: "processed",
      execution_id: id,
    });
    expect((await call("POST", "/api/v1/webhooks/approval", body)).body).toMatchObject({ status: "already_processed" });
    expect((await call("GET", `/api/v1/executions/${id}`)).body).toMatchObject({ approval_status: "approved" });
    await call("POST", `/api/v1/executions/${id}/cancel`, {});
    expect(await violations(id)).toEqual([]);
    expect((await call("GET", `/api/v1/executions/${id}/log`)).status).toBe(200);
  });

  test("names runs, sessions, actors, keys, signals, tags and fields", async () => {
    const headers = { "x-run-id": word, "x-session-id": word, "x-actor-id": word, "idempotency-key": word };
    const key = word === "__proto__" ? "proto" : word;
    const input = { message: word, seconds: 600 };
    const sent = { headers, body: { input, metadata: { [key]: { [key]: word } }, context: { [key]: word } } };
    const started = await send("POST", "/api/v1/execute/async/clock.remind", sent);
    expect(started.status).toBe(202);
    const again = await send("POST", "/api/v1/execute/async/clock.remind", sent);
    const id = String(JSON.parse(again.text).execution_id);
    expect(id).toBe(JSON.parse(started.text).execution_id);
    const signal = { data: { [key]: word } };
    expect((await call("POST", `/api/v1/executions/${id}/signals/${word}`, signal)).status).toBe(202);
    expect((await call("POST", `/api/v1/executions/${id}/notes`, { message: word, tags: [word] })).status).toBe(201);
    const notes = await call("GET", `/api/v1/executions/${id}/notes?tags=${word}`);
    expect(notes.body).toMatchObject({ total: 1, notes: [{ message: word, tags: [word] }] });
    const { body } = await call("GET", `/api/v1/executions/${id}`);
    expect(body).toMatchObject({
      run_id: word,
      session_id: word,
      actor_id: word,
      metadata: { [key]: { [key]: word } },
    });
    await expect.poll(async () => (await call("GET", `/api/v1/runs/${word}/dag`)).status).toBe(200);
    expect((await call("GET", `/api/v1/sessions/${word}`)).body.items).toMatchObject([{ root_execution_id: id }]);
    const found = await call("GET", `/api/v1/executions?session_id=${word}&run_id=${word}`);
    expect(found.body.items).toMatchObject([{ execution_id: id }]);
    const cancelled = await call("POST", `/api/v1/executions/${id}/cancel`, { reason: word });
    expect(cancelled.body).toMatchObject({ status: "cancelled", reason: word });
    expect(await violations(id)).toEqual([]);
  });
});

test.each(WORDS.filter(([word]) => !word.startsWith("_")))("%s is an id like any other", async (word) => {
  const id = await start("approvals.demo", { claim: word, amount: 1 }, { id: word });
  expect(id).toBe(word);
  const { body } = await until("plain", id, (answer) => answer.body.status === "waiting");
  const { approval_request_id } = body;
  const answer = { approval_request_id, decision: "approved", option: "pay_half", feedback: word };
  expect((await call("POST", "/api/v1/webhooks/approval", answer)).body).toMatchObject({ status: "processed" });
  expect((await until("plain", id, hasEnded)).body).toMatchObject({ status: "succeeded", result: { claim: word } });
  expect(await violations(id)).toEqual([]);
});
