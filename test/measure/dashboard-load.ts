/**
 * How the dashboard bears load: `node test/measure/dashboard-load.ts [EXECUTIONS] [SECONDS]`, 5,000 and 30 unless told otherwise.
 *
 * 1. So many executions are live in one open list: time to the first rows, all of them scrolled through, then every tenth is
 *    cancelled while the page is watched.
 * 2. For so many seconds 1,000 events a second come into the open page of one execution.
 *
 * Prints the longest frame, the frames above 200 ms and the heap after a collection. Ends with 1 when a frame was longer than 200 ms.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Client } from "../../src/client/index.ts";
import { createClient } from "../../src/client/index.ts";
import { count } from "../../src/dashboard/parts/words.ts";
import { ensureDashboard } from "../../src/packing/dashboard.ts";
import { startBrowser } from "../support/processes/chromium.ts";
import { startServer } from "../support/processes/server.ts";

const EXECUTIONS = Number(process.argv[2] ?? 5_000);
const SECONDS = Number(process.argv[3] ?? 30);
const LONG_MS = 200;
const AT_ONCE = 16;
const BATCH = 100;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Counts the frames of a page from its first script on. */
const COUNT_FRAMES = `(() => {
  const frames = { longest: 0, long: 0, count: 0, last: performance.now() };
  globalThis.frames_ = frames;
  const tick = () => {
    const now = performance.now();
    const took = now - frames.last;
    frames.last = now;
    frames.count += 1;
    if (took > frames.longest) frames.longest = took;
    if (took > ${LONG_MS}) frames.long += 1;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})()`;

interface Frames {
  readonly longest: number;
  readonly long: number;
  readonly count: number;
}

/** What was counted since the last time. */
function framesOf(page: Page): Promise<Frames> {
  return page.evaluate<Frames>(`(() => {
    const { longest, long, count } = globalThis.frames_;
    Object.assign(globalThis.frames_, { longest: 0, long: 0, count: 0 });
    return { longest, long, count };
  })()`);
}

async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize / 1_048_576;
}

let longFrames = 0;

async function report(page: Page, what: string): Promise<void> {
  const { longest, long, count } = await framesOf(page);
  longFrames += long;
  const heap = await heapOf(page);
  const words = `longest frame ${Math.round(longest)} ms, ${long} of ${count} above ${LONG_MS} ms, heap ${heap.toFixed(1)} MiB`;
  say(`${what}: ${words}`);
  await framesOf(page);
}

/** Runs `work` once for each number below `count`, so many at once. */
async function each(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function manyExecutions(client: Client, page: Page, url: string): Promise<void> {
  const ids: string[] = [];
  const startedAt = performance.now();
  await each(EXECUTIONS, async (n) => {
    const input = { message: `Tea ${n}`, seconds: 36_000 };
    ids.push((await client.executeAsync("clock.remind", input)).execution_id);
  });
  say(`${EXECUTIONS} executions were started in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  const openedAt = performance.now();
  await page.goto(`${url}/ui/executions`);
  await page.locator(".rows li").first().waitFor();
  say(`first rows after ${Math.round(performance.now() - openedAt)} ms`);
  await page.waitForTimeout(1_000);
  await framesOf(page);
  // The one of the events is there too.
  const shown = `${count(EXECUTIONS + (SECONDS > 0 ? 1 : 0))} executions`;
  while (!((await page.locator(".filters-end").textContent()) ?? "").includes(shown)) {
    await page.evaluate("document.querySelector('.rows-box').scrollTop = 1e9");
    await page.waitForTimeout(50);
  }
  await report(page, `${EXECUTIONS} rows, scrolled through`);
  await page.evaluate("document.querySelector('.rows-box').scrollTop = 0");
  await each(Math.floor(EXECUTIONS / 10), (n) => client.cancel(ids[n * 10] ?? ""));
  await page.getByRole("button", { name: "Active" }).click();
  await page.locator(".rows li").first().waitFor();
  await report(page, `${Math.floor(EXECUTIONS / 10)} of them were cancelled while it was open`);
}

async function manyEvents(client: Client, page: Page, url: string): Promise<void> {
  const { execution_id: id } = await client.executeAsync("clock.remind", { message: "Tea", seconds: 36_000 });
  await page.goto(`${url}/ui/executions/${id}?tab=events`);
  await page.locator(".events li").first().waitFor();
  await page.waitForTimeout(1_000);
  await report(page, "before the events");
  // Opening the page is no part of it.
  longFrames = 0;
  const batch = Array.from({ length: BATCH }, (_, at) => ({ name: `s${at}`, data: null }));
  const startedAt = performance.now();
  let sent = 0;
  for (let second = 1; second <= SECONDS; second += 1) {
    while (sent < second * 1_000) {
      await client.signals(id, batch);
      sent += BATCH;
      const dueMs = startedAt + sent - performance.now();
      if (dueMs > 0) await page.waitForTimeout(dueMs);
    }
    if (second % 10 === 0)
      await report(page, `after ${second * 1_000} events, ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  }
  const last = (await client.get(id)).seq;
  await page.getByText(`of ${last}`).first().waitFor();
  await report(page, `all ${last} events are there`);
}

ensureDashboard();
const stateDir = mkdtempSync(join(tmpdir(), "errand-load-"));
const server = await startServer({ stateDir });
const browser = await startBrowser();
try {
  const client = createClient({ baseUrl: server.url });
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  await page.addInitScript(COUNT_FRAMES);
  if (SECONDS > 0) await manyEvents(client, page, server.url);
  if (EXECUTIONS > 0) await manyExecutions(client, page, server.url);
} finally {
  await browser.close();
  await server.kill("SIGKILL");
  rmSync(stateDir, { recursive: true, force: true });
}
process.exitCode = longFrames > 0 ? 1 : 0;
