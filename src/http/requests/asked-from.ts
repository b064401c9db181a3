/** From where a start was asked: what of a request is no word of its caller. */

import type { CallerPlace } from "../../operations/executions/location.ts";
import { regionOf } from "../../operations/executions/location.ts";
import type { StartRequest } from "../../operations/executions/start-request.ts";
import type { C } from "./app.ts";
import { parseTraceparent } from "./trace.ts";

/** Where this server is reached: as it is configured, else as the request reached it. */
export function baseUrlOf(c: C): string {
  return c.get("services").publicUrl ?? new URL(c.req.url).origin;
}

export function askedFrom(c: C): Pick<StartRequest, "baseUrl" | "region" | "traceparent"> {
  const traceparent = c.req.header("traceparent")?.slice(0, 256);
  return {
    baseUrl: baseUrlOf(c),
    region: regionOf((c.req.raw.cf ?? {}) as CallerPlace),
    traceparent: parseTraceparent(traceparent) && traceparent,
  };
}
