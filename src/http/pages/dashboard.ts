/**
 * The dashboard's pages under `/ui`: static assets of this Worker, which is asked first. The document is the same for each page;
 * what it shows, it reads from the API as any other client, so it is answered without a key.
 *
 * - Only scripts, styles and calls of this origin are possible in it; nothing that stands in the document runs.
 * - A Worker whose wrangler file binds no assets serves everything else, and says here what to add.
 */
import type { MiddlewareHandler } from "hono";
import { refuse } from "../../domain/values/fault.ts";
import { answerRefusal } from "../answers/answer.ts";
import type { C, Vars } from "../requests/app.ts";

const FOLDER = "/ui";
const ASSETS = `${FOLDER}/assets/`;

const DOCUMENT_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-cache",
};
/** Names of these files change with their content. */
const ASSET_HEADERS = {
  "cache-control": "public, max-age=31536000, immutable",
  "x-content-type-options": "nosniff",
};

const NO_PAGES =
  'this Worker serves no dashboard: its wrangler file has no assets. Add:\n\n[assets]\ndirectory = "node_modules/errand/dist/dashboard"\nbinding = "ASSETS"\nrun_worker_first = true\n\nand start again';
const NOT_BUILT =
  "the dashboard is not built: run `npm start`, or `node src/packing/dashboard.ts` in a checkout of Errand";

export const serveDashboard: MiddlewareHandler<{ Variables: Vars }> = async function serveDashboard(c, next) {
  const { path, method } = c.req;
  const isPage = path === FOLDER || path.startsWith(`${FOLDER}/`);
  if (!isPage || (method !== "GET" && method !== "HEAD")) return next();
  const { pages } = c.get("services");
  if (!pages) return answerRefusal(c, refuse("not_found", NO_PAGES));
  if (path.startsWith(ASSETS)) {
    const asset = await pages(path, c.req.raw.headers);
    return asset.status === 404
      ? answerRefusal(c, refuse("not_found", `${path.slice(0, 200)} is no file of this dashboard: load the page anew`))
      : withHeaders(asset, ASSET_HEADERS);
  }
  const document = await pages(`${FOLDER}/`, c.req.raw.headers);
  return document.status === 404
    ? answerRefusal(c, refuse("not_found", NOT_BUILT))
    : withHeaders(document, DOCUMENT_HEADERS);
};

/** The dashboard's document for a browser that asks for `/`, with `words` for one that runs no scripts; or `undefined`. */
export async function dashboardAtHome(c: C, words: string): Promise<Response | undefined> {
  const { pages } = c.get("services");
  const document = await pages?.(`${FOLDER}/`, new Headers());
  if (document?.status !== 200) {
    await document?.body?.cancel();
    return undefined;
  }
  const text = await document.text();
  const html = text.replace(/<noscript><\/noscript>/, () => `<noscript>${words}</noscript>`);
  return new Response(html, { headers: { ...DOCUMENT_HEADERS, vary: "Accept, Authorization, X-API-Key" } });
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const result = new Response(response.body, response);
  for (const [name, value] of Object.entries(headers)) result.headers.set(name, value);
  return result;
}
