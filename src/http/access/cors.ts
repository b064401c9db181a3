/**
 * Pages of other origins, as far as `ERRAND_ALLOWED_ORIGINS` lists them. A browser asks before it sends a key, so its
 * question (preflight) is answered before any caller is let in; and it hides headers that no answer names, so each does,
 * streams and refusals too.
 */
import type { MiddlewareHandler } from "hono";
import { Misconfigured } from "../../domain/values/misconfigured.ts";
import type { Vars } from "../requests/app.ts";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const EXPOSED =
  "X-Execution-ID, X-Run-ID, X-Request-ID, X-Errand-Bookmark, Location, Retry-After, RateLimit, RateLimit-Policy";
const SECONDS_OF_A_PREFLIGHT = "7200";
/** Matches a list of header names. The answer repeats nothing else to the browser that sent the preflight. */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/;

export const answerOtherOrigins: MiddlewareHandler<{ Variables: Vars }> = async function answerOtherOrigins(c, next) {
  const { origins } = c.get("services");
  if (origins.size === 0) return next();
  const origin = c.req.header("origin");
  const allowed = origin !== undefined && origins.has(origin);
  if (allowed && c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined) {
    return preflight(origin, c.req.raw.headers);
  }
  await next();
  // A switched protocol has immutable headers, and browsers ask no server for leave to open a socket.
  if (c.res.status === 101) return undefined;
  const { headers } = c.res;
  headers.append("vary", "Origin");
  if (!allowed) return undefined;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", EXPOSED);
  return undefined;
};

function preflight(origin: string, asked: Headers): Response {
  const wanted = asked.get("access-control-request-headers")?.trim() ?? "";
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": origin,
      "access-control-allow-methods": METHODS,
      ...(HEADER_NAMES.test(wanted) ? { "access-control-allow-headers": wanted } : {}),
      // A public page asks whether it may reach a machine of the reader's own network.
      ...(asked.get("access-control-request-private-network") === "true"
        ? { "access-control-allow-private-network": "true" }
        : {}),
      "access-control-max-age": SECONDS_OF_A_PREFLIGHT,
      vary: "Origin, Access-Control-Request-Headers",
    },
  });
}

/** `https://app.example.com, http://localhost:3000`, as browsers write origins. Throws `Misconfigured` for anything else. */
export function parseOrigins(text = ""): ReadonlySet<string> {
  const entries = text.split(",").map((entry) => entry.trim());
  return new Set(entries.filter((entry) => entry !== "").map(originOf));
}

function originOf(entry: string): string {
  const url = URL.canParse(entry) ? new URL(entry) : undefined;
  const isBare = url && `${url.origin}/` === url.href && /^https?:$/.test(url.protocol);
  if (isBare) return url.origin;
  throw new Misconfigured(
    `ERRAND_ALLOWED_ORIGINS: "${entry}" is no origin: name each one with scheme, host and port, as https://app.example.com`,
  );
}
