/** Conversations of sessions through HTTP, in real workerd: what is remembered, who reads it, and how it is forgotten. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const keys: Record<string, string> = {};
let made = 0;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  await applyD1Migrations(env.EXAMPLES, inject("examplesMigrations"));
  const make = async (subject: string, tenant: string, scopes: readonly ("read" | "execute" | "admin")[]) =>
    (await server.newKey({ subject, tenant, scopes })).key;
  keys.olga = await make("olga", "acme-threads", ["read", "execute"]);
  keys.ivan = await make("ivan", "acme-threads", ["read", "execute"]);
  keys.ada = await make("ada", "acme-threads", ["admin"]);
  keys.zeus = await make("zeus", "rival-threads", ["admin"]);
});

function session(): string {
  made += 1;
  return `threads-${made}`;
}

async function say(id: string, message: string, agent = "shop-desk"): Promise<string> {
  const { status, body } = await server.call("POST", `/api/v1/execute/${agent}.chat?wait=20`, {
    ...{ key: keys.olga, body: { input: { message } }, headers: { "x-session-id": id } },
  });
  expect([status, body.status]).toEqual([200, "succeeded"]);
  return String(body.execution_id);
}

const of = (id: string, rest = "") => `/api/v1/sessions/${id}/threads${rest}`;
const ask = (key: string, path: string, method = "GET") => server.call(method, path, { key: keys[key] });

describe("a thread", () => {
  test("is read as it was said, and listed by its session", async () => {
    const id = session();
    const first = await say(id, "Which kinds of tea do we sell?");
    const second = await say(id, "And which pots?");
    const { status, body } = await ask("olga", of(id, "/shop-desk"));
    expect(status).toBe(200);
    expect(body).toMatchObject({ session_id: id, agent: "shop-desk", messages: 4, summary: null });
    const items = body.items as { role: string; text: string; execution_id: string }[];
    expect(items.map(({ role, execution_id }) => [role, execution_id])).toEqual([
      ...[first, second].flatMap((one) => [
        ["user", one],
        ["assistant", one],
      ]),
    ]);
    expect(items[2]?.text).toBe("And which pots?");
    await say(id, "Which kinds of tea do we sell?", "order-desk");
    const listed = await ask("olga", of(id));
    expect(listed.body).toMatchObject({
      session_id: id,
      items: [
        { agent: "order-desk", messages: 2 },
        { agent: "shop-desk", messages: 4, started_at: body.started_at, updated_at: body.updated_at },
      ],
      next_cursor: null,
    });
    const page = await ask("olga", of(id, "?limit=1"));
    expect(page.body.items).toMatchObject([{ agent: "order-desk" }]);
    const next = await ask("olga", of(id, `?limit=1&cursor=${page.body.next_cursor}`));
    expect(next.body).toMatchObject({ items: [{ agent: "shop-desk" }], next_cursor: null });
  });

  test("is forgotten: it is gone from the list, and the next message begins a new one", async () => {
    const id = session();
    await say(id, "Which kinds of tea do we sell?");
    const forget = () => ask("olga", of(id, "/shop-desk"), "DELETE");
    expect([(await forget()).status, (await forget()).status]).toEqual([204, 404]);
    expect((await ask("olga", of(id, "/shop-desk"))).status).toBe(404);
    expect((await ask("olga", of(id))).body.detail).toContain("no conversation of a session");
    await say(id, "And which pots?");
    expect((await ask("olga", of(id, "/shop-desk"))).body).toMatchObject({ messages: 2 });
    expect((await ask("olga", of(id))).body.items).toMatchObject([{ agent: "shop-desk", messages: 2 }]);
  });

  test("is its owner's: an administrator of the tenant reads and forgets it by the owner's name, nobody else", async () => {
    const id = session();
    await say(id, "Which kinds of tea do we sell?");
    for (const key of ["ivan", "zeus", "ada"]) {
      expect((await ask(key, of(id, "/shop-desk"))).status).toBe(404);
      expect((await ask(key, of(id))).status).toBe(404);
      expect((await ask(key, of(id, "/shop-desk"), "DELETE")).status).toBe(404);
    }
    for (const path of [of(id, "?owner=olga"), of(id, "/shop-desk?owner=olga")])
      expect((await ask("ivan", path)).body.detail).toContain("owner: only an administrator reads what is another's");
    expect((await ask("ivan", of(id, "/shop-desk?owner=olga"), "DELETE")).status).toBe(404);
    // An administrator of another tenant finds nothing there.
    expect((await ask("zeus", of(id, "/shop-desk?owner=olga"))).status).toBe(404);
    expect((await ask("zeus", of(id, "/shop-desk?owner=olga"), "DELETE")).status).toBe(404);
    expect((await ask("ada", of(id, "/shop-desk?owner=olga"))).body).toMatchObject({ messages: 2 });
    expect((await ask("ada", of(id, "?owner=olga"))).body.items).toMatchObject([{ agent: "shop-desk" }]);
    expect((await ask("ada", of(id, "/shop-desk?owner=olga"), "DELETE")).status).toBe(204);
    expect((await ask("olga", of(id, "/shop-desk"))).status).toBe(404);
  });

  test("of messages that come at once keeps each, in the order in which they were taken", async () => {
    const id = session();
    const words = ["one", "two", "three", "four", "five", "six"];
    await Promise.all(words.map((word) => say(id, `Message ${word}`)));
    const { body } = await ask("olga", of(id, "/shop-desk"));
    const items = body.items as { role: string; text: string; execution_id: string }[];
    expect(items).toHaveLength(12);
    const said = items.filter(({ role }) => role === "user").map(({ text }) => text.replace("Message ", ""));
    expect(said.toSorted()).toEqual(words.toSorted());
    // Each answer stands behind its own message.
    for (let at = 0; at < 12; at += 2) expect(items[at + 1]?.execution_id).toBe(items[at]?.execution_id);
  });
});
