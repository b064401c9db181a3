/**
 * The desk of the shop on a real server, over real tables: a change of prices is asked for, planned, approved, carried out and
 * reported; with the model that asks nobody, and with one that is asked over the real wire, through the real SDK.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Json } from "../../src/domain/values/json.ts";
import { startAnthropicServer } from "../support/models/anthropic-server.ts";
import type { Planned, Recorded, WireServer } from "../support/models/wire-server.ts";
import type { Api } from "../support/processes/api.ts";
import { apiOf, hasEnded } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

let stateDir: string;
let server: Server | undefined;
let model: WireServer | undefined;

afterEach(async () => {
  await server?.kill("SIGKILL");
  await model?.close();
  [server, model] = [undefined, undefined];
  await rm(stateDir, { recursive: true, force: true });
});

async function start(env: Readonly<Record<string, string>>): Promise<Api> {
  stateDir = await mkdtemp(join(tmpdir(), "errand-shop-desk-"));
  server = await startServer({ stateDir, env });
  return apiOf(server.url);
}

let calls = 0;
function use(name: string, input: Json): Planned {
  calls += 1;
  return { tools: [{ id: `toolu_${calls}`, name, json: [JSON.stringify(input)] }] };
}
const say = (text: string): Planned => ({ text: [text] });

interface Goods {
  readonly sku: string;
  readonly cents: number;
}

/** As a model of a provider would: it sees what was asked of it, and nothing else. */
const ANSWERS: readonly ((request: Recorded) => Planned)[] = [
  (request) => use("hand_off_to_shop-planner", { task: textIn(request) }),
  () => use("find_products", { text: "pots" }),
  (request) => {
    const raised = (JSON.parse(resultIn(request)) as Goods[]).map(({ sku, cents }) => ({
      ...{ action: "set_price", input: { sku, cents: Math.round(cents * 1.05) } },
    }));
    return use("store_plan", { summary: "Pots cost 5 % more.", actions: raised });
  },
  () => say("The plan is stored."),
  (request) => {
    const { plan_id, state } = JSON.parse(resultIn(request)) as { plan_id: string; state: string };
    return state === "approved" ? use("hand_off_to_shop-clerk", { plan_id }) : say(`The plan is ${state}.`);
  },
  (request) => say(`${textIn(request).match(/"status":"succeeded"/g)?.length} prices were changed as it was approved.`),
  (request) => say((JSON.parse(resultIn(request)) as { report: string }).report),
  () => use("find_products", { text: "pots" }),
  (request) => say(resultIn(request)),
];

const MODELS = [
  ["the scripted model", async () => ({})],
  [
    "a model on the Anthropic wire",
    async () => {
      model = await startAnthropicServer();
      model.plan(...ANSWERS);
      return { ANTHROPIC_API_KEY: "sk-ant-planned-0123456789", ANTHROPIC_BASE_URL: model.url };
    },
  ],
] as const;

test.each(MODELS)("prices are raised with %s: planned, approved, carried out, reported", async (name, environment) => {
  const api = await start(await environment());
  const { execution_id: id, run_id } = await api.start("shop-desk.run", { prompt: "Raise prices of pots by 5 %" });
  const plan = await openApproval(api, String(run_id));
  expect(plan.payload).toMatchObject({
    ...{ kind: "plan", agent: "shop-planner", version: 1 },
    actions: [
      { action: "set_price", input: { sku: "mug", cents: 1_260 } },
      { action: "set_price", input: { sku: "pot-iron", cents: 4_095 } },
    ],
  });
  const { approval_request_id, payload_digest } = plan;
  const decided = await api.call("POST", `/api/v1/executions/${plan.execution_id}/approval-response`, {
    ...{ decision: "approved", approval_request_id, payload_digest },
  });
  expect(decided.status).toBe(200);
  const body = await api.until(id, hasEnded);
  expect(body.status).toBe("succeeded");
  expect(JSON.stringify(body.result)).toContain("2 prices were changed as it was approved.");
  const asked = await api.run("shop-catalog.run", { prompt: "Which pots do we sell?" });
  const found = (asked.result as { response: string }).response.replaceAll("\\", "");
  for (const goods of ['"sku":"mug","name":"Mug","category":"pots","cents":1260', '"cents":4095'])
    expect(found).toContain(goods);
  expect(body.simulated ?? false).toBe(name === "the scripted model");
  if (!model) return;
  expect(model.requests).toHaveLength(ANSWERS.length);
  const systems = model.requests.map(({ body: sent }) => JSON.stringify(sent.system));
  const speakers = ["desk of a shop", "You plan", "You carry", "catalog of a shop"];
  expect(systems.map((system) => speakers.findIndex((words) => system.includes(words)))).toEqual([
    0, 1, 1, 1, 0, 2, 0, 3, 3,
  ]);
});

interface Approval {
  readonly execution_id: string;
  readonly run_id: string;
  readonly approval_request_id: string;
  readonly payload_digest: string;
  readonly payload: unknown;
}

/** The inbox may be late. */
async function openApproval(api: Api, runId: string): Promise<Approval> {
  let found: Approval | undefined;
  await expect
    .poll(async () => {
      const { body } = await api.call("GET", "/api/v1/approvals");
      found = (body.items as Approval[]).find(({ run_id }) => run_id === runId);
      return found;
    })
    .toBeDefined();
  if (!found) throw new Error("no plan");
  return found;
}

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly content?: string | readonly { readonly text?: string }[];
}

function lastBlocks({ body }: Recorded): readonly Block[] {
  const messages = body.messages as unknown as { content: string | readonly Block[] }[];
  const content = messages.at(-1)?.content ?? "";
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function textIn(request: Recorded): string {
  return lastBlocks(request)
    .map(({ text = "" }) => text)
    .join("");
}

function resultIn(request: Recorded): string {
  const content = lastBlocks(request).find(({ type }) => type === "tool_result")?.content ?? "";
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
}
