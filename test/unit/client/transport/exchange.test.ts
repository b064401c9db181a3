/** One call: what is tried again, what is not, and what the caller gets when it is refused. */
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { ProblemError, TransportError } from "../../../../src/client/transport/errors.ts";
import type { Call } from "../../../../src/client/transport/exchange.ts";
import { Exchange } from "../../../../src/client/transport/exchange.ts";
import type { Timing } from "../../../../src/client/transport/pace.ts";
import { DEFAULT_TIMING } from "../../../../src/client/transport/pace.ts";
import { endpoint } from "../../../../src/contract/endpoint.ts";
import { manifestProblemOf } from "../../../../src/contract/manifests/bodies.ts";
import { executeProblemOf, problemOf } from "../../../../src/contract/problem.ts";
import type { FaultCode } from "../../../../src/domain/values/fault.ts";
import { refuse } from "../../../../src/domain/values/fault.ts";

const row = (method: "GET" | "POST") =>
  endpoint({
    id: "x",
    method,
    path: "/things/{id}/parts/{name}",
    tag: "",
    scope: "read",
    summary: "",
    answers: {},
    faults: [],
  });
const reading: Call = { endpoint: row("GET"), params: { id: "a/b", name: "c d" }, query: { after: 3, q: undefined } };
const telling: Call = { endpoint: row("POST"), params: { id: "1", name: "2" }, body: { reason: undefined } };
const starting: Call = { ...telling, headers: { "idempotency-key": "k1" } };
const Answer = z.object({ n: z.number() });
const END = { endsOtherwise: true, answers: { 200: { description: "", schema: Answer } } } as const;

type Reply = Response | Error | "never";
let replies: Reply[];
let requests: { url: string; init: RequestInit }[];

beforeEach(() => {
  replies = [];
  requests = [];
});

async function play(url: string, init: RequestInit): Promise<Response> {
  requests.push({ url, init });
  const reply = replies.shift();
  if (reply === undefined) throw new Error("one request too many");
  if (reply instanceof Error) throw reply;
  if (reply instanceof Response) return reply;
  return new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
}

