/** Who sees e-mail addresses and phone numbers: everybody but viewers, whose keys are masked, wherever they look. */
import { applyD1Migrations, createScheduledController, evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import worker from "../../src/worker.ts";
import { eventually } from "../support/eventually.ts";
import { formOf, text } from "../support/files/samples.ts";
import type { Sent } from "../support/workers/deployment.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const MAIL = "olga@example.com";
const PHONE = "+49 171 1234567";
const PERSONAL = /olga@|1234567/;
const SESSION = "session-of-olga@example.com";
const keys = { starter: "", reader: "", approver: "", admin: "", viewer: "", boss: "" };
let id = "";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const tenant = "acme-masking";
  const make = async (scopes: ("admin" | "execute" | "read" | "approve")[], { masked = false } = {}) =>
    (await server.newKey({ subject: MAIL, scopes, tenant, masked })).key;
  keys.starter = await make(["execute", "read"]);
  keys.reader = await make(["read"]);
  keys.approver = await make(["read", "approve"]);
  keys.admin = await make(["admin"]);
  keys.viewer = await make(["read", "execute", "approve"], { masked: true });
  keys.boss = await make(["admin"], { masked: true });
  const started = await start({});
  id = String(started.body.execution_id);
  await cancelled();
  const note = { message: `call ${PHONE}`, tags: [MAIL] };
  await server.call("POST", `/api/v1/executions/${id}/notes`, { key: keys.starter, body: note });
  const seen = async () => JSON.stringify((await server.call("GET", "/api/v1/executions", { key: keys.viewer })).body);
  await eventually(async () =>
    expect(await seen()).toSatisfy((text: string) => text.includes(id) && text.includes("***")),
  );
});

function start(sent: Sent) {
  return server.call("POST", "/api/v1/execute/approvals.demo", {
    key: keys.starter,
    headers: { "x-session-id": SESSION, "x-run-id": "run_masking" },
    body: { input: { claim: `${MAIL} wants a call at ${PHONE}`, amount: 7_654_321 }, metadata: { [MAIL]: PHONE } },
    ...sent,
  });
}

/** Its reason is in every list. */
async function cancelled(): Promise<string> {
  const other = String((await start({})).body.execution_id);
  const body = { reason: `for ${MAIL}` };
  await server.call("POST", `/api/v1/executions/${other}/cancel`, { key: keys.starter, body });
  return other;
}

const VIEWS: readonly [string, unknown?][] = [
  ["/api/v1/executions/{id}"],
  ["/api/v1/executions/{id}/events?limit=1000"],
  ["/api/v1/executions/{id}/log"],
  ["/api/v1/executions/{id}/notes"],
  ["/api/v1/executions/{id}/approval-status"],
  ["/api/v1/executions/{id}/effects"],
  ["/api/v1/executions/batch-status", { execution_ids: ["{id}"] }],
  ["/api/v1/runs/run_masking/dag"],
  ["/api/v1/approvals"],
];
const LISTS: readonly string[] = [
  "/api/v1/executions",
  "/api/v1/sessions",
  `/api/v1/sessions/${encodeURIComponent(SESSION)}`,
  "/api/v1/executions/active",
];

async function look([path, body]: readonly [string, unknown?], key: string): Promise<string> {
  const filled = JSON.parse(JSON.stringify([path, body ?? null]).replaceAll("{id}", id)) as [string, unknown];
  const sent = filled[1] === null ? {} : { body: filled[1] };
  const answer = await server.call(body === undefined ? "GET" : "POST", filled[0], { key, ...sent });
  expect(answer.status).toBe(200);
  return JSON.stringify(answer.body);
}

test("who starts an execution gets its answer as it is, and the same again by asking for it", async () => {
  const { status, body } = await start({});
  expect(status).toBe(202);
  expect(JSON.stringify(body)).toContain(MAIL);
  expect(JSON.stringify(body)).toContain(PHONE);
  const one = String(body.execution_id);
  const asked = (await server.call("GET", `/api/v1/executions/${one}`, { key: keys.starter })).body;
  expect(asked).toEqual({ ...body, run_metadata: body.metadata });
  const batch = { key: keys.starter, body: { execution_ids: [one] } };
  expect((await server.call("POST", "/api/v1/executions/batch-status", batch)).body[one]).toEqual(body);
});

