/** Calls of nodes on the wire: where each goes, how long it may take, what is proven not to have arrived, what an answer means. */

import { describe, expect, test } from "vitest";
import type { Origin } from "../../../../src/domain/execution/origin.ts";
import type { Sent } from "../../../../src/domain/node/handover.ts";
import type { RoutedNode } from "../../../../src/domain/node/node.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { OutboundAnswer, OutboundFailure, OutboundRequest } from "../../../../src/domain/values/outbound.ts";

import { Dispatches } from "../../../../src/operations/nodes/dispatches.ts";

const NODE: RoutedNode = {
  ...{ nodeId: "shop", version: "1", baseUrl: "http://shop.example.com/", deployment: "long_running" },
  ...{ invocationUrl: null, owner: "ann", instanceId: "i1", kind: "reasoner", fn: "sort", presence: "up", tags: [] },
  ...{ offeredBy: ["1"], dispatchMs: 60_000, inputSchema: undefined, limit: undefined },
};
const ORIGIN = { id: "exec_1", tenant: "acme", runId: "run_1", agent: "shop", fn: "sort", version: "1" } as Origin;
const NOW = 1_000_000;

type Answer = OutboundAnswer | OutboundFailure;
const answer = (status: number, body = "", more: Partial<OutboundAnswer> = {}): OutboundAnswer => ({
  ...{ ok: true, status, headers: new Map(), body },
  ...more,
});
const failure = (kind: OutboundFailure["kind"]): OutboundFailure => ({ ok: false, kind, detail: `was ${kind}` });

interface Asked {
  readonly origin?: Partial<Origin>;
  readonly node?: Partial<RoutedNode>;
  readonly connects?: "yes" | "unclear" | "no";
  /** What the question says that settles an unclear connection. */
  readonly looked?: Answer;
  readonly answered?: Answer;
  readonly token?: string;
  readonly untilMs?: number;
}

async function call({
  origin = {},
  node = {},
  connects = "yes",
  looked,
  answered = answer(202),
  token,
  untilMs,
}: Asked) {
  const sent: OutboundRequest[] = [];
  const dispatches = new Dispatches({
    directory: { route: async () => accept({ ...NODE, ...node }) },
    outbound: async (request) => {
      sent.push(request);
      return request.method === "GET" && looked ? looked : answered;
    },
    connect: async () => {
      if (connects === "no") throw new Error("nobody listens");
      return connects;
    },
    now: () => NOW,
    token: () => token,
  });
  const located = await dispatches.locate(ORIGIN);
  if (!located.ok) throw new Error(located.code);
  const input = { n: 1 };
  const said = await located.value.send({
    ...{ origin: { ...ORIGIN, ...origin }, key: "k", attempt: 1, input },
    untilMs: untilMs ?? NOW + 60_000,
  });
  return { said, sent };
}
const how = ({ said }: { readonly said: Sent }) => said.how;

