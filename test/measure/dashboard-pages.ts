/**
 * Makes a picture of every page in both themes, at the width of a desk and of a phone, for people to look at:
 * `node test/measure/dashboard-pages.ts [FOLDER] [PATTERN]`. A pattern takes only pages whose names it fits.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { createClient } from "../../src/client/index.ts";
import { ensureDashboard } from "../../src/packing/dashboard.ts";
import type { Scene } from "../support/dashboard/scene.ts";
import { makeScene, startCarelessBank } from "../support/dashboard/scene.ts";
import { startBrowser } from "../support/processes/chromium.ts";
import { startServer } from "../support/processes/server.ts";

const [folder = "/tmp/dashboard-pages", pattern = ""] = process.argv.slice(2);
const SIZES = { desk: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } } as const;

/** Name → path below `/ui`. */
function pagesOf(scene: Scene): ReadonlyMap<string, string> {
  const one = (id: string, search = "") => `/executions/${encodeURIComponent(id)}${search}`;
  return new Map([
    ["executions", "/executions"],
    ["executions-filtered", "/executions?status=failed,timeout&within=24h&agent=catalog"],
    ["executions-none", "/executions?q=nothing-has-this-in-it"],
    ["execution-agentic", one(scene.agentic)],
    ["execution-conversation", one(scene.agentic, "?tab=conversation")],
    ["execution-verdicts", one(scene.agentic, "?tab=verdicts")],
    ["execution-events", one(scene.agentic, "?tab=events")],
    ["execution-past", one(scene.agentic, "?at=9&span=turn")],
    ["execution-promises", one(scene.agentic, "?tab=promises")],
    ["execution-waiting", one(scene.waiting)],
    ["execution-doubt", one(scene.doubtful)],
    ["execution-sleeping", one(scene.sleeping)],
    ["execution-failed", one(scene.failed)],
    ["execution-cancelled", one(scene.cancelled)],
    ["execution-paused", one(scene.paused)],
    ["execution-children", one(scene.children)],
    ["execution-turns", one(scene.turns, "?tab=conversation")],
    ["execution-webhook", one(scene.hooked, "?tab=webhook")],
    ["execution-missing", one("exec_no_such")],
    ["run", `/runs/${encodeURIComponent(scene.run)}`],
    ["run-missing", "/runs/run_no_such"],
    ["approvals", "/approvals"],
    ["approvals-old", "/approvals/gate_no_such"],
    ["agents", "/agents"],
    ["schedules", "/schedules"],
    ["schedules-one", "/schedules/tea-at-five"],
    ["schedules-new", "/schedules?new"],
    ["schedules-change", "/schedules/tea-at-five?edit"],
    ["schedules-calendar", "/schedules?calendar"],
    ["compare", `/compare?left=${scene.turns}&right=${scene.restarted}`],
    ["compare-none", "/compare"],
    ["execution-restarted", one(scene.restarted)],
    ["plans", "/plans"],
    ["plans-work", one(scene.planned)],
    ["plans-one", "/plans/plan_carol?version=2&against=1"],
    ["sessions", "/sessions"],
    ["sessions-one", "/sessions/chat-7"],
    ["memory", "/memory"],
    ["memory-none", "/memory?scope=session&id=no-such"],
    ["metrics", "/metrics"],
    ["operations", "/operations"],
    ["keys", "/keys"],
    ["agents-start", "/agents/order-desk.order_intake"],
  ]);
}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function take(browser: Browser, url: string, pages: ReadonlyMap<string, string>): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const)
    for (const [size, viewport] of Object.entries(SIZES)) {
      const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1 });
      const page = await context.newPage();
      page.on("console", (said) => {
        if (said.type() === "error" && !said.text().includes("404")) say(`${said.text()} (${page.url()})`);
      });
      page.on("pageerror", (error) => say(`${error.message} (${page.url()})`));
      for (const [name, path] of pages) {
        if (!new RegExp(pattern).test(name)) continue;
        await page.goto(`${url}/ui${path}`);
        await page.waitForSelector("h1, .notice");
        await page.waitForTimeout(700);
        await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
      }
      await context.close();
    }
}

ensureDashboard();
mkdirSync(resolve(folder), { recursive: true });
const stateDir = mkdtempSync(join(tmpdir(), "errand-pages-"));
const bank = await startCarelessBank();
const server = await startServer({ stateDir, env: { LEDGER_SERVICE_URL: bank.url } });
const browser = await startBrowser();
try {
  const scene = await makeScene(createClient({ baseUrl: server.url }), bank.url);
  await take(browser, server.url, pagesOf(scene));
  say(`The pictures are in ${resolve(folder)}.`);
} finally {
  await browser.close();
  await server.kill("SIGKILL");
  bank.close();
  rmSync(stateDir, { recursive: true, force: true });
}
