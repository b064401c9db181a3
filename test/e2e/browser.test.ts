/**
 * A browser follows an execution over the public API while the server dies and comes back: the client's own bundle, a page
 * of another origin that `ERRAND_ALLOWED_ORIGINS` lists, real sockets. Once as the local user, once with a key and a stream
 * token. A page of an origin that is not listed reads and starts nothing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as Errand from "../../src/client/index.ts";
import { createClient } from "../../src/client/index.ts";
import { startBrowser, whyNoBrowser } from "../support/processes/chromium.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const reason = whyNoBrowser();
const CLIENT = resolve(import.meta.dirname, "../../src/client/index.ts");

interface PageServer {
  readonly origin: string;
  close(): void;
}

/** An empty page on a port of its own. */
async function servePage(): Promise<PageServer> {
  const pages = createServer((_, response) => response.end("<!doctype html><title>A page</title>"));
  await new Promise<void>((done) => pages.listen(0, "127.0.0.1", done));
  const { port } = pages.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => pages.close() };
}

/** What the page keeps of its two ways to read along. */
interface Seen {
  readonly events: Errand.EventBody[];
  readonly frames: Errand.Frame[];
  ended: number;
  failed: string[];
}

describe.skipIf(reason !== undefined)(`a browser${reason ? ` (${reason})` : ""}`, () => {
  let stateDir: string;
  let server: Server;
  let browser: Browser;
  let bundle: string;
  /** The first is listed. */
  let pages: readonly PageServer[] = [];

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "errand-browser-"));
    pages = [await servePage(), await servePage()];
    const origins = pages[0]?.origin ?? "";
    server = await startServer({ stateDir, env: { ERRAND_HEARTBEAT_MS: "1000", ERRAND_ALLOWED_ORIGINS: origins } });
    browser = await startBrowser();
    const built = await build({
      entryPoints: [CLIENT],
      bundle: true,
      format: "iife",
      globalName: "errand",
      write: false,
    });
    bundle = built.outputFiles[0]?.text ?? "";
  });

  afterAll(async () => {
    await browser?.close();
    for (const page of pages) page.close();
    await server?.kill("SIGKILL");
    await rm(stateDir, { recursive: true, force: true });
  });

  /**
   * Of another port of this machine, and really from there: Chromium lets no page from elsewhere, nor one that a test made
   * up, open sockets to this machine.
   */
  async function openPage(from = pages[0]): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(from?.origin ?? "");
    await page.addScriptTag({ content: bundle });
    return page;
  }

  /** Begins to read in the page, by both ways; it goes on there, whatever happens. */
  async function follow(page: Page, id: string, key: string | undefined): Promise<void> {
    await page.evaluate(
      ({ id, ...options }) => {
        const { errand } = globalThis as unknown as { readonly errand: typeof Errand };
        const client = errand.createClient({ ...options, timing: { maxElapsedMs: 120_000 } });
        const seen: Seen = { events: [], frames: [], ended: 0, failed: [] };
        Object.assign(globalThis, { seen });
        const keep = async <T>(items: AsyncIterable<T>, kept: T[]) => {
          for await (const item of items) kept.push(item);
          seen.ended += 1;
        };
        for (const reading of [keep(client.events(id), seen.events), keep(client.stream(id), seen.frames)])
          reading.catch((error: unknown) => seen.failed.push(String(error)));
      },
      { id, baseUrl: server.url, ...(key === undefined ? {} : { key }) },
    );
  }

  const seenBy = (page: Page): Promise<Seen> =>
    page.evaluate(() => (globalThis as unknown as { readonly seen: Seen }).seen);

  async function newKey(): Promise<string> {
    const body = JSON.stringify({ name: "a browser's", scopes: ["execute", "read", "approve"] });
    const made = await fetch(`${server.url}/api/v1/keys`, { method: "POST", body });
    return ((await made.json()) as { key: string }).key;
  }

  test.each([
    ["as the local user", async () => undefined],
    ["with a key and stream tokens", newKey],
  ])("follows one execution through kill -9 and a restart, %s", async (_, keyOf) => {
    const key = await keyOf();
    const client = createClient({ baseUrl: server.url, ...(key === undefined ? {} : { key }) });
    // It ends when it is told to: after the restart, however long that takes.
    const { execution_id: id } = await client.executeAsync("approvals.demo", { claim: "c", amount: 5 });
    const page = await openPage();
    await follow(page, id, key);
    for (let n = 0; n < 5; n += 1) await client.note(id, `before the kill, ${n}`);
    await expect.poll(async () => (await seenBy(page)).events.length).toBeGreaterThan(5);
    await server.restart();
    const restartedAtMs = Date.now();
    for (let n = 0; n < 5; n += 1) await client.note(id, `after the kill, ${n}`);
    await client.approve(id, { decision: "approved" });
    await expect.poll(async () => (await seenBy(page)).ended).toBe(2);
    const { events, frames, failed } = await seenBy(page);
    const { events: log } = await client.log(id);
    expect(failed).toEqual([]);
    expect(log.at(-1)?.type).toBe("execution.succeeded");
    expect(Date.parse(log.at(-1)?.at ?? "")).toBeGreaterThan(restartedAtMs);
    expect(events).toEqual(log);
    expect(frames.flatMap((frame) => (frame.type === "event" ? [frame.event] : []))).toEqual(log);
    await page.close();
  });

  test("shows a page the headers that a client needs, and one of an origin that is not listed nothing", async () => {
    const ask = async (from: PageServer | undefined) => {
      const page = await openPage(from);
      const told = await page.evaluate(async (url) => {
        const init = { method: "POST", headers: { "content-type": "application/json", "idempotency-key": "k-1" } };
        const body = JSON.stringify({ input: { message: "hi", seconds: 0 } });
        try {
          const answer = await fetch(`${url}/api/v1/execute/async/clock.remind`, { ...init, body });
          return [answer.status, answer.headers.get("x-execution-id"), answer.headers.get("x-request-id")];
        } catch (error) {
          return [String(error)];
        }
      }, server.url);
      await page.close();
      return told;
    };
    expect(await ask(pages[0])).toEqual([202, expect.stringMatching(/^exec_/), expect.stringMatching(/^req_/)]);
    expect(await ask(pages[1])).toEqual([expect.stringContaining("Failed to fetch")]);
  });
});