test("a viewer that starts one reads its answer as it reads it later", async () => {
  const { body } = await start({ key: keys.viewer });
  expect(JSON.stringify(body).replaceAll(SESSION, "SESSION")).not.toMatch(PERSONAL);
  const { body: later } = await server.call("GET", `/api/v1/executions/${body.execution_id}`, { key: keys.viewer });
  expect(later).toEqual({ ...body, run_metadata: body.metadata });
});

describe.each(VIEWS.filter(([path]) => !path.includes("effects")))("%s", (...view) => {
  test("is masked for viewers, whatever they may do", async () => {
    for (const key of [keys.viewer, keys.boss]) {
      const text = (await look(view, key)).replaceAll(SESSION, "SESSION");
      expect(text).not.toMatch(PERSONAL);
      expect(text).toMatch(/o\*\*\*@e\*\*\*\.com|\+49 \*\*\* \*\*67/);
      expect(text).toContain(id);
    }
  });

  test("is shown as it is to who only reads, who started it, who decides, and an administrator", async () => {
    for (const key of [keys.reader, keys.starter, keys.approver, keys.admin]) {
      const text = await look(view, key);
      expect(text).toMatch(PERSONAL);
      expect(text).not.toContain("***");
    }
  });
});

test.each(LISTS)("%s names what it lists so that its reader can go on, and holds no other address", async (path) => {
  const text = await look([path], keys.viewer);
  expect(text).toContain(SESSION);
  expect(text.replaceAll(SESSION, "")).not.toMatch(PERSONAL);
});

test("numbers stay numbers", async () => {
  expect(await look(["/api/v1/executions/{id}/log"], keys.viewer)).toContain('"amount":7654321');
});

