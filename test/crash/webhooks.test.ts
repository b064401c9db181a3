/** A webhook through SIGKILL of the real server: what was begun or put off before it is told by the process after it. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../../src/client/index.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;

let server: Server;
let stateDir: string;
/** Bodies that came with a signature that fits, by execution. */
const came = new Map<string, Record<string, unknown>[]>();
let isUp = false;

const receiver = createServer(async (request, response) => {
  let text = "";
  for await (const piece of request) text += piece;
  const body = new Webhook(SECRET).verify(text, request.headers as Record<string, string>) as Record<string, unknown>;
  const id = String(body.execution_id);
  came.set(id, [...(came.get(id) ?? []), body]);
  // A host that is down hangs for one of them, and answers the other one with an error.
  if (isUp) response.writeHead(204).end();
  else if (body.context !== "hangs") response.writeHead(500).end();
});

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-webhooks-"));
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  server = await startServer({ stateDir });
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  receiver.closeAllConnections();
  receiver.close();
  await rm(stateDir, { recursive: true, force: true });
});

test("is delivered by the next process", async () => {
  const { port } = receiver.address() as AddressInfo;
  const errand = createClient({ baseUrl: server.url, timing: { maxBackoffMs: 250 } });
  const webhook = { url: `http://127.0.0.1:${port}/hook`, secret: SECRET };
  const start = async (context: string) =>
    (await errand.execute("clock.remind", { message: "m", seconds: 0 }, { webhook, context })).execution_id;
  const ids = await Promise.all([start("hangs"), start("fails")]);
  const wait = { timeout: 60_000, interval: 50 };
  await expect.poll(() => ids.map((id) => (came.get(id) ?? []).length > 0), wait).toEqual([true, true]);
  isUp = true;
  await server.restart();
  const standing = async () => {
    const all = await Promise.all(ids.map((id) => errand.webhooks.get(id)));
    return all.map(({ deliveries }) => deliveries.map(({ status }) => status));
  };
  await expect.poll(standing, wait).toEqual([["delivered"], ["delivered"]]);
  for (const id of ids) {
    expect((came.get(id) ?? []).length).toBeGreaterThanOrEqual(2);
    expect(came.get(id)?.at(-1)).toMatchObject({ event: "execution.completed", result: { message: "m" } });
    expect((await errand.invariants(id)).filter(({ verdict }) => verdict === "violated")).toEqual([]);
  }
}, 120_000);
