import { ENDPOINTS } from "../contract/endpoints.ts";
import { openapi } from "../docs/openapi.ts";
import { answerJson } from "./answer.ts";
import type { App, C } from "./app.ts";
import type { Described } from "./docs-page.ts";
import { docsPage, STYLE } from "./docs-page.ts";
import { route } from "./route.ts";

/** The description of the API, for programs and for people. */
export function docsRoutes(app: App): void {
  route(app, ENDPOINTS.openapi, (c) => answerJson(c, openapi(c.get("services").version)));
  route(app, ENDPOINTS.docs, docs);
}

let made: { readonly version: string; readonly page: string; readonly headers: Record<string, string> } | undefined;

async function docs(c: C): Promise<Response> {
  const { version } = c.get("services");
  if (made?.version !== version) {
    const page = docsPage(openapi(version) as unknown as Described);
    made = { version, page, headers: await headersOf(STYLE) };
  }
  return new Response(made.page, { headers: made.headers });
}

/** Nothing may run or be loaded; the one style is named by its digest. */
async function headersOf(style: string): Promise<Record<string, string>> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "cache-control": "public, max-age=300",
  };
}
