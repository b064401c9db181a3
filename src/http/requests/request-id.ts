/** What every request gets: an id, the headers that name what it was about, and one line in the log. */
import type { MiddlewareHandler } from "hono";
import type { Origin } from "../../domain/execution/origin.ts";
import type { C, Vars } from "./app.ts";
import { parseTraceparent, traceresponseOf } from "./trace.ts";

const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;
/** What may stand in a header; an id in a path can be anything. */
export const PRINTABLE = /^[\x20-\x7e]{1,256}$/;
const EXECUTION = "x-execution-id";
const RUN = "x-run-id";
const LONGEST_TARGET = 200;

/** The caller's own id when it has a safe form, else a new one. */
export const requestId: MiddlewareHandler<{ Variables: Vars }> = async function nameRequest(c, next) {
  const startedAtMs = Date.now();
  const services = c.get("services");
  const given = c.req.header("x-request-id");
  const id = given && WELL_FORMED.test(given) ? given : services.newRequestId();
  c.set("requestId", id);
  await next();
  const trace = parseTraceparent(c.req.header("traceparent"));
  // A switched protocol has immutable headers.
  if (c.res.status !== 101) {
    nameAnswer(c);
    guardAnswer(c);
    if (trace) c.res.headers.set("traceresponse", traceresponseOf(trace));
  }
  const level = c.res.status < 400 ? "info" : "warn";
  // The line itself costs more than not writing it.
  if (!services.logs(level)) return;
  const duration_ms = Date.now() - startedAtMs;
  services.log({ level, message: "request", ...lineOf(c), trace_id: trace?.traceId, duration_ms });
};

/** Notes the execution that the answer is about. The answer names it in its headers, under any status. */
export function nameExecution(c: C, { id, runId }: Pick<Origin, "id" | "runId">): void {
  c.set("named", { executionId: id, runId });
}

function nameAnswer(c: C): void {
  const { headers, status } = c.res;
  headers.set("x-request-id", c.get("requestId"));
  const named: Vars["named"] | undefined = c.get("named");
  // A path is believed only once it was served.
  const about: Partial<Vars["named"]> | undefined = named ?? (status < 400 ? c.get("asked") : undefined);
  if (!about) return;
  for (const [name, value] of [
    [EXECUTION, about.executionId],
    [RUN, about.runId],
  ] as const) {
    if (value !== undefined && PRINTABLE.test(value) && !headers.has(name)) headers.set(name, value);
  }
}

/**
 * Sets headers so that no cache between server and caller keeps an answer, which is one caller's own, and no browser guesses
 * its type. An answer that is for all callers says itself how long it holds.
 */
function guardAnswer(c: C): void {
  const { headers } = c.res;
  headers.set("x-content-type-options", "nosniff");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
}

/** What a line says of a request: never its query, which can carry a token, and never a body. */
function lineOf(c: C): Readonly<Record<string, unknown>> {
  // Set only once a caller was let in.
  const caller: Vars["caller"] | undefined = c.get("caller");
  const { headers, status } = c.res;
  const asked = c.get("asked");
  const refused: Vars["refused"] | undefined = c.get("refused");
  return {
    request_id: c.get("requestId"),
    method: c.req.method,
    // Of a path that no route serves, only the beginning is kept.
    path: asked?.endpoint.path ?? c.req.path.slice(0, 100),
    status,
    tenant: caller?.tenant,
    execution_id: headers.get(EXECUTION) ?? asked?.executionId,
    run_id: headers.get(RUN) ?? asked?.runId,
    // What was served, or refused with a code: another one is a caller's text about nothing.
    ...((refused || status < 400) && { target: asked?.target?.slice(0, LONGEST_TARGET) }),
    ...refused,
  };
}
