/**
 * Every number that a call takes, found in the endpoint table: in queries, in bodies, in headers. An odd one is taken where the
 * description of the API says that it fits, and refused with the name of its field everywhere else; nothing breaks on it.
 */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import * as z from "zod";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

interface Numeric {
  readonly path: readonly string[];
  readonly whole: boolean;
  readonly min: number;
  /** Above `min`, not equal to it. */
  readonly above: boolean;
  readonly max: number;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The numbers of a schema, each with its limits, as OpenAPI shows them. */
function numbersIn(schema: z.ZodType | undefined): readonly Numeric[] {
  if (!schema) return [];
  const found: Numeric[] = [];
  const walk = ({ type, properties = {}, ...rest }: JsonSchema, path: readonly string[]) => {
    for (const [name, field] of Object.entries(properties)) if (typeof field === "object") walk(field, [...path, name]);
    if (type !== "number" && type !== "integer") return;
    const { minimum, exclusiveMinimum, maximum = Number.MAX_VALUE } = rest;
    const min = Number(exclusiveMinimum ?? minimum ?? Number.NEGATIVE_INFINITY);
    found.push({ path, whole: type === "integer", min, above: exclusiveMinimum !== undefined, max: Number(maximum) });
  };
  walk(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }), []);
  return found;
}

function fits({ whole, min, above, max }: Numeric, value: unknown): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return (!whole || Number.isSafeInteger(value)) && (above ? value > min : value >= min) && value <= max;
}

/** As they may stand in JSON, or may not. */
const ODD_JSON = [
  ...[
    "NaN",
    "Infinity",
    "-Infinity",
    "-0",
    "0",
    "-1",
    "0.5",
    "1.5",
    "-0.5",
    "5e-324",
    "1e15",
    "1e308",
    "-1e308",
    "1e309",
  ],
  ...[
    "9007199254740991",
    "9007199254740993",
    "99999999999999999999",
    '"5"',
    '"NaN"',
    '""',
    "true",
    "[1]",
    "{}",
    "0x10",
  ],
];
/** As they may stand in a URL. */
const ODD_TEXTS = [
  ...[
    "NaN",
    "Infinity",
    "-Infinity",
    "-0",
    "0",
    "-1",
    "0.5",
    "1.5",
    "1e308",
    "1e3",
    "0x10",
    "1_000",
    "1,5",
    "+1",
    " 5",
  ],
  ...["", "null", "true", "٣", "9007199254740991", "9007199254740993", "99999999999999999999", "1.0", "1."],
];

const ROWS = (Object.values(ENDPOINTS) as readonly Endpoint[]).filter(({ answers }) => !answers[101]);
const server = new Deployment();
let id = "";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  await server.newKey({ scopes: ["read"], tenant: "acme-numbers" });
  id = await server.start(ROOT_KEY, "clock.remind", { message: "odd", seconds: 3_600 });
});

/** What a body needs beside the number. */
const BESIDE: Readonly<Record<string, object>> = {
  execute: { input: { claim: "c", amount: 1 } },
  executeAsync: { input: { claim: "c", amount: 1 } },
  callReasoner: { input: { claim: "c", amount: 1 } },
  callSkill: { input: { claim: "c", amount: 1 } },
  createKey: { name: "odd", scopes: ["read"] },
  createPlan: { goal: "odd", tasks: [{ id: "t", title: "T" }] },
  decomposeTask: { task: { task_id: "t", title: "T" } },
  validatePlan: { goal: "odd", tasks: [{ id: "t", title: "T" }] },
  startPlan: { plan_id: "odd" },
  createSchedule: {
    ...{ schedule_id: "odd", target: "approvals.demo", input: { claim: "c", amount: 1 }, every: "1h", paused: true },
  },
  bulk: { action: "cancel", filter: { run_id: "odd" }, dry_run: true },
  setMemory: { key: "odd", data: 1, scope: "global" },
};
/** What a query needs beside the number. */
const QUERY_BESIDE: Readonly<Record<string, string>> = { listMemory: "scope=global&" };

/** `"budget":{"max_turns":1.5}` */
function fieldJson([name = "", ...more]: readonly string[], text: string): string {
  return `${JSON.stringify(name)}:${more.length === 0 ? text : `{${fieldJson(more, text)}}`}`;
}

