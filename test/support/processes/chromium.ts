/** A real browser for tests: Debian's Chromium, driven by playwright-core, which brings none of its own. */
import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Nothing of its own on the network, and no sandbox: as root, and in containers, there is none to be had. */
const FLAGS = [
  "--no-sandbox",
  "--headless",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why there is no browser, or `undefined`. CI says ERRAND_NEEDS_BROWSER: there the tests run, and fail. */
export function whyNoBrowser(): string | undefined {
  if (executable() !== undefined || process.env.ERRAND_NEEDS_BROWSER) return undefined;
  return "no Chromium on this machine (apt-get install chromium, or CHROMIUM=/path/to/it)";
}

export function startBrowser(): Promise<Browser> {
  const executablePath = executable();
  if (executablePath === undefined) throw new Error("There is no Chromium: apt-get install chromium");
  return chromium.launch({ executablePath, args: FLAGS, chromiumSandbox: false });
}

function executable(): string | undefined {
  const { CHROMIUM } = process.env;
  return CHROMIUM || PLACES.find((place) => existsSync(place));
}
