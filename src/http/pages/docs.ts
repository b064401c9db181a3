import { accepts } from "hono/accepts";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { homeOf } from "../../contract/home.ts";
import { openapi } from "../../docs/openapi.ts";
import type { TargetExample } from "../../operations/agents/agents.ts";
import { hasKeyFor } from "../access/access.ts";
import { route } from "../access/route.ts";
import { answerJson } from "../answers/answer.ts";
import { pageHeaders } from "../answers/page.ts";
import type { App, C } from "../requests/app.ts";
import { baseUrlOf } from "../requests/asked-from.ts";
import { dashboardAtHome } from "./dashboard.ts";
import type { Described } from "./docs-page.ts";
import { docsPage } from "./docs-page.ts";
import { frontPage, frontWords } from "./front-page.ts";

/** Where a newcomer begins, and the description of the API for programs and for people. */
export function docsRoutes(app: App): void {
  route(app, ENDPOINTS.home, home);
  route(app, ENDPOINTS.openapi, (c) => answerJson(c, openapi(c.get("services").version)));
  route(app, ENDPOINTS.docs, docs);
}

/** The dashboard for a browser, else a page; or JSON for a caller that takes no HTML. */
async function home(c: C): Promise<Response> {
  const about = homeOf(baseUrlOf(c), c.get("services").version);
  const isAny = (c.req.header("accept") ?? "*/*").includes("*/*");
  const supports = ["text/html", "application/json"];
  const media = accepts(c, { header: "Accept", supports, default: isAny ? "text/html" : "application/json" });
  if (media === "application/json") return answerJson(c, about, { headers: { vary: "Accept" } });
  const [first] = (await targetsFor(c)) ?? [];
  const asksForHtml = c.req.header("accept")?.includes("text/html") ?? false;
  const dashboard = asksForHtml ? await dashboardAtHome(c, frontWords(about, first)) : undefined;
  return dashboard ?? new Response(frontPage(about, first), { headers: await pageHeaders() });
}

async function docs(c: C): Promise<Response> {
  const document = openapi(c.get("services").version) as unknown as Described;
  const page = docsPage(document, { url: baseUrlOf(c), targets: await targetsFor(c) });
  return new Response(page, { headers: await pageHeaders() });
}

/** What can be started here, for readers who may list it. */
async function targetsFor(c: C): Promise<readonly TargetExample[] | undefined> {
  return (await hasKeyFor(c, "read")) ? c.get("services").agents.examples() : undefined;
}
