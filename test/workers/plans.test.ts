/** Plans as documents, in real workerd on D1: versions, who sees which, what is sealed, how much one tenant keeps. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { CAROL_PLAN } from "../support/plans/carol.ts";
import type { Got, Deployment as Server } from "../support/workers/deployment.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const ACME = "acme-plans";
const server = new Deployment();
const keys: Record<string, string> = {};

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, request: Partial<Parameters<Server["newKey"]>[0]> = {}) => {
    keys[name] = (await server.newKey({ subject: name, scopes: ["execute", "read"], tenant: ACME, ...request })).key;
  };
  await make("olga");
  await make("ivan");
  await make("ada", { scopes: ["admin"] });
  await make("viewer", { subject: "olga", scopes: ["read"], masked: true });
  await make("rival", { tenant: "rival-plans", scopes: ["admin"] });
});

let made = 0;
const newId = () => `plan-of-test-${++made}`;
const plan = (plan_id: string, rest: object = {}) => ({
  plan_id,
  goal: "Win Carol",
  tasks: [{ id: "t", title: "T" }],
  ...rest,
});
const post = (who: string, body: unknown, from: Deployment = server) =>
  from.call("POST", "/api/plans", { key: keys[who], body });
const get = (who: string, path: string) => server.call("GET", `/api/plans${path}`, { key: keys[who] });
const items = ({ body }: Got) => body.items as Record<string, unknown>[];

describe("a plan", () => {
  test("is stored with an id of ours or of its sender, and read as it was answered", async () => {
    const named = await post("olga", CAROL_PLAN);
    expect(named.status).toBe(201);
    expect(named.body).toMatchObject({ plan_id: CAROL_PLAN.plan_id, owner: "olga", version: 1, warnings: [] });
    const { warnings: _warnings, ...body } = named.body;
    expect((await get("olga", `/${CAROL_PLAN.plan_id}`)).body).toEqual(body);
    const { body: unnamed } = await post("olga", { ...plan("x"), plan_id: undefined });
    expect(unnamed.plan_id).toMatch(/^plan_[0-9a-f]{24}$/);
  });

  test("is one thing when it is sent twice, and has a next version when it is another", async () => {
    const id = newId();
    const [first, same] = [await post("olga", plan(id)), await post("olga", plan(id))];
    expect([first.status, same.status, same.body.version]).toEqual([201, 200, 1]);
    const changed = await post(
      "olga",
      plan(id, {
        industry: "Dogs",
        tasks: [
          { id: "t", title: "T" },
          { id: "u", title: "U" },
        ],
      }),
    );
    expect([changed.status, changed.body.version]).toEqual([201, 2]);
    const versions = items(await get("olga", `/${id}/versions`));
    expect(versions.map(({ version, tasks_total }) => [version, tasks_total])).toEqual([
      [2, 2],
      [1, 1],
    ]);
    expect((await get("olga", `/${id}?version=1`)).body).toMatchObject({ version: 1, industry: null });
    expect((await get("olga", `/${id}`)).body).toMatchObject({ version: 2, industry: "Dogs" });
    expect(await get("olga", `/${id}?version=3`)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  test("keeps the times of the tasks that stayed as they were", async () => {
    const id = newId();
    await post(
      "olga",
      plan(id, {
        tasks: [
          { id: "a", title: "A" },
          { id: "b", title: "B" },
        ],
      }),
    );
    const { body: before } = await get("olga", `/${id}`);
    const tasks = [
      { id: "b", title: "Bee" },
      { id: "a", title: "A" },
      { id: "c", title: "C" },
    ];
    await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(String(before.created_at)));
    const { body: after } = await post("olga", plan(id, { tasks }));
    const [b, a, c] = after.tasks as Record<string, unknown>[];
    expect([a?.created_at, a?.updated_at, b?.created_at]).toEqual([
      before.created_at,
      before.created_at,
      before.created_at,
    ]);
    expect([b?.updated_at, c?.created_at, after.created_at]).toEqual([
      after.updated_at,
      after.updated_at,
      before.created_at,
    ]);
    expect(after.updated_at).not.toBe(before.created_at);
  });

  test("takes a change only of the version that its sender has read, when it says which", async () => {
    const id = newId();
    expect((await post("olga", plan(id, { expected_version: 1 }))).body).toMatchObject({ code: "version_conflict" });
    expect((await post("olga", plan(id, { expected_version: 0 }))).status).toBe(201);
    expect((await post("olga", plan(id, { goal: "2", expected_version: 1 }))).status).toBe(201);
    const late = await post("olga", plan(id, { goal: "3", expected_version: 1 }));
    expect([late.status, late.body.code]).toEqual([409, "version_conflict"]);
    expect(late.body.detail).toContain("the newest version is 2");
    // Its answer was lost: it is not a conflict with itself.
    expect(await post("olga", plan(id, { goal: "2", expected_version: 1 }))).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
  });

  test("that many write at once has each version once, in a row", async () => {
    const id = newId();
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, n) => post("olga", plan(id, { goal: `goal ${n}` }))),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const versions = items(await get("olga", `/${id}/versions`)).map(({ version }) => version);
    expect(versions).toEqual([4, 3, 2, 1]);
  });

  test("with 5,000 subtasks and 2 MiB of text is stored and read whole", async () => {
    const id = newId();
    // Characters of four bytes, which no part may cut in two.
    const params = { text: "\u{1F436}".repeat(80) };
    const tasks = Array.from({ length: 50 }, (_, t) => ({
      id: `t${t}`,
      title: "T",
      subtasks: Array.from({ length: 100 }, (_, s) => ({ id: `t${t}_${s}`, title: "S", action: "a", params })),
    }));
    const stored = await post("olga", plan(id, { tasks }));
    expect([stored.status, stored.body.subtasks_total]).toEqual([201, 5_000]);
    const { body } = await get("olga", `/${id}`);
    const read = body.tasks as { subtasks: { params: unknown }[] }[];
    expect(
      read.flatMap(({ subtasks }) => subtasks).every((one) => JSON.stringify(one.params) === JSON.stringify(params)),
    ).toBe(true);
  });
});

describe("a plan that cannot be done", () => {
  const refused = async (body: unknown, path = "/api/plans") => {
    const got = await server.call("POST", path, { key: keys.olga, body });
    return { status: got.status, errors: got.body.errors as { path: string; message: string }[] };
  };
  const tasks = (...given: object[]) =>
    plan(newId(), { tasks: given.map((task, n) => ({ id: `t${n}`, title: "T", ...task })) });

  test.each<[string, object, [path: string, words: string]]>([
    ["unknown prerequisite", tasks({ prerequisite_task_ids: ["t9x"] }), ["tasks.0.prerequisite_task_ids.0", "t9x"]],
    ["duplicate id", tasks({}, { id: "t0" }), ["tasks.1.id", "t0"]],
    [
      "circle",
      tasks({ prerequisite_task_ids: ["t1"] }, { prerequisite_task_ids: ["t0"] }),
      ["tasks.0.prerequisite_task_ids.0", "t0 → t1 → t0"],
    ],
    ["unknown phase", { ...tasks({ phase_id: "p2" }), phases: ["p1"] }, ["tasks.0.phase_id", "p2"]],
    ["no goal", { tasks: [{ id: "t", title: "T" }] }, ["goal", "is missing"]],
    ["no tasks", plan("x", { tasks: [] }), ["tasks", "at least 1"]],
    ["too many tasks", tasks(...Array.from({ length: 5_001 }, () => ({}))), ["tasks", "at most 5000"]],
  ])("is refused at its place, and so when it is only validated: %s", async (_name, body, [path, words]) => {
    for (const call of ["/api/plans", "/api/plans/validate"]) {
      const { status, errors } = await refused(body, call);
      expect([status, errors.map((error) => error.path)]).toEqual([400, expect.arrayContaining([path])]);
      expect(errors.find((error) => error.path === path)?.message).toContain(words);
    }
    expect((await get("olga", `/${(body as { plan_id?: string }).plan_id ?? "none"}`)).status).toBe(404);
  });

  test("one that can be is validated with the order of its tasks, and not stored", async () => {
    const body = tasks({ prerequisite_task_ids: ["t1"] }, { subtasks: [{ id: "s", title: "S" }] });
    const valid = await server.call("POST", "/api/plans/validate", { key: keys.olga, body });
    expect([valid.status, valid.body]).toEqual([
      200,
      { valid: true, tasks_total: 2, subtasks_total: 1, execution_sequence: ["t1", "t0"], warnings: [] },
    ]);
    expect((await get("olga", `/${body.plan_id}`)).status).toBe(404);
  });
});

describe("whose a plan is", () => {
  test("others hear that there is none; an administrator of the tenant changes it, and its owner stays", async () => {
    const id = newId();
    await post("olga", plan(id));
    for (const who of ["ivan", "rival"]) {
      for (const path of [`/${id}`, `/${id}/versions`, `/${id}?version=1`])
        expect([who, (await get(who, path)).status]).toEqual([who, 404]);
      expect((await server.call("DELETE", `/api/plans/${id}`, { key: keys[who] })).status).toBe(404);
      expect(items(await get(who, "?limit=200")).map(({ plan_id }) => plan_id)).not.toContain(id);
    }
    expect(await post("ivan", plan(id))).toMatchObject({ status: 409, body: { code: "id_taken" } });
    // In another tenant it is another plan.
    expect((await post("rival", plan(id))).body).toMatchObject({ version: 1, owner: "rival" });
    expect((await post("ada", plan(id, { goal: "Hers" }))).body).toMatchObject({
      version: 2,
      owner: "olga",
      updated_by: "ada",
    });
    expect((await get("olga", `/${id}`)).body).toMatchObject({ goal: "Hers" });
  });

  test("only an administrator stores one for somebody else, and no one changes the owner", async () => {
    const id = newId();
    expect(await post("ivan", plan(id, { owner: "olga" }))).toMatchObject({
      status: 400,
      body: { code: "invalid_input" },
    });
    expect((await post("ada", plan(id, { owner: "olga" }))).body).toMatchObject({ owner: "olga", updated_by: "ada" });
    expect((await get("olga", `/${id}`)).status).toBe(200);
    const moved = await post("ada", plan(id, { goal: "2", owner: "ivan" }));
    expect([moved.status, moved.body.detail]).toEqual([400, expect.stringContaining('"olga" and stays it')]);
  });

  test("a viewer reads it masked, with its ids as they are", async () => {
    const id = newId();
    const subtask = {
      id: "call-4930123456",
      title: "S",
      action: "mail",
      params: { to: "carol@example.com", phone: 4930123456 },
    };
    const later = { id: "b", title: "S", prerequisite_subtask_ids: ["call-4930123456"] };
    await post("olga", plan(id, { tasks: [{ id: "t", title: "T", subtasks: [subtask, later] }] }));
    const { body } = await get("viewer", `/${id}`);
    const [first, second] = (body.tasks as { subtasks: Record<string, unknown>[] }[])[0]?.subtasks ?? [];
    expect(first).toMatchObject({ id: "call-4930123456", params: { to: "c***@e***.com" } });
    expect(JSON.stringify(first?.params)).not.toContain("4930123456");
    expect(second?.prerequisite_subtask_ids).toEqual(["call-4930123456"]);
  });
});

describe("lists", () => {
  test("go on from page to page, newest first, each plan once", async () => {
    const ids = Array.from({ length: 5 }, newId);
    for (const id of ids) await post("ivan", plan(id));
    const seen: unknown[] = [];
    let cursor = "";
    do {
      const page = await get("ivan", `?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...items(page).map(({ plan_id }) => plan_id));
      cursor = String(page.body.next_cursor ?? "");
    } while (cursor);
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(await get("ivan", "?cursor=x")).toMatchObject({ status: 400, body: { code: "invalid_cursor" } });
    const versions = await get("ivan", `/${ids[0]}/versions?limit=1&cursor=1`);
    expect(versions.body).toEqual({ items: [], next_cursor: null });
  });
});

describe("what is stored", () => {
  test("is sealed: no text of a plan is in the rows", async () => {
    const id = newId();
    await post("olga", plan(id, { goal: "Secret-Goal", tasks: [{ id: "Secret-Id", title: "Secret-Title" }] }));
    const rows = ["plans", "plan_versions", "plan_parts"].map((table) =>
      env.REGISTRY.prepare(`SELECT * FROM ${table} WHERE id = ?1`).bind(id).all(),
    );
    const all = JSON.stringify((await Promise.all(rows)).map(({ results }) => results));
    expect(all).toContain(id);
    expect(all).not.toMatch(/Secret/);
  });

  test("goes with the plan, and gives its room back", async () => {
    const id = newId();
    const small = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_MAX_PLAN_BYTES: "100000" });
    const { key } = await server.newKey({ subject: "mia", scopes: ["execute", "read"], tenant: "small-plans" });
    const send = (goal: string, plan_id = id) =>
      small.call("POST", "/api/plans", {
        key,
        body: plan(plan_id, { goal, tasks: [{ id: "t", title: "T", description: "x".repeat(15_000) }] }),
      });
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await send(`goal ${n}`)).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 413, 413]);
    const full = await send("another", newId());
    expect([full.body.code, full.body.detail]).toEqual([
      "plans_full",
      expect.stringContaining("ERRAND_MAX_PLAN_BYTES"),
    ]);
    expect((await server.call("DELETE", `/api/plans/${id}`, { key })).status).toBe(204);
    expect((await server.call("GET", `/api/plans/${id}`, { key })).status).toBe(404);
    for (const table of ["plans", "plan_versions", "plan_parts"])
      expect((await env.REGISTRY.prepare(`SELECT * FROM ${table} WHERE id = ?1`).bind(id).all()).results).toEqual([]);
    // Under the same id a new plan begins.
    expect(await send("again")).toMatchObject({ status: 201, body: { version: 1 } });
  });

  test("says that its key is not configured, and lists go on", async () => {
    const id = newId();
    await post("olga", plan(id));
    const other = new Deployment({
      ERRAND_ROOT_KEY: ROOT_KEY,
      ERRAND_ENCRYPTION_KEYS: `other:${btoa("k".repeat(32))}`,
    });
    const got = await other.call("GET", `/api/plans/${id}`, { key: keys.olga });
    expect([got.status, got.body.code]).toEqual([503, "encryption_key_missing"]);
    const list = await other.call("GET", "/api/plans?limit=200", { key: keys.olga });
    expect(items(list).find(({ plan_id }) => plan_id === id)?.goal).toBe(
      "(encrypted with a key that is not configured)",
    );
    expect((await post("olga", plan(id, { goal: "2" }), other)).body.code).toBe("encryption_key_missing");
  });
});

test("the client stores, validates, reads, lists and deletes", async () => {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.send(new Request(input, init));
  const { plans } = createClient({ baseUrl: "https://errand.test", key: String(keys.ivan), fetch });
  const id = newId();
  expect(await plans.validate(plan(id))).toMatchObject({ valid: true, execution_sequence: ["t"] });
  expect(await plans.create(plan(id))).toMatchObject({ plan_id: id, version: 1, warnings: [] });
  expect(await plans.create(plan(id, { industry: "Dogs" }))).toMatchObject({ version: 2 });
  expect(await plans.get(id)).toMatchObject({ version: 2, industry: "Dogs" });
  expect(await plans.get(id, { version: 1 })).toMatchObject({ version: 1, industry: null });
  const listed: unknown[] = [];
  for await (const one of plans.list()) listed.push(one.plan_id);
  expect(listed).toContain(id);
  const versions: number[] = [];
  for await (const { version } of plans.versions(id)) versions.push(version);
  expect(versions).toEqual([2, 1]);
  await plans.delete(id);
  await expect(plans.get(id)).rejects.toMatchObject({ code: "not_found" });
  await expect(plans.create({ goal: "g", tasks: [] })).rejects.toMatchObject({ code: "invalid_input" });
});
