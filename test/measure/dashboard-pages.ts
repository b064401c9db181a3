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
import { pagesOf, SIZES } from "../support/dashboard/pages.ts";
import { makeScene, startCarelessBank } from "../support/dashboard/scene.ts";
import { startBrowser } from "../support/processes/chromium.ts";
import { startServer } from "../support/processes/server.ts";

const [folder = "/tmp/dashboard-pages", pattern = ""] = process.argv.slice(2);
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
