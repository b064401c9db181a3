/**
 * An agent of the kit in a page of a real browser: registers, polls, does its work, reports, and ends; and a page that is loaded again in
 * the middle goes on with what it had begun, because its store is the browser's. A Worker does the same in test/workers/agent-kit.test.ts.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import type * as Kit from "../../src/agent/index.ts";
import type { Client } from "../../src/client/index.ts";
import { createClient } from "../../src/client/index.ts";
import { startBrowser, whyNoBrowser } from "../support/processes/chromium.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const reason = whyNoBrowser();
const KIT = resolve(import.meta.dirname, "../../src/agent/index.ts");

/** What the page has of the bundle, and what it keeps. */
interface InPage {
  readonly kit: typeof Kit & { readonly z: typeof z };
  agent: Kit.PollingAgent;
  done: string[];
}

describe.skipIf(reason !== undefined)(`an agent in a browser${reason ? ` (${reason})` : ""}`, () => {
  let stateDir: string;
  let server: Server;
  let browser: Browser;
  let bundle: string;
  let client: Client;
  let key: string;
  const pages = createServer((_, response) => response.end("<!doctype html><title>A page</title>"));

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "errand-browser-agent-"));
    await new Promise<void>((done) => pages.listen(0, "127.0.0.1", done));
    server = await startServer({ stateDir, env: { ERRAND_ALLOWED_ORIGINS: origin() } });
    browser = await startBrowser();
    const contents = `export * from ${JSON.stringify(KIT)}; export { z } from "zod";`;
    const built = await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      ...{ bundle: true, format: "iife", globalName: "kit", write: false, external: ["node:*"] },
    });
    bundle = built.outputFiles[0]?.text ?? "";
    client = createClient({ baseUrl: server.url });
    key = (await client.keys.create({ name: "a page's", scopes: ["execute", "read"] })).key;
  });
  afterAll(async () => {
    await browser?.close();
    pages.close();
    await server?.kill("SIGKILL");
    await rm(stateDir, { recursive: true, force: true });
  });

  const origin = () => `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;

  /** An agent whose work `slow` never ends by itself; what is begun is in the page's local storage. */
  async function startIn(page: Page, id: string): Promise<void> {
    await page.goto(origin());
    await page.addScriptTag({ content: bundle });
    await page.evaluate(
      async ({ url, key, id }) => {
        const page = globalThis as unknown as InPage;
        const { createPollingAgent, z } = page.kit;
        const { localStorage } = globalThis as unknown as { readonly localStorage: Map<string, string> & Storage };
        const load = async () => JSON.parse(localStorage.getItem("works") ?? "{}") as Record<string, unknown>;
        const keep = (works: object) => localStorage.setItem("works", JSON.stringify(works));
        page.done = [];
        page.agent = createPollingAgent({
          ...{ url, key, id, waitSeconds: 2 },
          store: {
            isDurable: true,
            load,
            save: async (name, work) => keep({ ...(await load()), [name]: work }),
            remove: async (name) => {
              const { [name]: _gone, ...rest } = await load();
              keep(rest);
            },
          },
          actions: {
            greet: {
              input: z.object({ name: z.string() }),
              run: async ({ name }) => {
                page.done.push(name);
                if (name === "slow") await new Promise(() => {});
                return { greeting: `Hello ${name}` };
              },
              checkOutcome: async ({ name }) => ({ happened: true, output: { greeting: `Hello again ${name}` } }),
            },
          },
        });
        await page.agent.start();
      },
      { url: server.url, key, id },
    );
  }

  async function begun(agent_id: string, names: readonly string[]): Promise<string> {
    const plan_id = `plan_of_${agent_id}`;
    const subtasks = names.map((name) => ({ id: name, title: name, action: "greet", params: { name } }));
    await client.plans.create({ plan_id, goal: "Greet", tasks: [{ id: "t", title: "T", subtasks }] });
    return (await client.plans.executions.start({ plan_id, agent_id })).id;
  }
  const results = async (id: string) => {
    const { status, tasks } = await client.plans.executions.get(id);
    return [status, tasks[0]?.subtasks.map(({ result_data }) => result_data)];
  };

  test("registers, polls, reports, and ends as it is told", async () => {
    const page = await browser.newPage();
    await startIn(page, "agent_page");
    expect(await client.pollingAgents.get("agent_page")).toMatchObject({
      capabilities: [{ action: "greet", params: { properties: { name: { type: "string" } } } }],
    });
    const id = await begun("agent_page", ["Carol", "Mark"]);
    const greetings = [{ greeting: "Hello Carol" }, { greeting: "Hello Mark" }];
    await expect.poll(() => results(id)).toEqual(["COMPLETED", greetings]);
    const told = await page.evaluate(async () => {
      const { agent, done } = globalThis as unknown as InPage;
      await agent.stop();
      await agent.done;
      return done;
    });
    expect(told).toEqual(["Carol", "Mark"]);
    await page.close();
  });

  test("whose page is loaded again in the middle goes on with what it had begun", async () => {
    const page = await browser.newPage();
    await startIn(page, "agent_again");
    const id = await begun("agent_again", ["slow"]);
    await expect.poll(() => page.evaluate(() => (globalThis as unknown as InPage).done)).toEqual(["slow"]);
    await startIn(page, "agent_again");
    await expect.poll(() => results(id)).toEqual(["COMPLETED", [{ greeting: "Hello again slow" }]]);
    expect(await page.evaluate(() => (globalThis as unknown as InPage).done)).toEqual([]);
    await page.close();
  });
});
