/** What a beginner's mistakes are answered: each refusal says what to do next. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import { honoPath } from "../../src/http/access/route.ts";

const START = "/api/v1/execute/support-agent.analyze_sentiment";
const FORM = { "content-type": "application/x-www-form-urlencoded" };

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));

interface Sent {
  readonly method?: string;
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(path: string, { method, body, headers }: Sent = {}) {
  const init = {
    method: method ?? (body === undefined ? "GET" : "POST"),
    ...(body ? { body } : {}),
    headers: { ...headers },
  };
  const response = await exports.default.fetch(new Request(`http://localhost${path}`, init));
  const text = await response.text();
  return { status: response.status, problem: JSON.parse(text) as { detail: string; error: string; message: string } };
}

const CASES: readonly [mistake: string, path: string, sent: Sent, status: number, ...says: string[]][] = [
  [
    "a word that is no JSON",
    START,
    { body: "hello", headers: FORM },
    400,
    "no JSON object",
    "line 1, column 1",
    "hello",
  ],
  [
    "a form",
    START,
    { body: "message=hello", headers: FORM },
    400,
    "no JSON object",
    "line 1, column 1",
    "message=hello",
  ],
  ["quotes of a shell", START, { body: "{'input':{}}", headers: FORM }, 400, "line 1, column 2"],
  ["a body that was cut", START, { body: '{\n"input":{', headers: FORM }, 400, "line 2, column 10", "where it ends"],
  ["a list", START, { body: "[1]", headers: FORM }, 400, "must be an object, not a list"],
  [
    "input at top level",
    START,
    { body: '{"message":"x"}' },
    400,
    'message: is no field of the body: wrap it in "input"',
  ],
  [
    "optional input at top level",
    "/api/v1/execute/catalog.audit",
    { body: '{"chunk_size":5}' },
    400,
    'wrap it in "input"',
  ],
  [
    "input nearly named",
    START,
    { body: '{"inputs":{"message":"x"}}' },
    400,
    'inputs: is no field of the body: wrap it in "input"',
  ],
  ["no body", START, { method: "POST" }, 400, "input.message: is missing"],
  [
    "a misspelt field",
    START,
    { body: '{"input":{"mesage":"x"}}' },
    400,
    "input.message: is missing",
    "input.mesage: unknown key",
    'did you mean "message"?',
  ],
  [
    "a misspelt optional field",
    "/api/v1/execute/catalog.audit",
    { body: '{"input":{"chunk_sise":5}}' },
    400,
    'did you mean "chunk_size"?',
  ],
  [
    "a field of another type",
    START,
    { body: '{"input":{"message":5}}' },
    400,
    "input.message: must be a text, not a number",
  ],
  [
    "a misspelt function",
    "/api/v1/execute/support-agent.analyse_sentiment",
    { body: "{}" },
    400,
    'did you mean "support-agent.analyze_sentiment"?',
    "support-agent.triage",
  ],
  [
    "a misspelt agent",
    "/api/v1/execute/suport-agent.triage",
    { body: "{}" },
    400,
    'did you mean "support-agent.triage"?',
  ],
  ["another case", "/api/v1/execute/Support-Agent.Triage", { body: "{}" }, 400, 'did you mean "support-agent.triage"?'],
  [
    "no function",
    "/api/v1/execute/support-agent",
    { body: "{}" },
    400,
    "support-agent.analyze_sentiment, support-agent.",
  ],
  ["no function behind the dot", "/api/v1/execute/support-agent.", { body: "{}" }, 400, "support-agent.triage"],
  ["nothing like it", "/api/v1/execute/zebra.crossing", { body: "{}" }, 400, "GET /api/v1/agents"],
  [
    "a target in two parts",
    "/api/v1/execute/support-agent/triage",
    { body: "{}" },
    404,
    "POST /api/v1/execute/support-agent.triage",
    "/docs",
  ],
  [
    "a slash at the end",
    "/api/v1/agents/",
    {},
    404,
    "did you mean GET /api/v1/agents?",
    "/docs",
    "/api/v1/openapi.json",
  ],
  ["no prefix", "/execute/clock.remind", { body: "{}" }, 404, "did you mean POST /api/v1/execute/clock.remind?"],
  ["another case of a path", "/API/v1/Agents", {}, 404, "did you mean GET /api/v1/agents?"],
  ["a path like nothing", "/zebra", {}, 404, "GET /docs describes the API"],
  ["an execution that is not there", "/api/v1/executions/ID", {}, 404, "/docs", "/api/v1/openapi.json"],
  ["GET of a start", START, {}, 405, "possible: POST", "/docs#execute"],
  [
    "an unknown filter",
    "/api/v1/executions?state=running",
    {},
    400,
    'state: is no parameter of this list (did you mean "status"?)',
    "limit, cursor, status",
  ],
  [
    "an unknown filter like none",
    "/api/v1/agents?page=2",
    {},
    400,
    "page: is no parameter of this list; it takes limit, cursor",
  ],
  ["a slip in another call", `${START}?waits=1`, { body: '{"input":{"message":"x"}}' }, 400, 'did you mean "wait"?'],
  ["an instant in words", "/api/v1/executions?since=yesterday", {}, 400, "since: must be an instant such as 2026-"],
  [
    "a deadline in words",
    "/api/v1/execute/async/clock.remind",
    { body: '{"deadline":"tomorrow"}' },
    400,
    "deadline: must be an instant such as 2026-",
  ],
  ["a limit too large", "/api/v1/executions?limit=1000", {}, 400, "limit: must be at most 200"],
];

for (const [mistake, path, sent, status, ...says] of CASES)
  test(mistake, async () => {
    const heard = await send(path, sent);
    expect([heard.status, heard.problem.detail]).toEqual([status, expect.any(String)]);
    for (const words of says) expect(heard.problem.detail).toContain(words);
  });

test("a form without an input is one with an empty input", async () => {
  const form = new FormData();
  form.set("metadata", "{}");
  expect((await send(START, { body: form })).problem.detail).toContain("input.message: is missing");
  expect((await send("/api/v1/execute/catalog.facts", { body: form })).status).not.toBe(415);
});

test("a refusal says its sentence once in its detail, and in the two fields that other clients read", async () => {
  for (const [path, sent] of [
    ["/api/v1/execute/zebra.crossing", { body: "{}" }],
    ["/api/v1/executions/ID", {}],
  ] as const) {
    const { problem } = await send(path, sent);
    const [sentence = ""] = problem.detail.split(". ");
    const saying = Object.entries(problem).filter(([, value]) => String(value).includes(sentence));
    expect(problem.detail.split(sentence)).toHaveLength(2);
    expect(saying.map(([name]) => name).filter((name) => !["detail", "error", "message"].includes(name))).toEqual([]);
  }
});

describe("a filter that a list does not know is refused", () => {
  const lists = (Object.values(ENDPOINTS) as readonly Endpoint[]).filter(
    ({ method, query }) => method === "GET" && query && "shape" in query && "limit" in (query.shape as object),
  );

  test.each(lists.map(({ id, path }) => [id, path] as const))("%s", async (_id, path) => {
    const { status, problem } = await send(`${honoPath(path).replaceAll(/:\w+/g, "x")}?zebra=1`);
    expect([status, problem.detail]).toEqual([
      400,
      expect.stringContaining("zebra: is no parameter of this list; it takes"),
    ]);
  });
});

describe("GET /", () => {
  const get = (accept?: string) =>
    exports.default.fetch(new Request("http://localhost/", { headers: accept === undefined ? {} : { accept } }));

  test.each([undefined, "*/*", "text/html,application/xhtml+xml,*/*;q=0.8"])("is a page for %s", async (accept) => {
    const answer = await get(accept);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const page = await answer.text();
    for (const to of ["/docs", "/api/v1/agents", "/api/v1/approvals?status=pending", "/health"])
      expect(page).toContain(`href="${to}"`);
    expect(page).toContain("http://localhost");
    expect(page).toContain("curl -s http://localhost/api/v1/execute/");
  });

  test.each(["application/json", "application/json, text/plain, */*", "text/plain"])(
    "is JSON for %s",
    async (accept) => {
      const answer = await get(accept);
      expect(answer.headers.get("content-type")).toBe("application/json");
      const body = (await answer.json()) as Record<string, string>;
      for (const name of ["docs", "openapi", "agents", "inbox", "executions", "health"] as const)
        expect([name, (await exports.default.fetch(new Request(body[name] ?? ""))).status]).toEqual([name, 200]);
    },
  );

  test("and each curl of /docs is a start that is accepted or wants its file", async () => {
    const page = (await (await exports.default.fetch(new Request("http://localhost/docs"))).text())
      .replaceAll("&#39;", "'")
      .replaceAll("&quot;", '"');
    const form = /curl -s http:\/\/localhost\/api\/v1\/execute\/(\S+)(?: -H '([^:']+): ([^']+)')? -d '(.*?)'<\/pre>/g;
    const starts = [...page.matchAll(form)];
    expect(starts.length).toBeGreaterThan(8);
    for (const [, target = "", header = "x-none", value = "", body = ""] of starts) {
      const { status, problem } = await send(`/api/v1/execute/async/${target}`, { body, headers: { [header]: value } });
      expect([target, status, problem.detail]).toEqual([target, 202, undefined]);
    }
    // Conversations are kept in a session: without one such a start is accepted and fails.
    const withSession = starts.filter(([, , header]) => header === "X-Session-ID").map(([, target]) => target);
    expect(withSession).toEqual(expect.arrayContaining(["shop-desk.chat", "catalog.chat", "order-desk.chat"]));
    expect(withSession).not.toContain("shop-catalog.chat");
  });
});
