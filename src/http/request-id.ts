import type { MiddlewareHandler } from "hono";
import type { Services, Vars } from "./app.ts";

const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;

/** Gives every request an id (the caller's own, when it has a safe form), its services, and one line in the log. */
export function requestId(servicesOf: (env: unknown) => Services): MiddlewareHandler<{ Variables: Vars }> {
  return async function nameRequest(c, next) {
    const services = servicesOf(c.env);
    const given = c.req.header("x-request-id");
    const id = given && WELL_FORMED.test(given) ? given : services.newRequestId();
    c.set("requestId", id);
    c.set("services", services);
    await next();
    // A switched protocol has immutable headers.
    if (c.res.status !== 101) c.res.headers.set("x-request-id", id);
  };
}
