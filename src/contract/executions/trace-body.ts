/** A trace as OTLP/HTTP carries it in JSON. */
import * as z from "zod";
import type { Span } from "../../domain/read-models/span.ts";

const Value = z.union([
  z.object({ stringValue: z.string() }),
  z.object({ intValue: z.string().describe("A 64-bit number is a text.") }),
  z.object({ doubleValue: z.number() }),
  z.object({ boolValue: z.boolean() }),
]);
const Attribute = z.object({ key: z.string(), value: Value });
const Nanos = z.string().describe("Nanoseconds since 1970, as a text.");

const SpanBody = z.object({
  traceId: z.string().describe("32 hex digits; the same for all executions of a run."),
  spanId: z.string().describe("16 hex digits; the same each time the trace is read."),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number().int(),
  startTimeUnixNano: Nanos,
  endTimeUnixNano: Nanos,
  attributes: z.array(Attribute),
  events: z.array(z.object({ name: z.string(), timeUnixNano: Nanos })),
  droppedEventsCount: z.number().int().optional(),
  status: z.object({ code: z.number().int().describe("1 ok, 2 error: see the attribute error.type") }),
});

const ResourceSpans = z.object({
  resource: z.object({ attributes: z.array(Attribute) }),
  scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(SpanBody) })),
});

export const TraceBody = z.object({ resourceSpans: z.array(ResourceSpans) });

export function resourceSpansOf(tenant: string, spans: readonly Span[]) {
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const attributes = [attribute("service.name", "errand"), attribute("errand.tenant", tenant)];
  return { resource: { attributes }, scopeSpans: [{ scope: { name: "errand" }, spans }] };
}
