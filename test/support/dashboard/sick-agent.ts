import type { Page } from "playwright-core";

/** Three leases, each a minute after the one before: no test waits for them. Who is asked for its agents says so of this one. */
export async function withSickAgent(page: Page, id: string): Promise<void> {
  await page.route(/\/api\/agents(\?.*)?$/, async (route) => {
    const answer = await route.fetch();
    const told = (await answer.json()) as { readonly items: readonly { readonly id: string }[] };
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    const sick = { lapses: 3, drained_since: at(-4), drained_until: at(26), last_heartbeat: at(-9) };
    const items = told.items.map((agent) => (agent.id === id ? { ...agent, ...sick } : agent));
    await route.fulfill({ response: answer, json: { ...told, items } });
  });
}
