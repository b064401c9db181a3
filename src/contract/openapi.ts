/** OpenAPI 3.1, generated from the endpoint table and its schemas; nothing is described twice. */
import { z } from "zod";
import type { FaultCode } from "../domain/fault.ts";
import { FAULTS } from "../domain/fault.ts";
import type { Endpoint } from "./endpoint.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { Problem } from "./problem.ts";

/** OpenAPI 3.1 of everything, made of the very schemas that parse and answer. */
export function openapi(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of Object.values(ENDPOINTS) as Endpoint[]) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Errand", version, description: "Run AI agents as durable executions." },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, "output") },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        key: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
    },
    security: [{ bearer: [] }, { key: [] }],
  };
}

function operation(endpoint: Endpoint): Record<string, unknown> {
  const { id, tag, summary, body, answers, scope } = endpoint;
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: scope === "open" ? [] : [{ bearer: [scope] }, { key: [scope] }],
    parameters: [...pathParameters(endpoint.path), ...queryParameters(endpoint.query)],
    ...(body ? { requestBody: { content: { "application/json": { schema: schemaOf(body, "input") } } } } : {}),
    responses: { ...successes(answers), ...failures(endpoint.faults) },
  };
}

function successes(answers: Endpoint["answers"]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => [
      status,
      { description, content: { "application/json": { schema: schemaOf(schema, "output") } } },
    ]),
  );
}

/** One answer a status; the codes that share it are named in its description. */
function failures(codes: readonly FaultCode[]): Record<string, unknown> {
  const byStatus = new Map<number, FaultCode[]>();
  for (const code of codes) byStatus.set(FAULTS[code].status, [...(byStatus.get(FAULTS[code].status) ?? []), code]);
  const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [String(status), { description: list.join(", "), content }]),
  );
}

function pathParameters(path: string): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: z.ZodType | undefined): unknown[] {
  if (!query) return [];
  const schema = schemaOf(query, "input");
  const properties = (schema.properties ?? {}) as Record<string, { description?: string }>;
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: "query",
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Record<
    string,
    unknown
  >;
  return rest;
}
