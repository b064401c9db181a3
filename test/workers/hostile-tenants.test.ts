/**
 * Strangers who know every id, name and key id of another user, and try each of them in every place of every call: by
 * path, by query, by header, by tricks. What they are told holds nothing that they did not say, and nothing is changed.
 */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { Scope } from "../../src/domain/execution/principal.ts";
import type { Marked } from "../support/hostile/canaries.ts";
import { leaked, markedThings } from "../support/hostile/canaries.ts";
import type { Try } from "../support/hostile/requests.ts";
import { byHeader, byPath, byPathTrick, byQuery } from "../support/hostile/requests.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";
import { textOf } from "../support/workers/text-of.ts";

const VICTIM = "victim-hostile";
const RIVAL = "rival-hostile";
const server = new Deployment();
const keys: Record<string, string> = {};
let olga = { key: "", id: "" };
let marked: Marked;

/** Approvals are a matter of the whole tenant for who decides (access-table.test.ts): here nobody of the tenant decides. */
const STRANGERS = ["ivan", "agnes", "namesake", "zeus", "revoked", "nobody"] as const;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, scopes: readonly Scope[], { subject = name, tenant = VICTIM } = {}) => {
    const made = await server.newKey({ name, subject, scopes, tenant });
    keys[name] = made.key;
    return made;
  };
  olga = await make("olga", ["execute", "read", "agent", "approve"]);
  // Of the same tenant: another user, and an agent.
  await make("ivan", ["execute", "read", "agent"]);
  await make("agnes", ["agent"]);
  // Of another one: her namesake with every scope, and its administrator.
  await make("namesake", ["execute", "read", "agent", "approve"], { subject: "olga", tenant: RIVAL });
  await make("zeus", ["admin"], { tenant: RIVAL });
  const { id } = await make("revoked", ["admin"]);
  await server.call("DELETE", `/api/v1/keys/${id}`, { key: ROOT_KEY });
  keys.nobody = "";
});
beforeEach(async () => {
  const { id: keyId } = await server.newKey({ name: "canary-key", subject: "olga", scopes: ["read"], tenant: VICTIM });
  marked = await markedThings({ server, key: olga.key, tenant: VICTIM, keyId });
});

/** Some wait long for a row that the index may yet be told of. */
const AT_ONCE = 100;

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** All that can be seen of an answer: status, headers, body or the first frames. */
async function said(
  { method, path, sent }: Try,
  key: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const url = path.startsWith("http") ? path : `https://errand.test${path}`;
  const headers = { ...(key === "" ? {} : { authorization: `Bearer ${key}` }), ...sent.headers };
  const body = sent.body === undefined ? {} : { body: JSON.stringify(sent.body) };
  const answer = await server.send(new Request(url, { method, headers, ...body }));
  const { status, webSocket } = answer;
  if (webSocket) {
    const texts: string[] = [];
    webSocket.addEventListener("message", ({ data }) => void texts.push(String(data)));
    webSocket.accept();
    await new Promise((resolve) => setTimeout(resolve, 50));
    webSocket.close();
    return { status, text: texts.join("\n") };
  }
  return { status, text: `${JSON.stringify([...answer.headers])}\n${await textOf(answer)}` };
}

/** Everything of hers, as she sees it. */
async function hers(): Promise<string> {
  const { id, chosen_id, key_id, plan_id } = marked.names;
  const read = async (path: string, key = olga.key) => JSON.stringify((await server.call("GET", path, { key })).body);
  const views = [id, chosen_id].flatMap((one) => [
    read(`/api/v1/executions/${one}/events?limit=1000`),
    read(`/api/v1/executions/${one}/effects`),
  ]);
  const listed = JSON.parse(await read(`/api/v1/keys?tenant=${VICTIM}&limit=200`, ROOT_KEY)) as {
    items: { key_id: string; revoked_at: string | null }[];
  };
  const key = listed.items.find((one) => one.key_id === key_id);
  views.push(read(`/api/plans/${plan_id}`));
  return [...(await Promise.all(views)), String(key?.revoked_at)].join("\n");
}