let asked = 0;
function send(
  { id: name, method, path }: Endpoint,
  { query = "", json, headers = {} }: { query?: string; json?: string; headers?: Record<string, string> },
): Promise<Got> {
  asked += 1;
  const values: Readonly<Record<string, string>> = {
    ...{ id, target: "approvals.demo", agent_id: "approvals", name: "go", run_id: "run_none", session_id: "none" },
    ...{ tenant_id: "acme-numbers", queue: "ledger" },
  };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_match, key: string) => values[key] ?? "x");
  const beside = name.startsWith("requestApproval") ? { approval_request_id: `odd-${asked}` } : BESIDE[name];
  const fields = [JSON.stringify(beside ?? {}).slice(1, -1), json].filter((text) => text);
  const body = json === undefined ? undefined : `{${fields.join(",")}}`;
  const init = { method, headers: { authorization: `Bearer ${ROOT_KEY}`, ...headers } };
  return server
    .send(new Request(`https://errand.test${filled}${query}`, { ...init, ...(body === undefined ? {} : { body }) }))
    .then(async (answer) => ({ status: answer.status, headers: answer.headers, body: await answer.json() }));
}

function expectVerdict(got: Got, { taken, where, value }: { taken: boolean; where: string; value: string }): void {
  const { status, body } = got;
  const seen = [where, value, status < 500, status !== 400];
  expect([...seen, body.detail]).toEqual([where, value, true, taken, body.detail]);
  if (!taken && body.code !== "invalid_json") expect(body.detail).toContain(where);
}

const queried = ROWS.flatMap((row) =>
  numbersIn(row.query).map((field) => [`${row.id} ?${field.path}`, row, field] as const),
);
const bodied = ROWS.flatMap((row) =>
  numbersIn(row.body).map((field) => [`${row.id} ${field.path.join(".")}`, row, field] as const),
);

describe("an odd number of a query", () => {
  test.each(queried)("%s", async (_name, row, field) => {
    for (const text of ODD_TEXTS) {
      const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
      const [where = ""] = field.path;
      const got = await send(row, {
        query: `?${QUERY_BESIDE[row.id] ?? ""}${where}=${encodeURIComponent(text)}`,
        ...(row.body ? { json: "" } : {}),
      });
      // What is not there is said after the query was read.
      expectVerdict(got, { taken: fits(field, value), where, value: text });
    }
  });
});

describe("an odd number of a body", () => {
  test.each(bodied)("%s", async (_name, row, field) => {
    for (const text of ODD_JSON) {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        value = undefined;
      }
      const isExact = !/^\d{16,}$/.test(text) || String(value) === text;
      const json = fieldJson(field.path, text);
      const where = field.path.join(".");
      expectVerdict(await send(row, { json }), { taken: isExact && fits(field, value), where, value: text });
    }
  });
});

test("an odd number of the header by which a stream resumes", async () => {
  const headers = { accept: "text/event-stream" };
  for (const text of ODD_TEXTS.filter((one) => /^[\x20-\x7e]+$/.test(one) && !/^\d+(\.0)?$|^-0$/.test(one.trim()))) {
    const got = await send(ENDPOINTS.listEvents, { headers: { ...headers, "last-event-id": text } });
    expectVerdict(got, { taken: false, where: "last-event-id", value: text });
  }
});

test("the calls that take a number are these: where one comes to it is tried too", () => {
  expect(new Set(queried.map(([name]) => name.split(" ")[1]))).toEqual(
    new Set(["?wait", "?limit", "?after", "?from", "?version", "?count"]),
  );
  expect([...new Set(bodied.map(([, { id: name }]) => name))].sort()).toEqual(
    [
      "bulk",
      "callReasoner",
      "callSkill",
      "changeSchedule",
      "createKey",
      "createPlan",
      "createSchedule",
      "decomposeTask",
      "execute",
      "executeAsync",
      "moveTenant",
      "registerAgent",
      "requestApproval",
      "requestApprovalOfAgent",
      "retryWebhook",
      "retryWebhookUi",
      "rotateAgentKey",
      "runAgent",
      "runAgentAsync",
      "setMemory",
      "startPlan",
      "validatePlan",
      "weighNode",
    ].sort(),
  );
});
