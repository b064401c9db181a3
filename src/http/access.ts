/**
 * Who calls. In open mode (only the launcher of a laptop sets it) everybody on this machine is the one local user; any
 * web page can reach localhost, so Host and Origin are checked. Otherwise a key is needed.
 */
import type { MiddlewareHandler } from "hono";
import type { Caller } from "../domain/caller.ts";
import { refuse } from "../domain/fault.ts";
import { answerRefusal } from "./answer.ts";
import type { Vars } from "./app.ts";

const LOCAL_CALLER: Caller = {
  tenant: "local",
  subject: "local",
  scopes: ["admin", "execute", "read", "agent", "approve"],
};
const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);
const OPEN_PATHS = new Set(["/health", "/api/v1/health", "/api/v1/openapi.json"]);

export const identify: MiddlewareHandler<{ Variables: Vars }> = async function identify(c, next) {
  const { mode } = c.get("services");
  if (mode === "open") {
    if (!isLocal(c.req.raw)) {
      return answerRefusal(
        c,
        refuse("forbidden_origin", "open mode answers only this machine: the Host or Origin header is another's"),
      );
    }
    c.set("caller", LOCAL_CALLER);
    return next();
  }
  if (OPEN_PATHS.has(c.req.path)) return next();
  return answerRefusal(
    c,
    refuse("unauthorized", "this deployment answers only to keys, and none was sent that it knows"),
  );
};

function isLocal(request: Request): boolean {
  if (!LOCAL_HOSTS.has(new URL(request.url).hostname)) return false;
  const origin = request.headers.get("origin");
  if (origin === null) return true;
  const parsed = URL.parse(origin);
  return parsed !== null && LOCAL_HOSTS.has(parsed.hostname);
}