describe("a filter reads nothing that its caller may not", () => {
  const found = async (path: string, key: string): Promise<number> => {
    const { body } = await server.call("GET", path, { key });
    return ((body.items ?? body.notes) as unknown[]).length;
  };

  test("a text is looked for in what a viewer sees of errors", async () => {
    const failed = env.REGISTRY.prepare("UPDATE executions SET error_message = ?1 WHERE id = ?2");
    const one = await cancelled();
    await expect.poll(() => listed(one)).toContain("cancelled");
    await failed.bind(`for ${MAIL}`, one).run();
    const search = (q: string, key: string) => found(`/api/v1/executions?q=${encodeURIComponent(q)}`, key);
    for (const part of ["olga@", "lga@example", "@ex", MAIL]) {
      expect([part, await search(part, keys.starter)]).toEqual([part, expect.toSatisfy((n: number) => n > 0)]);
      for (const key of [keys.viewer, keys.boss]) expect([part, await search(part, key)]).toEqual([part, 0]);
    }
    for (const part of ["for o***@e***.com", "***@E***"]) expect(await search(part, keys.viewer)).toBeGreaterThan(0);
    expect(await search("approvals.de", keys.viewer)).toBeGreaterThan(0);
    expect(await search(id.slice(0, 20), keys.viewer)).toBe(1);
  });

  test("so are notes by their tags", async () => {
    const tagged = (tag: string, key: string) =>
      found(`/api/v1/executions/${id}/notes?tags=${encodeURIComponent(tag)}`, key);
    expect(await tagged(MAIL, keys.starter)).toBe(1);
    expect(await tagged(MAIL, keys.viewer)).toBe(0);
    expect(await tagged("o***@e***.com", keys.viewer)).toBe(1);
  });

  test("a digest of what is masked is no way to try it out", async () => {
    const body = async (key: string) =>
      JSON.stringify((await server.call("GET", `/api/v1/executions/${id}`, { key })).body);
    expect(await body(keys.starter)).toMatch(/"payload_digest":"[\w-]{22}"/);
    expect(await body(keys.viewer)).toContain('"payload_digest":"***"');
    expect(await look(["/api/v1/executions/{id}/log"], keys.viewer)).not.toMatch(/digest":"(?!\*\*\*")/);
  });
});

describe("a viewer's links to files", () => {
  const names = [`of ${MAIL}.txt`, "plain.txt", "+49 171 1234567 (home).txt"];

  async function withFiles(): Promise<string> {
    const parts = names.map((name) => ({ name, bytes: text(`write to ${MAIL} or ${PHONE}`) }));
    const form = formOf({ question: "What is this?" }, parts);
    const { body } = await server.call("POST", "/api/v1/execute/documents.read", { key: keys.starter, form });
    return String(body.execution_id);
  }

  test("work, by place where the name is masked, and show neither name nor address", async () => {
    const one = await withFiles();
    const { body } = await server.call("GET", `/api/v1/executions/${one}`, { key: keys.viewer });
    const files = body.files as { name: string; url: string }[];
    expect(files.map(({ name }) => name)).toEqual(["of o***@e***.txt", "plain.txt", "+49 *** **67 (home).txt"]);
    expect(files.map(({ url }) => url.split("/").at(-1))).toEqual(["1", "plain.txt", "3"]);
    for (const { url } of files) {
      const answer = await server.fetch("GET", url, { key: keys.viewer });
      expect([url, answer.status]).toEqual([url, 200]);
      expect(answer.headers.get("content-disposition")).not.toMatch(PERSONAL);
      expect(await answer.text()).toBe("write to o***@e***.com or +49 *** **67");
    }
    const owner = (await server.call("GET", `/api/v1/executions/${one}`, { key: keys.starter })).body;
    for (const { url } of owner.files as { url: string }[]) {
      expect(await (await server.fetch("GET", url, { key: keys.starter })).text()).toContain(MAIL);
    }
  });

  test("are no way to try a name out", async () => {
    const path = `/api/v1/executions/${await withFiles()}/files/`;
    const status = async (name: string, key: string) =>
      (await server.fetch("GET", path + encodeURIComponent(name), { key })).status;
    for (const name of names) expect([name, await status(name, keys.starter)]).toEqual([name, 200]);
    expect(await status(names[0] ?? "", keys.viewer)).toBe(404);
    expect(await status("of o***@e***.txt", keys.viewer)).toBe(200);
    for (const place of ["0", "4", "999", "1e0", "01x", "-1"]) expect(await status(place, keys.viewer)).toBe(404);
  });
});

async function listed(one: string): Promise<string> {
  const { body } = await server.call("GET", `/api/v1/executions?q=${one}`, { key: keys.admin });
  return JSON.stringify(body);
}

describe("live", () => {
  /** Everything a socket says until it has said nothing for a while. */
  async function frames(path: string, key: string): Promise<string> {
    const { webSocket } = await server.fetch("GET", path, { key, headers: { upgrade: "websocket" } });
    if (!webSocket) throw new Error(`no socket at ${path}`);
    const texts: string[] = [];
    webSocket.addEventListener("message", ({ data }) => void texts.push(String(data)));
    webSocket.accept();
    // Who may see what outlives hibernation.
    await evictAllDurableObjects();
    const live = { message: `live ${MAIL}`, tags: ["live"] };
    await server.call("POST", `/api/v1/executions/${id}/notes`, { key: keys.starter, body: live });
    await expect.poll(() => texts.join("\n"), { interval: 10 }).toMatch(/live /);
    webSocket.close();
    return texts.join("\n");
  }

  test.each(["", "?batch=true"])("each socket of one execution gets what its caller may see%s", async (query) => {
    const path = `/api/v1/executions/${id}/stream${query}`;
    const [masked, plain] = await Promise.all([frames(path, keys.viewer), frames(path, keys.starter)]);
    expect(masked).toContain('"snapshot"');
    expect(masked.replaceAll(SESSION, "")).not.toMatch(PERSONAL);
    expect(masked).toContain("live o***@e***.com");
    expect(plain).toContain(`live ${MAIL}`);
    expect(plain).toContain(PHONE);
  });

  test("so does a socket in the frames of plans", async () => {
    const plan = `/api/executions/${id}/stream`;
    expect(await frames(plan, keys.viewer)).toContain("live o***@e***.com");
    expect(await frames(plan, keys.approver)).toContain(`live ${MAIL}`);
  });

  test.each(["viewer", "reader"] as const)("the feed of lists knows its %s", async (who) => {
    const { webSocket } = await server.fetch("GET", "/api/v1/feed", {
      key: keys[who],
      headers: { upgrade: "websocket" },
    });
    const texts: string[] = [];
    webSocket?.addEventListener("message", ({ data }) => void texts.push(String(data)));
    webSocket?.accept();
    const other = await cancelled();
    const about = () => texts.filter((text) => text.includes(other)).join("\n");
    await expect.poll(about, { interval: 10 }).toContain('"cancelled"');
    webSocket?.close();
    expect(about()).toContain(who === "viewer" ? "for o***@e***.com" : `for ${MAIL}`);
  });

  test("server-sent events are masked", async () => {
    const other = await cancelled();
    const read = async (key: string) => {
      const headers = { accept: "text/event-stream" };
      return (await server.fetch("GET", `/api/v1/executions/${other}/events`, { key, headers })).text();
    };
    const masked = await read(keys.viewer);
    expect(masked).toContain("for o***@e***.com");
    expect(masked.replaceAll(SESSION, "")).not.toMatch(PERSONAL);
    expect(await read(keys.starter)).toContain(`for ${MAIL}`);
  });

  test("a stream token sees what the key that asked for it sees", async () => {
    const open = async (key: string) => {
      const { body } = await server.call("POST", "/api/v1/tokens", { key, body: { execution_id: id } });
      const headers = { accept: "text/event-stream" };
      const answer = await server.fetch("GET", `/api/v1/executions/${id}/events?token=${body.token}`, { headers });
      const reader = answer.body?.getReader();
      const first = await reader?.read();
      await reader?.cancel();
      return new TextDecoder().decode(first?.value);
    };
    expect(await open(keys.starter)).toContain(PHONE);
    expect((await open(keys.viewer)).replaceAll(SESSION, "")).not.toMatch(PERSONAL);
  });
});

describe("the log", () => {
  async function logged(act: (soFar: () => string) => Promise<unknown>): Promise<Record<string, unknown>[]> {
    const spy = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      await act(() => JSON.stringify(spy.mock.calls));
      return spy.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
    } finally {
      spy.mockRestore();
    }
  }

  test("has one line a request: what was asked, by whom, about what, and nothing that was sent or answered", async () => {
    const headers = {
      "x-request-id": "req-of-the-test",
      "x-run-id": "run_logged",
      traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`,
    };
    const lines = await logged(() => start({ headers }));
    const mine = lines.filter(({ request_id }) => request_id === "req-of-the-test");
    expect(mine).toEqual([
      {
        at: expect.any(String),
        level: "info",
        message: "request",
        request_id: "req-of-the-test",
        method: "POST",
        path: "/api/v1/execute/{target}",
        status: 202,
        duration_ms: expect.any(Number),
        tenant: "acme-masking",
        execution_id: expect.stringMatching(/^exec_/),
        run_id: "run_logged",
        target: "approvals.demo",
        trace_id: "ab".repeat(16),
      },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(PERSONAL);
  });

  test("names the execution and the run of what is read, and never a query", async () => {
    const lines = await logged(() =>
      server.call("GET", `/api/v1/executions/${id}?wait=0&token=secret`, { key: keys.reader }),
    );
    expect(lines.filter(({ message }) => message === "request")).toMatchObject([
      { path: "/api/v1/executions/{id}", execution_id: id, run_id: "run_masking", status: 200 },
    ]);
    expect(JSON.stringify(lines)).not.toContain("secret");
  });

  test("of what goes wrong in a program names its execution and its run, and is masked", async () => {
    const bank = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error(`the bank says: ask ${MAIL} or ${PHONE}`));
    const body = { input: { transfer_id: `of ${MAIL}`, from: "ann", to: "bo", amount: 5 } };
    let started = "";
    const lines = await logged(async (soFar) => {
      const path = "/api/v1/execute/async/ledger.transfer";
      const headers = { "x-run-id": "run_of_the_bank" };
      started = String((await server.call("POST", path, { key: keys.starter, headers, body })).body.execution_id);
      await expect.poll(soFar).toContain("a try failed");
    });
    bank.mockRestore();
    const failed = lines.find(({ message }) => message === "a try failed");
    expect(failed).toMatchObject({ level: "warn", execution_id: started, run_id: "run_of_the_bank", attempt: 1 });
    // Its words, masked, and where it went wrong without them.
    expect(failed?.error).toMatch(/the bank says: ask o\*\*\*@/);
    expect(failed?.stack).toMatch(/\bat .+:\d+/);
    expect(failed?.stack).not.toContain("the bank says");
    expect(JSON.stringify(lines)).not.toMatch(PERSONAL);
    await server.call("POST", `/api/v1/executions/${started}/cancel`, { key: keys.starter, body: {} });
  });

  test("of a request that was refused says the code, the target and the first field that was wrong", async () => {
    const refused = async (path: string, body: unknown) => {
      const lines = await logged(() => server.call("POST", path, { key: keys.starter, body }));
      return lines.filter(({ message }) => message === "request");
    };
    const target = "clock.remind";
    expect(await refused(`/api/v1/execute/${target}`, { input: { message: "hi", seconds: "soon" } })).toMatchObject([
      { level: "warn", status: 400, code: "invalid_input", target, field: "input.seconds" },
    ]);
    expect(await refused("/api/v1/execute/async/clock.remember", { input: {} })).toMatchObject([
      { status: 400, code: "target_not_found", target: "clock.remember" },
    ]);
    expect(await refused(`/api/v1/execute/${target}`, { input: {}, budget: { max_turns: -1 } })).toMatchObject([
      { status: 400, code: "invalid_input", target, field: "budget.max_turns" },
    ]);
    const [line] = await refused("/api/v1/executions/batch-status", { execution_ids: 5 });
    expect(line).toMatchObject({ code: "invalid_input", field: "execution_ids" });
    expect(line).not.toHaveProperty("target");
    const none = await logged(() => server.call("GET", `/api/v1/executions/${id}`, {}));
    const refusals = none.filter(({ message }) => message === "request");
    expect(refusals).toMatchObject([{ status: 401, code: "unauthorized" }]);
  });

  test("of an execution that fails as its program says is no fault", async () => {
    const lines = await logged(async (soFar) => {
      const input = { order_id: "o-1", customer: "Ada", lines: [{ sku: "snow", quantity: 2 }] };
      const path = "/api/v1/execute/order-desk.order_intake";
      const { body } = await server.call("POST", path, { key: keys.starter, body: { input } });
      expect(body).toMatchObject({ status: "failed", failure_code: "refused_by_shop" });
      await expect.poll(soFar).toContain("a program failed");
    });
    expect(lines.filter(({ level }) => level !== "info")).toEqual([]);
    expect(lines.find(({ message }) => message === "a program failed")).toMatchObject({ code: "refused_by_shop" });
  });

  test("is masked, whatever a caller calls things", async () => {
    const lines = await logged(() => server.call("GET", `/nothing/${MAIL}`, { key: keys.reader }));
    const requests = lines.filter(({ message }) => message === "request");
    expect(requests).toMatchObject([{ path: "/nothing/o***@e***.com", status: 404 }]);
    const named = await logged(() => start({ headers: { "x-run-id": `run of ${MAIL}` } }));
    expect(JSON.stringify(named)).not.toMatch(PERSONAL);
  });
});

/** The last one: it moves the time, and what waits elsewhere in this file is over by then. */
test("the archive of what is kept no longer is masked for viewers, line by line", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  try {
    const one = await cancelled();
    await expect.poll(() => listed(one)).toContain("cancelled");
    vi.setSystemTime(Date.now() + 100 * 86_400_000);
    const path = `/api/v1/executions/${one}/archive`;
    const archived = async () => {
      const minute = createScheduledController({ scheduledTime: new Date(Date.now()), cron: "* * * * *" });
      await worker.scheduled(minute, env);
      return (await server.fetch("GET", path, { key: keys.admin })).status;
    };
    await expect.poll(archived).toBe(200);
    const lines = async (key: string) => (await server.fetch("GET", path, { key })).text();
    expect(await lines(keys.admin)).toMatch(PERSONAL);
    const masked = (await lines(keys.boss)).replaceAll(SESSION, "SESSION");
    expect(masked).not.toMatch(PERSONAL);
    expect(
      masked
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { seq: number }).seq),
    ).toContain(1);
  } finally {
    vi.useRealTimers();
  }
});
