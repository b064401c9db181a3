/**
 * How the pages of the dashboard look, behind them a day of work (`test/support/dashboard/scene.ts`): axe looks at each in both
 * themes, none is wider than a phone, all are used by keys alone, and nothing on them jumps. With `PICTURES=PATTERN` (`npm run pictures`: all) a picture is made of each page whose name
 * it fits, in both themes, at a desk's and at a phone's width, as long as the page is. They are in `dist/pictures`, for people to look at.
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
import { jumpsOf, WATCH_JUMPS, walkByTab } from "../support/dashboard/by-keys.ts";
import { pagesOf, SIZES } from "../support/dashboard/pages.ts";
import type { Scene } from "../support/dashboard/scene.ts";
import { makeScene, startCarelessBank } from "../support/dashboard/scene.ts";
import { withSickAgent } from "../support/dashboard/sick-agent.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { startBrowser, whyNoBrowser } from "../support/processes/chromium.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const reason = whyNoBrowser();
const PICTURES = resolve(import.meta.dirname, "../../dist/pictures");
const WANTED = process.env.PICTURES === undefined ? undefined : new RegExp(process.env.PICTURES);
const THEMES = ["light", "dark"] as const;
/** Pages that are looked at side by side. */
const AT_ONCE = 2;
const LONGEST = 2_400;
/** Cumulative layout shift. */
const MOST_JUMPS = 0.05;

