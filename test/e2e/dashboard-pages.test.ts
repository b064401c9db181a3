/**
 * How the pages of the dashboard look, behind them a day of work (`test/support/dashboard/scene.ts`): axe looks at each in both
 * themes, none is wider than a phone, and of each a picture is made at a desk's and at a phone's width, for people to look at. They are
 * in `dist/pictures`. `PICTURES=PATTERN` takes only pages whose names it fits.
 */
import { mkdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient } from "../../src/client/index.ts";
import { ensureDashboard } from "../../src/packing/dashboard.ts";
import { pagesOf, SIZES } from "../support/dashboard/pages.ts";
import type { Scene } from "../support/dashboard/scene.ts";
import { makeScene, startCarelessBank } from "../support/dashboard/scene.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { startBrowser, whyNoBrowser } from "../support/processes/chromium.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const reason = whyNoBrowser();
const PICTURES = resolve(import.meta.dirname, "../../dist/pictures");
const WANTED = new RegExp(process.env.PICTURES ?? "");
type Theme = "light" | "dark";

describe.skipIf(reason !== undefined)(`the pages of the dashboard${reason ? ` (${reason})` : ""}`, () => {
  let stateDir: string;
  let server: Server;
  let bank: Awaited<ReturnType<typeof startCarelessBank>>;
  let browser: Browser;
  let scene: Scene;

  beforeAll(async () => {
    ensureDashboard();
    rmSync(PICTURES, { recursive: true, force: true });
    mkdirSync(PICTURES, { recursive: true });
    stateDir = await mkdtemp(join(tmpdir(), "errand-pages-"));
    bank = await startCarelessBank();
    server = await startServer({ stateDir, env: { LEDGER_SERVICE_URL: bank.url } });
    browser = await startBrowser();
    scene = await makeScene(createClient({ baseUrl: server.url }), bank.url);
  }, 3 * PATIENCE_MS);

  afterAll(async () => {
    process.stdout.write(`The pictures of the pages are in ${PICTURES}\n`);
    await browser?.close();
    await server?.kill("SIGKILL");
    bank?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  /** Policies are bypassed for axe alone: a page of dashboard.test.ts stands under its own. */
  async function inTheme(colorScheme: Theme): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
    const context = await browser.newContext({ colorScheme, reducedMotion: "reduce", bypassCSP: true });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    return { context, page };
  }

  const settled = async (page: Page) => {
    await page.locator("h1, .notice").first().waitFor();
    await page.waitForFunction("document.querySelector('.loading') === null && document.fonts.status === 'loaded'");
  };

  async function pictured(page: Page, name: string): Promise<void> {
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await page.screenshot({ path: join(PICTURES, `${name}-${size}.png`) });
    }
  }

  /** What is wrong with a page, each with the elements that have it. */
  async function faultsOf(page: Page, theme: Theme): Promise<string[]> {
    await page.addScriptTag({ content: axe.source });
    // A theme changes colours and nothing else: in the dark one only they are looked at.
    const options = theme === "dark" ? { runOnly: ["color-contrast"] } : {};
    const seen = await page.evaluate(async (given) => {
      const { axe: looker } = globalThis as unknown as {
        readonly axe: {
          run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        };
      };
      const { violations } = await looker.run(given);
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join("; ")}`);
    }, options);
    return seen;
  }

  /** Nothing is pushed out of a phone's sight: boxes that are wider scroll by themselves. */
  const isTooWide = (page: Page) =>
    page.evaluate<boolean>("document.querySelector('.content').scrollWidth > innerWidth + 1");

  test.each(["light", "dark"] as const)(
    "axe finds no fault in the %s theme, and none is wider than a phone",
    async (theme) => {
      const { context, page } = await inTheme(theme);
      const wrong: string[] = [];
      for (const [name, path] of pagesOf(scene)) {
        if (!WANTED.test(name)) continue;
        await page.goto(`${server.url}/ui${path}`);
        await settled(page);
        const faults = await faultsOf(page, theme);
        await pictured(page, `${name}-${theme}`);
        const wide = await isTooWide(page);
        await page.setViewportSize(SIZES.desk);
        wrong.push(...faults.map((fault) => `${name}: ${fault}`), ...(wide ? [`${name}: wider than a phone`] : []));
      }
      await context.close();
      expect(wrong).toEqual([]);
    },
    6 * PATIENCE_MS,
  );

  test("says that it reconnects while the server is away, and what cannot be read meanwhile", async () => {
    const { context, page } = await inTheme("light");
    const followed = await context.newPage();
    await page.goto(`${server.url}/ui/executions`);
    await followed.goto(`${server.url}/ui/executions/${scene.sleeping}`);
    for (const one of [page, followed]) await settled(one);
    await page.locator('[data-connection="live"]').first().waitFor();
    await server.kill("SIGKILL");
    for (const one of [page, followed]) {
      await one.getByText("Reconnecting…").first().waitFor();
      expect(await one.locator("h1").count()).toBe(1);
    }
    await pictured(page, "executions-reconnecting-light");
    await pictured(followed, "execution-reconnecting-light");
    await page.setViewportSize(SIZES.desk);
    await page.getByRole("link", { name: "Schedules" }).click();
    await page.locator("h1, .notice").first().waitFor();
    await pictured(page, "schedules-away-light");
    await context.close();
  });
});