async function attacked(tries: readonly Try[], who: string): Promise<void> {
  const before = await hers();
  const wrong: string[] = [];
  await each(tries, async (one) => {
    const { status, text } = await said(one, keys[who] ?? "");
    const spoken = JSON.stringify([
      one.path,
      decodeURIComponent(one.path.replaceAll(/%(?![\da-f]{2})/gi, "%25")),
      one.sent,
    ]);
    const shown = leaked(text, spoken, marked);
    if (shown.length > 0) wrong.push(`${one.name} told ${who} ${shown.join(", ")}`);
    if (status >= 500 && status !== 503) wrong.push(`${one.name} answered ${who} ${status}`);
  });
  expect(wrong).toEqual([]);
  expect(await hers()).toBe(before);
}

/** Names of the same forms that nobody has, in the same order. */
function unknownNames({ names }: Marked): Marked["names"] {
  const id = `${names.id.slice(0, 20)}AAAAAAAAAA${names.id.slice(30)}`;
  const unknown = Object.entries(names).map(([name, value]) => {
    if (name === "key_id") return [name, "key_0000000000000000"];
    return [
      name,
      value.replace("canary", "nobody").replace("victim", "nobody").replace(names.id.slice(5), id.slice(5)),
    ];
  });
  return Object.fromEntries(unknown) as Marked["names"];
}

/** An answer but for what differs from one to the next anyway, and for the names that were sent along. */
function plain({ status, text }: { readonly status: number; readonly text: string }, names: Marked["names"]): string {
  let said = `${status} ${text}`;
  for (const [name, value] of Object.entries(names)) if (value.length > 3) said = said.replaceAll(value, `(${name})`);
  return said
    .replaceAll(/(req|exec|run|key|errand|gate)_[\w.-]{8,}/g, "$1_")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "(instant)")
    .replaceAll(/eyJ[\w.-]+/g, "(token)");
}

test.each(["ivan", "namesake", "zeus"])("%s cannot tell what there is from what there is not", async (who) => {
  const fake = unknownNames(marked);
  const pairs = [byPath, byQuery].flatMap((by) => {
    const there = by(fake);
    // What names nothing is about the stranger's own things, and those change from one moment to the next.
    const said = by(marked.names).map((one, at) => [one, there[at] ?? one] as const);
    // That the name of an agent is taken is said, and where it is free the stranger's own is stored.
    const asked = said.filter(([one]) => !one.name.startsWith("PUT /api/v1/agents/"));
    return asked.filter(([one, none]) => JSON.stringify(one) !== JSON.stringify(none));
  });
  expect(pairs.length).toBeGreaterThan(400);
  const told: string[] = [];
  await each(pairs, async ([real, none]) => {
    const [a, b] = await Promise.all([said(real, keys[who] ?? ""), said(none, keys[who] ?? "")]);
    if (plain(a, marked.names) !== plain(b, fake))
      told.push(`${real.name}\n  ${plain(a, marked.names)}\n  ${plain(b, fake)}`);
  });
  expect(told).toEqual([]);
});

describe.each(STRANGERS)("%s", (who) => {
  test("by the path of any call", () => attacked(byPath(marked.names), who));
  test("by any parameter of a query", () => attacked(byQuery(marked.names), who));
  test("by any header", () => attacked(byHeader(marked.names), who));
  test("by the ways to write a path", () => attacked(byPathTrick(marked.names), who));
});

test("the marks are seen where they may be: the owner is told every secret by the same requests", async () => {
  const all: string[] = [];
  const reads = byPath(marked.names).filter(({ method }) => method === "GET");
  await each(reads, async (one) => void all.push((await said(one, olga.key)).text));
  expect(marked.secrets.filter((secret) => !all.join().includes(secret) && !secret.includes("-key-"))).toEqual([]);
});