describe.skipIf(reason !== undefined)(`the pages of the dashboard${reason ? ` (${reason})` : ""}`, () => {
  let stateDir: string;
  let server: Server;
  let bank: Awaited<ReturnType<typeof startCarelessBank>>;
  let browser: Browser;
  let context: BrowserContext;
  let scene: Scene;

  beforeAll(async () => {
    ensureDashboard();
    if (WANTED) rmSync(PICTURES, { recursive: true, force: true });
    mkdirSync(PICTURES, { recursive: true });
    stateDir = await mkdtemp(join(tmpdir(), "errand-pages-"));
    bank = await startCarelessBank();
    server = await startServer({ stateDir, env: { LEDGER_SERVICE_URL: bank.url } });
    browser = await startBrowser();
    scene = await makeScene(createClient({ baseUrl: server.url }), bank.url);
    // Policies are bypassed for axe alone: a page of dashboard.test.ts stands under its own.
    context = await browser.newContext({ reducedMotion: "reduce", bypassCSP: true, viewport: SIZES.desk });
  }, 3 * PATIENCE_MS);

  afterAll(async () => {
    if (WANTED) process.stdout.write(`The pictures of the pages are in ${PICTURES}\n`);
    await browser?.close();
    await server?.kill("SIGKILL");
    bank?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  async function newPage(): Promise<Page> {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  }

  const settled = async (page: Page) => {
    await page.locator("h1, .notice").first().waitFor();
    await page.waitForFunction("document.querySelector('.loading') === null && document.fonts.status === 'loaded'");
  };

  /** Of what lies under the fold too: boxes of the page scroll, and the page itself does not. */
  async function pictured(page: Page, name: string): Promise<void> {
    if (!WANTED?.test(name)) return;
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        const length = await page.evaluate<number>(
          "(() => { const { scrollHeight, clientHeight } = document.querySelector('.content'); return scrollHeight - clientHeight; })()",
        );
        await page.setViewportSize({ ...viewport, height: Math.min(LONGEST, viewport.height + length) });
        await page.waitForFunction(`innerHeight === ${Math.min(LONGEST, viewport.height + length)}`);
        // Drawn at this size, and not at the one before.
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
        await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}-${size}.png`) });
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(SIZES.desk);
  }

  /** What is wrong with a page, each with the elements that have it. */
  async function faultsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
    return await page.evaluate(
      async (given) => {
        const { axe: looker } = globalThis as unknown as {
          readonly axe: {
            run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
          };
        };
        const { violations } = await looker.run({ resultTypes: ["violations"], ...given });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join("; ")}`);
      },
      rules ? { runOnly: rules } : {},
    );
  }

  /** Nothing is pushed out of a phone's sight: boxes that are wider scroll by themselves. */
  const isTooWide = (page: Page) =>
    page.evaluate<boolean>("document.querySelector('.content').scrollWidth > innerWidth + 1");

  /** As a link of the page leads there: the document stays. */
  async function follow(page: Page, name: string): Promise<void> {
    await page.evaluate(`history.pushState(null, "", ${JSON.stringify(`/ui${pagesOf(scene).get(name)}`)})`);
    await settled(page);
  }

  /** Does the work for each name, some of them side by side, each on a page of its own. */
  async function inLanes(
    names: readonly string[],
    prepare: (page: Page) => Promise<unknown>,
    work: (page: Page, name: string) => Promise<void>,
  ): Promise<void> {
    const rest = [...names];
    const lane = async () => {
      const page = await newPage();
      await prepare(page);
      for (let name = rest.shift(); name !== undefined; name = rest.shift()) await work(page, name);
      await page.close();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  async function lookAt(page: Page, name: string): Promise<string[]> {
    const faults = await faultsOf(page);
    await page.emulateMedia({ colorScheme: "dark" });
    // A theme changes colours and nothing else: in the dark one only they are looked at.
    const dark = await faultsOf(page, ["color-contrast"]);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(SIZES.phone);
    const wide = await isTooWide(page);
    await page.setViewportSize(SIZES.desk);
    const moves = await page.evaluate<number>("document.getAnimations().length");
    await pictured(page, name);
    return [
      ...faults.map((fault) => `${name}: ${fault}`),
      ...dark.map((fault) => `${name}, dark: ${fault}`),
      ...(wide ? [`${name}: wider than a phone`] : []),
      ...(moves > 0 ? [`${name}: moves, and the reader wants no motion`] : []),
    ];
  }

  test(
    "axe finds no fault in either theme, and none is wider than a phone",
    async () => {
      const wrong: string[] = [];
      const prepare = async (page: Page) => {
        await withSickAgent(page, "agent_shemp");
        await page.goto(`${server.url}/ui/no-such-page`);
        await page.addScriptTag({ content: axe.source });
      };
      await inLanes([...pagesOf(scene).keys()], prepare, async (page, name) => {
        await follow(page, name);
        wrong.push(...(await lookAt(page, name)));
      });
      expect(wrong).toEqual([]);
    },
    6 * PATIENCE_MS,
  );

  /** Of each kind of page one. */
  const MAIN = [
    ...[
      "executions",
      "execution-waiting",
      "execution-agentic",
      "run",
      "compare",
      "approvals",
      "agents",
      "agents-start",
    ],
    ...[
      "plans",
      "plans-work",
      "manifests",
      "experiments-one",
      "schedules-one",
      "sessions-one",
      "conversation",
      "memory",
    ],
    ...["webhooks-failing", "metrics", "remote", "operations", "keys"],
  ];

  test("is walked by Tab in the order of the document, and shows where one is", async () => {
    const wrong: string[] = [];
    await inLanes(
      MAIN,
      (page) => page.goto(`${server.url}/ui/no-such-page`),
      async (page, name) => {
        await follow(page, name);
        const walked = await walkByTab(page);
        // More than the navigation has.
        expect(walked.steps, name).toBeGreaterThan(18);
        wrong.push(...walked.wrong.map((said) => `${name}: ${said}`));
      },
    );
    expect(wrong).toEqual([]);
  });

  test("is used without a pointer: keys lead to pages, lists go by arrows, a dialog keeps the focus and gives it back", async () => {
    const page = await newPage();
    const { keyboard } = page;
    const focused = (selector: string) =>
      page.waitForFunction(`document.activeElement?.matches(${JSON.stringify(selector)})`);
    await page.goto(`${server.url}/ui/executions`);
    await page.locator(".rows li").first().waitFor();
    await keyboard.press("/");
    await focused(".search input");
    // What is typed is no shortcut.
    await keyboard.type("?ga");
    expect(await page.locator("dialog").count()).toBe(0);
    expect(new URL(page.url()).pathname).toBe("/ui/executions");
    await page.locator(".search input").fill("");
    await page.locator(".rows li a").first().waitFor();
    await page.locator(".rows li:nth-child(1) a").focus();
    await keyboard.press("ArrowDown");
    await focused(".rows li:nth-child(2) a");
    await keyboard.press("Enter");
    await page.waitForURL(/\/executions\/exec_/);
    await page.locator(".execution-title").waitFor();
    // The link is gone with its page: the focus is in the new one.
    await focused("#content");
    await keyboard.press("g");
    await keyboard.press("s");
    await page.waitForURL(/\/ui\/schedules$/);
    await keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.getByText("Go to a page").waitFor();
    for (let n = 0; n < 4; n += 1) {
      await keyboard.press("Tab");
      expect(
        await page.evaluate(
          "document.activeElement === document.body || document.activeElement.closest('dialog') !== null",
        ),
      ).toBe(true);
    }
    await help.getByRole("checkbox").uncheck();
    await keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    await keyboard.press("?");
    expect(await page.locator("dialog").count()).toBe(0);
    await page.getByRole("button", { name: "Keyboard shortcuts" }).press("Enter");
    await help.getByRole("checkbox").check();
    await help.getByRole("button", { name: "Close" }).press("Enter");
    await focused(".keys-open");
    await page.goto(`${server.url}/ui/executions/${scene.sleeping}`);
    const opener = page.getByRole("button", { name: "Cancel", exact: true });
    await opener.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await focused(".button.danger");
    await keyboard.press("[");
    await page.waitForURL(/at=\d+/);
    await keyboard.press("]");
    await page.waitForURL((url) => !url.search.includes("at="));
    await page.locator(".waterfall-all li:nth-child(1) button").focus();
    await keyboard.press("ArrowDown");
    await focused(".waterfall-all li:nth-child(2) button");
    await page.close();
  });

  test("jumps nowhere while it loads, nor by what comes in while it is looked at", async () => {
    const client = createClient({ baseUrl: server.url });
    const jumped: string[] = [];
    const looked = async (page: Page, name: string) => {
      const { sum, of } = await jumpsOf(page);
      if (sum > MOST_JUMPS) jumped.push(`${name}: ${sum.toFixed(3)} by ${of.join(" and ")}`);
    };
    const watched = async (page: Page) => {
      await page.addInitScript(WATCH_JUMPS);
      // As over a network: what is drawn before its data is there is seen.
      await page.route("**/api/**", async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 60));
        await route.continue();
      });
    };
    await inLanes(MAIN, watched, async (page, name) => {
      await page.goto(`${server.url}/ui${pagesOf(scene).get(name)}`);
      await settled(page);
      await looked(page, name);
    });
    const page = await newPage();
    await watched(page);
    const live = () => page.locator('[data-connection="live"]').first().waitFor();
    const begin = () => client.executeAsync("approvals.demo", { claim: "claim-live", amount: 7 });
    await page.goto(`${server.url}/ui/executions`);
    await live();
    const { execution_id: id } = await begin();
    await page.locator(`a[href$="${id}"] [data-status="waiting"]`).waitFor();
    await looked(page, "executions, live");
    await page.goto(`${server.url}/ui/executions/${id}`);
    await settled(page);
    await client.note(id, "seen");
    await page.locator(".cursor-event", { hasText: "seen" }).waitFor();
    await looked(page, "execution, live");
    await page.goto(`${server.url}/ui/approvals/${encodeURIComponent(scene.asked)}`);
    await settled(page);
    await live();
    const { execution_id: other } = await begin();
    await expect.poll(() => page.locator(".inbox-item", { hasText: "claim-live" }).count()).toBe(2);
    await looked(page, "approvals, live");
    for (const one of [id, other]) await client.cancel(one);
    await page.close();
    expect(jumped).toEqual([]);
  });

  test("says that it reconnects while the server is away, and what cannot be read meanwhile", async () => {
    const [page, followed] = [await newPage(), await newPage()];
    // The browser keeps the code of a page that was opened once.
    await page.goto(`${server.url}/ui/schedules`);
    await settled(page);
    await page.goto(`${server.url}/ui/executions`);
    await followed.goto(`${server.url}/ui/executions/${scene.sleeping}`);
    for (const one of [page, followed]) await settled(one);
    await page.locator('[data-connection="live"]').first().waitFor();
    await server.kill("SIGKILL");
    for (const one of [page, followed]) {
      await one.getByText("Reconnecting…").first().waitFor();
      expect(await one.locator("h1").count()).toBe(1);
    }
    await pictured(page, "executions-reconnecting");
    await pictured(followed, "execution-reconnecting");
    await page.getByRole("link", { name: "Schedules" }).click();
    await page.getByText("The server is not reached").waitFor();
    await pictured(page, "schedules-away");
    // Of a page that was never opened not even the code is there.
    const stranger = await browser.newContext({ viewport: SIZES.desk });
    const opened = await stranger.newPage();
    await opened.route("**/ui/assets/metrics-page-*", (route) => route.abort());
    await server.restart();
    await opened.goto(`${server.url}/ui/metrics`);
    await opened.getByText("This cannot be loaded").waitFor();
    await opened.unroute("**/ui/assets/metrics-page-*");
    await opened.getByRole("button", { name: "Load again" }).click();
    await opened.getByRole("heading", { level: 1 }).waitFor();
    await stranger.close();
  });
});