function exchange(timing: Partial<Timing> = {}, key?: string): Exchange {
  const quick = { ...DEFAULT_TIMING, firstBackoffMs: 0, maxBackoffMs: 0, ...timing };
  return new Exchange({ baseUrl: "http://host/base/", key, fetch: play as typeof fetch, timing: quick });
}
const good = (n: number) => Response.json({ n });
function refused(code: FaultCode, headers: Record<string, string> = {}): Response {
  const problem = problemOf(refuse(code, "because", [{ path: "input.a", message: "is odd" }]), "req_1");
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

describe("a request", () => {
  test("fills the path, leaves out what is undefined, and carries the key", async () => {
    replies = [good(1)];
    expect(await exchange({}, "secret").call(reading, Answer)).toEqual({ n: 1 });
    expect(requests[0]?.url).toBe("http://host/base/things/a%2Fb/parts/c%20d?after=3");
    expect(requests[0]?.init.headers).toMatchObject({ authorization: "Bearer secret" });
  });

  test("a body is JSON", async () => {
    replies = [good(1)];
    await exchange().call(telling, Answer);
    expect(requests[0]?.init).toMatchObject({
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
  });
});

describe("a refusal", () => {
  test("is a ProblemError that names everything", async () => {
    replies = [refused("invalid_input")];
    const error = await exchange()
      .call(reading, Answer)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      name: "ProblemError",
      code: "invalid_input",
      status: 400,
      detail: "because. Correct the named fields and send the request again.",
      errors: [{ path: "input.a", message: "is odd" }],
      retryable: false,
      requestId: "req_1",
    });
  });

  test("of a start is told in words of AgentField beside its own: it is read all the same", async () => {
    const body = executeProblemOf(refuse("idempotency_mismatch", "because"), "req_2");
    replies = [new Response(JSON.stringify(body), { status: 422 })];
    const told = { code: "idempotency_mismatch", status: 422, requestId: "req_2", retryable: false };
    await expect(exchange().call(starting, Answer)).rejects.toMatchObject(told);
  });

  test("of something between us has the status as its code", async () => {
    replies = [new Response("<html>", { status: 407 })];
    await expect(exchange().call(reading, Answer)).rejects.toMatchObject({ code: "http_407", retryable: false });
    replies = [new Response("<html>", { status: 502 }), good(2)];
    expect(await exchange().call(reading, Answer)).toEqual({ n: 2 });
  });

  test("of an end at a node is no refusal: its body is that of 200, and a proxy's JSON is none", async () => {
    const ends = { ...starting, endpoint: { ...row("POST"), ...END } };
    replies.push(Response.json({ n: 2 }, { status: 502 }));
    await expect(exchange().call(ends, Answer)).resolves.toEqual({ n: 2 });
    expect(requests).toHaveLength(1);
    replies.push(Response.json({ error: "upstream" }, { status: 422 }));
    await expect(exchange().call(ends, Answer)).rejects.toMatchObject({ code: "http_422" });
  });

  test("an answer that does not fit the contract is no success", async () => {
    replies = [Response.json({ n: "one" })];
    await expect(exchange().call(reading, Answer)).rejects.toThrow("expected number");
  });
});

describe("what is tried again", () => {
  const passing: (() => Reply)[] = [
    () => new TypeError("fetch failed"),
    () => refused("unavailable"),
    () => refused("overloaded"),
    () => new Response('{"n":'),
    () => new Response("", { status: 504 }),
  ];

  test.each([
    ["a GET", reading],
    ["a start, with the same key", starting],
    ["a start under an id of its own", { ...telling, repeatable: true }],
  ])("%s", async (_name, call) => {
    replies = [...passing.map((reply) => reply()), good(3)];
    expect(await exchange().call(call, Answer)).toEqual({ n: 3 });
    expect(new Set(requests.map(({ init }) => (init.headers as Record<string, string>)["idempotency-key"])).size).toBe(
      1,
    );
  });

  test("nothing else: nobody knows whether it arrived", async () => {
    for (const reply of passing) {
      replies = [reply()];
      requests = [];
      await expect(exchange().call(telling, Answer)).rejects.toThrow();
      expect(requests).toHaveLength(1);
    }
  });

  test("an error of the server's own, three times in all", async () => {
    replies = [1, 2, 3].map(() => refused("internal_error"));
    await expect(exchange().call(reading, Answer)).rejects.toMatchObject({ code: "internal_error" });
    expect(requests).toHaveLength(3);
  });

  test("not longer than the caller's patience, and with the reason of the last try", async () => {
    const tries: Reply[] = Array.from({ length: 10_000 }, () => new TypeError("fetch failed"));
    replies = tries;
    const error = exchange({ maxElapsedMs: 600, firstBackoffMs: 1, maxBackoffMs: 5 }).call(reading, Answer);
    await expect(error).rejects.toThrow(
      new TransportError("GET /things/{id}/parts/{name} got no answer: fetch failed"),
    );
    expect(requests.length).toBeGreaterThan(3);
  });

  test("not before the server wants to hear of it", async () => {
    replies = [refused("overloaded", { "retry-after": "0.2" }), good(4)];
    const startedAt = Date.now();
    expect(await exchange().call(reading, Answer)).toEqual({ n: 4 });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(190);
  });

  test("an answer that never comes is given up, and the next one taken", async () => {
    replies = ["never", good(5)];
    expect(await exchange({ answerMs: 20 }).call(reading, Answer)).toEqual({ n: 5 });
  });
});

describe("an abort of the caller", () => {
  test("ends the call with the caller's reason, in flight and between two tries", async () => {
    const reason = new Error("enough");
    for (const [reply, timing] of [
      ["never", {}],
      [new TypeError("fetch failed"), { firstBackoffMs: 60_000, maxBackoffMs: 60_000 }],
    ] as const) {
      const aborter = new AbortController();
      replies = [reply];
      const call = exchange(timing).call({ ...reading, signal: aborter.signal }, Answer);
      setTimeout(() => aborter.abort(reason), 20);
      await expect(call).rejects.toBe(reason);
    }
  });
});

describe("a refusal of an agent with a manifest", () => {
  test.each(["invalid_manifest", "agent_not_found", "agent_not_active"] as const)(
    "%s is a problem with its code, and has the envelope beside",
    async (code) => {
      const fields = code === "invalid_manifest" ? [{ path: "name", message: "is odd" }] : undefined;
      const problem = manifestProblemOf(refuse(code, "because", fields), { requestId: "req_1" });
      replies = [new Response(JSON.stringify(problem), { status: 400 })];
      const error = await exchange()
        .call(starting, Answer)
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ProblemError);
      expect(error).toMatchObject({ code, errors: fields ?? [], body: { ok: false, details: problem.details } });
    },
  );
});