describe("a call of a node", () => {
  test("is its input at the address of the function, with the ids, and with the token where there is one", async () => {
    const { said, sent } = await call({ token: "t" });
    expect(said).toEqual({ how: "accepted" });
    expect(sent).toMatchObject([
      { method: "POST", url: "http://shop.example.com/reasoners/sort", body: '{"n":1}', timeoutMs: 10_000 },
    ]);
    expect(sent[0]?.headers).toMatchObject({
      ...{ "X-Run-ID": "run_1", "X-Execution-ID": "exec_1", Authorization: "Bearer t" },
    });
    expect((await call({})).sent[0]?.headers).not.toHaveProperty("Authorization");
  });

  test("carries the trace of the start, where that had one", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect((await call({ origin: { traceparent } })).sent[0]?.headers).toMatchObject({ traceparent });
    expect((await call({})).sent[0]?.headers).not.toHaveProperty("traceparent");
  });

  test("that answers with its result may take all of its time, and ten seconds where that is almost over", async () => {
    const skill = await call({ node: { kind: "skill" } });
    expect(skill.sent).toMatchObject([{ url: "http://shop.example.com/skills/sort", timeoutMs: 60_000 }]);
    const late = await call({ node: { deployment: "serverless" }, untilMs: NOW + 1 });
    expect(late.sent).toMatchObject([{ url: "http://shop.example.com/execute", timeoutMs: 10_000 }]);
    expect(JSON.parse(late.sent[0]?.body ?? "")).toMatchObject({ target: "sort", input: { n: 1 }, type: "reasoner" });
  });

  test("says of an execution that follows another one which it is, in the words of AgentField", async () => {
    const restartedFrom = { id: "exec_0", runId: "run_0", reuse: "all-succeeded", inputChanged: false } as const;
    const { sent } = await call({ origin: { restartedFrom } });
    expect(sent[0]?.headers).toMatchObject({
      "X-AgentField-Replay-Source-Run-ID": "run_0",
      "X-AgentField-Replay-Before-Execution-ID": "exec_0",
      "X-AgentField-Replay-Mode": "all-succeeded",
    });
    expect((await call({})).sent[0]?.headers).not.toHaveProperty("X-AgentField-Replay-Mode");
  });

  test("whose node asked for checked inputs is not sent with one that does not fit", async () => {
    const inputSchema = (type: string) => ({ type: "object", properties: { n: { type } }, required: ["n"] });
    const unfit = await call({ node: { inputSchema: inputSchema("string") } });
    expect(unfit).toMatchObject({
      sent: [],
      said: { how: "finished", outcome: { ok: false, error: { code: "invalid_input", details: [{ path: "n" }] } } },
    });
    expect(how(await call({ node: { inputSchema: inputSchema("number") } }))).toBe("accepted");
  });

  test("is not sent where nothing listens", async () => {
    const { said, sent } = await call({ connects: "no" });
    expect([said.how, sent]).toEqual(["unreached", []]);
  });

  test.each<[string, Answer, Sent["how"]]>([
    ["200", answer(200), "accepted"],
    ["404: it is there, and does not know the question", answer(404), "accepted"],
    ["500: it is there", answer(500), "accepted"],
    ["502: a proxy without it", answer(502), "unreached"],
    ["530", answer(530), "unreached"],
    ["no answer", failure("unreachable"), "unreached"],
    ["no answer in time", failure("timeout"), "unreached"],
    ["a redirect", failure("redirected"), "accepted"],
  ])("whose connection says nothing is sent or not as a question says: %s", async (_name, looked, expected) => {
    const called = await call({ connects: "unclear", looked });
    expect(called.sent[0]).toMatchObject({ method: "GET", url: "http://shop.example.com/status" });
    expect([how(called), called.sent.length]).toEqual([expected, expected === "unreached" ? 1 : 2]);
  });

  test("of a node that is down, or that is not there, finds no way", async () => {
    const parts = { outbound: async () => answer(202), connect: async () => "yes" as const, now: () => NOW };
    const down = { route: async () => accept({ ...NODE, presence: "down" as const }) };
    const absent = { route: async () => refuse("not_found", "no") };
    const at = (directory: typeof down | typeof absent) =>
      new Dispatches({ ...parts, directory, token: () => undefined });
    expect(await at(down).locate(ORIGIN)).toMatchObject({ ok: false, code: "node_unavailable" });
    expect(await at(absent).find("acme", ORIGIN)).toMatchObject({ ok: false, code: "target_not_found" });
  });
});

describe("an answer of a node", () => {
  test.each<[string, Answer, object]>([
    ["a value", answer(200, '{"a":1}'), { how: "finished", outcome: { ok: true, value: { a: 1 } } }],
    ["nothing", answer(204), { how: "finished", outcome: { ok: true, value: null } }],
    [
      "a value with its cost",
      answer(200, '{"a":1,"__agentfield_usage__":{"total_tokens":7}}'),
      { how: "finished", outcome: { ok: true, value: { a: 1 } }, usage: { tokens: 7 } },
    ],
    ["no JSON", answer(200, "{"), { how: "finished", outcome: { ok: false, error: { code: "agent_error" } } }],
    [
      "a value that is too large: it is no part of one",
      answer(200, "1", { cut: "bytes" }),
      { how: "finished", outcome: { ok: false, error: { code: "value_too_large" } } },
    ],
    ["a value that broke off", answer(200, "1", { cut: "broken" }), { how: "unknown" }],
    [
      "an error",
      answer(503, "busy"),
      { how: "finished", outcome: { ok: false, error: { code: "agent_error", details: { status: 503 } } } },
    ],
    ["the edge's word that no connection was opened", answer(521, "Web server is down"), { how: "unreached" }],
    ["the edge's word that a connection took too long", answer(522), { how: "finished", outcome: { ok: false } }],
    ["none: nobody knows whether it arrived", failure("unreachable"), { how: "unknown" }],
    ["none in time", failure("timeout"), { how: "unknown" }],
    ["a refused address", failure("refused"), { how: "finished", outcome: { ok: false } }],
    ["a redirect", failure("redirected"), { how: "finished", outcome: { ok: false } }],
  ])("means, when it is %s", async (_name, answered, meaning) => {
    expect((await call({ answered })).said).toMatchObject(meaning);
  });
});
