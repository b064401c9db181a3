/**
 * OpenAPI 3.1 of everything, made of the very table and schemas that route, parse and answer; nothing is described twice.
 * What operations share is in `openapi/parts.ts`, what names mean in `openapi/words.ts`, examples in `examples/`.
 */
import type { z } from "zod";
import { inBytes } from "../contract/body-limits.ts";
import type { Endpoint } from "../contract/endpoint.ts";
import { scopesOf } from "../contract/endpoint.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { FaultCode } from "../domain/values/fault.ts";
import { FAULTS } from "../domain/values/fault.ts";
import type { Example } from "./examples/example.ts";
import { EXECUTION_EXAMPLES } from "./examples/execution-examples.ts";
import { MANIFEST_EXAMPLES } from "./examples/manifest-examples.ts";
import { MEMORY_EXAMPLES } from "./examples/memory-examples.ts";
import { NODE_EXAMPLES } from "./examples/node-examples.ts";
import { OTHER_EXAMPLES } from "./examples/other-examples.ts";
import { PLAN_EXAMPLES } from "./examples/plan-examples.ts";
import { PLAN_EXECUTION_EXAMPLES } from "./examples/plan-execution-examples.ts";
import { POLLING_AGENT_EXAMPLES } from "./examples/polling-agent-examples.ts";
import { SCHEDULE_EXAMPLES } from "./examples/schedule-examples.ts";
import { WEBHOOK_EXAMPLES } from "./examples/webhook-examples.ts";
import { answerHeaders, problemExamples, ref, SHARED_HEADERS, SHARED_PARAMETERS } from "./openapi/parts.ts";
import { Schemas } from "./openapi/schemas.ts";
import { HEADER_WORDS, PATH_WORDS, QUERY_WORDS, TAG_WORDS } from "./openapi/words.ts";

export type OpenApi = Record<string, unknown>;
type Part = Record<string, unknown>;

export const EXAMPLES: Readonly<Record<string, Example>> = {
  ...EXECUTION_EXAMPLES,
  ...OTHER_EXAMPLES,
  ...WEBHOOK_EXAMPLES,
  ...MEMORY_EXAMPLES,
  ...NODE_EXAMPLES,
  ...PLAN_EXAMPLES,
  ...PLAN_EXECUTION_EXAMPLES,
  ...POLLING_AGENT_EXAMPLES,
  ...SCHEDULE_EXAMPLES,
  ...MANIFEST_EXAMPLES,
};

/** Limits of an entry are said by every call that has one. */
const LIMITS = ["RateLimit-Policy", "RateLimit"] as const;
const ANYWHERE: readonly FaultCode[] = ["internal_error", "overloaded", "unavailable", "method_not_allowed"];

let made: { readonly version: string; readonly document: OpenApi } | undefined;

/** Made once an isolate: the table does not change. */
export function openapi(version: string): OpenApi {
  if (made?.version !== version) made = { version, document: documentOf(version) };
  return made.document;
}

function documentOf(version: string): OpenApi {
  const schemas = new Schemas();
  const paths: Record<string, Part> = {};
  for (const endpoint of Object.values(ENDPOINTS) as Endpoint[]) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operation(endpoint, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Errand",
      version,
      description:
        "Run AI agents as durable executions. Every refusal is a problem (RFC 9457) that says what to do next.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(TAG_WORDS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.all(),
      parameters: SHARED_PARAMETERS,
      headers: SHARED_HEADERS,
      examples: problemExamples(),
      responses: { Problem: problem("Anything else that went wrong", ANYWHERE, [ref("schemas", "Problem")]) },
      securitySchemes: SECURITY_SCHEMES,
    },
    security: [{ bearer: [] }, { key: [] }],
  };
}

const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "Authorization: Bearer KEY. Its scopes are named by each call.",
  },
  key: { type: "apiKey", in: "header", name: "X-API-Key", description: "The same key, in a header of its own." },
  token: { type: "apiKey", in: "query", name: "token", description: "A stream token of POST /api/v1/tokens." },
  streamKey: {
    type: "apiKey",
    in: "query",
    name: "api_key",
    description: "The same key in the URL, on streams only: URLs are kept in logs and histories, so prefer a token.",
  },
  signature: {
    type: "apiKey",
    in: "header",
    name: "X-Webhook-Signature",
    description: "sha256=HEX: HMAC-SHA256 of the raw body with the deployment's webhook secret",
  },
};

