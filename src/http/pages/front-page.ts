/** The page at `/`: where a person who has just started the server goes on. Loads nothing and runs nothing. */
import { html, raw } from "hono/html";
import type { Home } from "../../contract/home.ts";
import type { TargetExample } from "../../operations/agents/agents.ts";
import { curlOf, pageOf } from "../answers/page.ts";

/** `first`: a target to try; undefined for readers who may not see any, and where there is none. */
export function frontPage(home: Home, first: TargetExample | undefined): string {
  return pageOf(`Errand ${home.version}`, raw(frontWords(home, first)));
}

/** What the page says, for a document of another kind. */
export function frontWords(home: Home, first: TargetExample | undefined): string {
  const { url, version } = home;
  const link = (to: string, words: string) =>
    html`<tr><th><a href="${to.slice(url.length)}">${words}</a></th><td><code>${to}</code></td></tr>`;
  const call = first
    ? html`<h2>A first call</h2><p>${first.description}</p><pre class="shell">${curlOf(url, first)}</pre>`
    : html`<p>Calls need a key: <code>Authorization: Bearer KEY</code>.</p>`;
  return String(html`<h1>Errand <small>${version}</small></h1>
<p>Durable executions for AI agents. This server answers at <code>${url}</code>.</p>
<table class="links">
${link(home.docs, "API and targets")}
${link(home.agents, "Agents and their functions")}
${link(home.inbox, "Inbox: what waits for a person")}
${link(home.executions, "Executions, newest first")}
${link(home.openapi, "The API for programs")}
${link(home.health, "Health")}
</table>
${call}`);
}
