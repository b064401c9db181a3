/** What a program throws while readers look on: each open stream tells its owner the words, and everybody else one sentence. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { UNDECLARED } from "../../src/domain/values/exceptions.ts";
import { Deployment } from "../support/workers/deployment.ts";

const WORDS = "/reserve answered 400";
const server = new Deployment();
const tenant = "acme-live-exceptions";
const keys: Record<string, string> = {};
/** What the bank waits for before it answers. */
let answered = Promise.resolve();

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (subject: string, admin: boolean, masked = false) => {
    const scopes = admin ? (["admin"] as const) : (["execute", "read"] as const);
    keys[subject] = (await server.newKey({ subject, scopes, tenant, masked })).key;
  };
  await make("owner", false);
  await make("administrator", true);
  await make("viewer", true, true);
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    await answered;
    return new Response("no", { status: 400 });
  });
});
afterAll(() => vi.restoreAllMocks());

async function socketTexts(path: string, key: string | undefined): Promise<string[]> {
  const { webSocket, status } = await server.fetch("GET", path, { key, headers: { upgrade: "websocket" } });
  if (!webSocket) throw new Error(`no socket, but ${status}`);
  const texts: string[] = [];
  webSocket.addEventListener("message", ({ data }) => void texts.push(String(data)));
  webSocket.accept();
  return texts;
}

async function eventTexts(path: string, key: string | undefined): Promise<string[]> {
  const { body } = await server.fetch("GET", path, { key, headers: { accept: "text/event-stream" } });
  const texts: string[] = [];
  const read = async () => {
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) texts.push(chunk);
  };
  void read();
  return texts;
}

/** A token keeps who asked for it. */
async function byToken(path: string, key: string | undefined, execution_id: string): Promise<string[]> {
  const { body } = await server.call("POST", "/api/v1/tokens", { key, body: { execution_id } });
  return socketTexts(`${path}?token=${body.token}`, undefined);
}

const STREAMS: Readonly<Record<string, (key: string | undefined, id: string) => Promise<string[]>>> = {
  "the socket": (key, id) => socketTexts(`/api/v1/executions/${id}/stream`, key),
  "the socket with batches": (key, id) => socketTexts(`/api/v1/executions/${id}/stream?batch=true`, key),
  "the socket, by a token": (key, id) => byToken(`/api/v1/executions/${id}/stream`, key, id),
  "the plan stream": (key, id) => socketTexts(`/api/executions/${id}/stream`, key),
  "server-sent events": (key, id) => eventTexts(`/api/v1/executions/${id}/events`, key),
  "the feed of lists": (key) => socketTexts("/api/v1/feed", key),
};

test.each(Object.entries(STREAMS))("%s", async (_name, open) => {
  let release = () => {};
  answered = new Promise<void>((resolve) => (release = resolve));
  const input = { transfer_id: `t${Math.random()}`, from: "ann", to: "bo", amount: 5 };
  const id = await server.start(keys.owner ?? "", "ledger.transfer", input);
  const heard: Record<string, string[]> = {};
  for (const [who, key] of Object.entries(keys)) heard[who] = await open(key, id);
  release();
  const all = (who: string) => heard[who]?.join("\n") ?? "";
  for (const who of Object.keys(keys)) await expect.poll(() => all(who)).toMatch(/"failed"|execution.failed|FAILED/);
  await expect.poll(() => all("owner")).toContain(WORDS);
  for (const who of ["administrator", "viewer"]) {
    await expect.poll(() => all(who)).toContain(UNDECLARED);
    expect(all(who)).not.toContain(WORDS);
  }
});