function operation(endpoint: Endpoint, schemas: Schemas): Part {
  const { id, tag, summary, scope } = endpoint;
  const needs =
    scope === "open" || scope === "signature"
      ? {}
      : {
          description: `Needs a key with the scope ${scopesOf(endpoint)
            .map((one) => `\`${one}\``)
            .join(" or ")}.`,
        };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...needs,
    security: securityOf(endpoint),
    parameters: parametersOf(endpoint, schemas),
    ...requestBody(endpoint, schemas),
    responses: {
      ...successes(endpoint, schemas),
      ...failures(endpoint),
      default: ref("responses", "Problem"),
    },
  };
}

function securityOf(endpoint: Endpoint): Record<string, string[]>[] {
  const { scope, signature, token } = endpoint;
  if (scope === "open") return [];
  const signed = { signature: [] };
  if (scope === "signature") return [signed];
  const others = [...(signature ? [signed] : []), ...(token ? [{ token: [] }, { streamKey: [] }] : [])];
  return [...scopesOf(endpoint).flatMap((one) => [{ bearer: [one] }, { key: [one] }]), ...others];
}

function parametersOf({ path, query, headers, token }: Endpoint, schemas: Schemas): Part[] {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: PATH_WORDS[name] ?? name,
    schema: { type: "string" },
  }));
  return [
    ...named,
    ...fieldsOf(query, "query", schemas),
    ...fieldsOf(headers, "header", schemas),
    ...(token ? [ref("parameters", "Token")] : []),
    ref("parameters", "RequestId"),
    ref("parameters", "Traceparent"),
  ];
}

function fieldsOf(schema: z.ZodType | undefined, place: "query" | "header", schemas: Schemas): Part[] {
  if (!schema) return [];
  const properties = (schemas.of(schema, "input").properties ?? {}) as Record<string, { description?: string }>;
  const words = place === "query" ? QUERY_WORDS : HEADER_WORDS;
  return Object.entries(properties).map(([name, { description = words[name] ?? name, ...rest }]) => ({
    name,
    in: place,
    description,
    schema: rest,
  }));
}

function requestBody({ id, body, bodyBytes, form, formBytes }: Endpoint, schemas: Schemas): Part {
  if (!body || bodyBytes === undefined) return {};
  const example = EXAMPLES[id]?.request;
  const json = { schema: schemas.of(body, "input"), ...(example === undefined ? {} : { example }) };
  const parts = form ? { "multipart/form-data": { schema: schemas.of(form, "input") } } : {};
  const largest = `At most ${inBytes(bodyBytes)} of JSON`;
  const description = formBytes === undefined ? largest : `${largest}; as a form at most ${inBytes(formBytes)} in all`;
  return { requestBody: { description, content: { "application/json": json, ...parts } } };
}

function successes(endpoint: Endpoint, schemas: Schemas): Part {
  const { id, path, scope, answers } = endpoint;
  const isAbout = path.includes("{id}") || path.includes("/execute/");
  const about = isAbout ? (["X-Execution-ID", "X-Run-ID"] as const) : [];
  const headers = answerHeaders("X-Request-ID", "traceresponse", ...about, ...(scope === "open" ? [] : LIMITS));
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, media = "application/json", files = [] }]) => {
      const example = EXAMPLES[id]?.answers[Number(status)];
      const content = { schema: schemas.of(schema, "output"), ...(example === undefined ? {} : { example }) };
      const texts = Object.fromEntries(files.map((type) => [type, { schema: { type: "string" } }]));
      return [status, { description, headers, content: { [media]: content, ...texts } }];
    }),
  );
}

/** Calls whose refusals are in the envelope of runs. */
const MANIFEST_CALL = /\/agents\/(validate|\{agent_id\}\/run)/;

/** One answer a status; the codes that share it are its examples. */
function failures({ faults, path }: Endpoint): Part {
  const byStatus = Map.groupBy(new Set(faults), (code) => FAULTS[code].status);
  const isStart = path.includes("/execute/");
  const other = path.includes("/memory/") ? "MemoryProblem" : MANIFEST_CALL.test(path) ? "ManifestProblem" : undefined;
  const own = isStart ? "ExecuteProblem" : other;
  const shapes = [ref("schemas", "Problem"), ...(own === undefined ? [] : [ref("schemas", own)])];
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [String(status), problem(codes.join(", "), codes, shapes)]),
  );
}

function problem(description: string, codes: readonly FaultCode[], shapes: readonly Part[]): Part {
  const schema = shapes.length === 1 ? shapes[0] : { anyOf: shapes };
  const examples = Object.fromEntries(codes.map((code) => [code, ref("examples", code)]));
  const waits = codes.some((code) => FAULTS[code].retryable) ? (["Retry-After"] as const) : [];
  const allows = codes.includes("method_not_allowed") ? (["Allow"] as const) : [];
  const headers = answerHeaders("X-Request-ID", ...waits, ...allows);
  return { description, headers, content: { "application/problem+json": { schema, examples } } };
}
