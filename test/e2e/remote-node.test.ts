/** The node of the examples, started by its one command beside a real server. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../../src/client/index.ts";
import { eventually } from "../support/eventually.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const SCRIPT = resolve(import.meta.dirname, "../../src/examples/remote-node.ts");
let server: Server;
let stateDir: string;
let node: ChildProcess;
let said = "";
let port = 0;

const freePort = () =>
  new Promise<number>((found) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => found(free));
    });
  });

async function startNode(): Promise<void> {
  said = "";
  node = spawn(process.execPath, [SCRIPT], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH, AGENTFIELD_SERVER: server.url, PORT: String(port) },
  });
  node.stdout?.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  await eventually(() => expect(said).toContain(`words listens at http://localhost:${port}`));
}

const ended = (child: ChildProcess) => new Promise((done) => child.once("exit", done));

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-remote-node-"));
  server = await startServer({ stateDir });
  port = await freePort();
  await startNode();
});

afterAll(async () => {
  node?.kill("SIGKILL");
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

test("counts words, and calls itself for each text; both stand in one run", async () => {
  const errand = createClient({ baseUrl: server.url });
  const done = await errand.execute("words.compare", { texts: ["one two", "three", ""] });
  expect(done).toMatchObject({ status: "succeeded", result: { counts: [{ words: 2 }, { words: 1 }, { words: 0 }] } });
  const answer = await fetch(`${server.url}/api/v1/runs/${done.run_id}/dag`);
  expect(await answer.json()).toMatchObject({
    ...{ total_nodes: 4, max_depth: 1, workflow_status: "succeeded" },
    dag: { reasoner_id: "compare", children: [{}, {}, {}].map(() => ({ reasoner_id: "count", status: "succeeded" })) },
  });
  const failed = await errand.execute("words.compare", { texts: 7 });
  expect(failed).toMatchObject({ status: "failed", failure_code: "agent_error" });
});

test("what is asked while it is gone is done when it is back", async () => {
  const exit = ended(node);
  node.kill("SIGKILL");
  await exit;
  const errand = createClient({ baseUrl: server.url });
  const { execution_id: id } = await errand.executeAsync("words.count", { text: "a b c" });
  await startNode();
  expect(await errand.wait(id)).toMatchObject({ status: "succeeded", result: { words: 3 } });
});
