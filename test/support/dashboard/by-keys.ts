/** A page as people use it who have no pointer, and what jumps on it. */
import type { Page } from "playwright-core";

const MOST_STEPS = 70;

interface Step {
  readonly isBehindLast: boolean;
  readonly what: string;
  readonly isMarked: boolean;
  readonly isInView: boolean;
}

/**
 * What has the focus: whether it stands behind the one before, whether an outline shows it, whether it is in sight. `null`: nothing
 * has. A line of a long list that is out of sight is gone from the document, and has no place in it.
 */
const FOCUSED = `(() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return null;
  const outlined = (one) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
  };
  const last = globalThis.focused_;
  globalThis.focused_ = at;
  const { top, bottom, width, height } = at.getBoundingClientRect();
  return {
    isBehindLast: !last?.isConnected || (last.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
    what: at.outerHTML.slice(0, 120),
    isMarked: outlined(at) || (at.parentElement !== null && outlined(at.parentElement)),
    isInView: bottom > 0 && top < innerHeight && width > 0 && height > 0,
  };
})()`;

/** Goes through the page by Tab, from its first link on. Returns how many places there were, and what is wrong with them. */
export async function walkByTab(page: Page): Promise<{ readonly steps: number; readonly wrong: readonly string[] }> {
  await page.locator(".skip").focus();
  await page.evaluate("globalThis.focused_ = undefined");
  const wrong: string[] = [];
  let steps = 0;
  for (; steps < MOST_STEPS; steps += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate<Step | null>(FOCUSED);
    if (at === null || (steps > 0 && at.what.includes('class="skip"'))) break;
    if (!at.isBehindLast) wrong.push(`comes after what stands behind it: ${at.what}`);
    if (!at.isMarked) wrong.push(`has the focus, and nothing shows it: ${at.what}`);
    if (!at.isInView) wrong.push(`has the focus out of sight: ${at.what}`);
  }
  return { steps, wrong };
}

/** From the first script of each document on. What follows a press or a key within half a second is no jump. */
export const WATCH_JUMPS = `(() => {
  const jumps = [];
  globalThis.jumps_ = jumps;
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, value, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      const of = sources.map(({ node }) => (node instanceof Element ? node.outerHTML : (node?.textContent ?? "")).slice(0, 90));
      jumps.push({ value, of });
    }
  }).observe({ type: "layout-shift", buffered: true });
})()`;

interface Jump {
  readonly value: number;
  readonly of: readonly string[];
}

/** The sum of all jumps since the document began, and what jumped most. */
export async function jumpsOf(page: Page): Promise<{ readonly sum: number; readonly of: readonly string[] }> {
  // Two frames on all that was drawn is told of.
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  const jumps = await page.evaluate<readonly Jump[]>("globalThis.jumps_");
  const most = [...jumps].sort((a, b) => b.value - a.value)[0];
  return { sum: jumps.reduce((sum, { value }) => sum + value, 0), of: most?.of ?? [] };
}
