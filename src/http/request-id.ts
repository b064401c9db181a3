import type { MiddlewareHandler } from "hono";
import type { C, Services, Vars } from "./app.ts";

const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;
/** W3C trace context: version, trace id, parent id, flags. An all-zero trace id means none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** Gives every request an id (the caller's own, when it has a safe form), its services, and one line in the log. */
export function requestId(servicesOf: (env: unknown) => Services): MiddlewareHandler<{ Variables: Vars }> {
  return async function nameRequest(c, next) {
    const startedAtMs = Date.now();
    const services = servicesOf(c.env);
    const given = c.req.header("x-request-id");
    const id = given && WELL_FORMED.test(given) ? given : services.newRequestId();
    c.set("requestId", id);
    c.set("services", services);
    await next();
    // A switched protocol has immutable headers.
    if (c.res.status !== 101) c.res.headers.set("x-request-id", id);
    services.log({ level: "info", message: "request", ...lineOf(c), ms: Date.now() - startedAtMs });
  };
}

/** What a line says of a request: never its query, which can carry a token, and never a body. */
function lineOf(c: C): Readonly<Record<string, unknown>> {
  // Set only once somebody was let in.
  const caller: Vars["caller"] | undefined = c.get("caller");
  return {
    request_id: c.get("requestId"),
    method: c.req.method,
    path: c.req.path,
    status: c.res.status,
    tenant: caller?.tenant,
    subject: caller?.subject,
    trace_id: TRACEPARENT.exec(c.req.header("traceparent") ?? "")?.[1],
  };
}
