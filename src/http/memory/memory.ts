/** Memory of agents: keys, vectors, and the feed of what changes. */
import * as z from "zod";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { matchBody, memoryBody, memoryProblemOf, storedVectorBody, vectorBody } from "../../contract/memory/bodies.ts";
import {
  Key,
  MemoryHeaders,
  MemoryKeyRequest,
  MemoryListQuery,
  MemorySetRequest,
  NamespaceRequest,
  VectorQuery,
  VectorSearchRequest,
  VectorSetRequest,
  WriteHeaders,
} from "../../contract/memory/requests.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, FAULTS } from "../../domain/values/fault.ts";
import { route } from "../access/route.ts";
import { answerJson } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseHeaders, parseQuery, parseValue } from "../requests/parse.ts";

export function memoryRoutes(app: App): void {
  route(app, ENDPOINTS.setMemory, set);
  route(app, ENDPOINTS.getMemory, get);
  route(app, ENDPOINTS.deleteMemory, remove);
  route(app, ENDPOINTS.listMemory, list);
  route(app, ENDPOINTS.setVector, setVector);
  route(app, ENDPOINTS.putVector, setVector);
  route(app, ENDPOINTS.searchVectors, search);
  route(app, ENDPOINTS.deleteVector, removeVector);
  // Before the vectors of single keys: `namespace` would be taken for one.
  route(app, ENDPOINTS.deleteVectorNamespace, removeNamespace);
  route(app, ENDPOINTS.getVector, getVector);
  route(app, ENDPOINTS.deleteVectorByPath, removeVectorByPath);
}

/** The fields that clients of AgentField read, beside the problem's own. */
export function answerMemoryRefusal(c: C, refusal: Refusal): Response {
  const { status, retryable } = FAULTS[refusal.code];
  c.set("refused", { code: refusal.code, field: refusal.errors?.[0]?.path });
  const headers = {
    "content-type": "application/problem+json",
    ...(retryable && status >= 429 ? { "retry-after": "1" } : {}),
  };
  return answerJson(c, memoryProblemOf(refusal, c.get("requestId")), { status, headers });
}

interface Asked<B, H> {
  readonly body: B;
  readonly headers: H;
}

/** Both parsed, or the refusal of the first that is wrong. */
async function asked<B, H>(c: C, bodySchema: z.ZodType<B>, headerSchema: z.ZodType<H>): Promise<Result<Asked<B, H>>> {
  const headers = parseHeaders(c, headerSchema);
  if (!headers.ok) return headers;
  const body = await parseBody(c, bodySchema);
  return body.ok ? accept({ body: body.value, headers: headers.value }) : body;
}

function askedByQuery<Q, H>(c: C, querySchema: z.ZodType<Q>, headerSchema: z.ZodType<H>): Result<Asked<Q, H>> {
  const headers = parseHeaders(c, headerSchema);
  if (!headers.ok) return headers;
  const query = parseQuery(c, querySchema);
  return query.ok ? accept({ body: query.value, headers: headers.value }) : query;
}

function answered<T>(c: C, result: Result<T>, body: (value: T) => object): Response {
  return result.ok ? answerJson(c, body(result.value)) : answerMemoryRefusal(c, result);
}

function emptied(c: C, result: Result<unknown>): Response {
  return result.ok ? new Response(null, { status: 204 }) : answerMemoryRefusal(c, result);
}

async function set(c: C): Promise<Response> {
  const given = await asked(c, MemorySetRequest, WriteHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { body, headers } = given.value;
  const stored = await c.get("services").memory.set(c.get("caller"), body, headers);
  return answered(c, stored, ({ place, value }) => memoryBody(place, value));
}

async function get(c: C): Promise<Response> {
  const given = await asked(c, MemoryKeyRequest, MemoryHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { body, headers } = given.value;
  const found = await c.get("services").memory.get(c.get("caller"), body, headers);
  return answered(c, found, ({ place, value }) => memoryBody(place, value));
}

async function remove(c: C): Promise<Response> {
  const given = await asked(c, MemoryKeyRequest, WriteHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { body, headers } = given.value;
  return emptied(c, await c.get("services").memory.remove(c.get("caller"), body, headers));
}

async function list(c: C): Promise<Response> {
  const given = askedByQuery(c, MemoryListQuery, MemoryHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { body: query, headers } = given.value;
  const found = await c.get("services").memory.list(c.get("caller"), query, headers);
  if (!found.ok) return answerMemoryRefusal(c, found);
  const { place, value } = found.value;
  const items = value.entries.map((entry) => memoryBody(place, entry));
  if (query.limit !== undefined || query.cursor !== undefined)
    return answerJson(c, { items, next_cursor: value.nextCursor });
  return answerJson(c, items, { headers: value.nextCursor === null ? {} : { "x-next-cursor": value.nextCursor } });
}

async function setVector(c: C): Promise<Response> {
  const given = await asked(c, VectorSetRequest, WriteHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { body, headers } = given.value;
  const stored = await c.get("services").memory.setVector(c.get("caller"), body, headers);
  return answered(c, stored, ({ place, value }) => vectorBody(place, value));
}

async function search(c: C): Promise<Response> {
  const given = await asked(c, VectorSearchRequest, MemoryHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { query_embedding, top_k, filters, ...scoped } = given.value.body;
  const query = { ...scoped, embedding: query_embedding, topK: top_k, filters: filters ?? {} };
  const found = await c.get("services").memory.search(c.get("caller"), query, given.value.headers);
  return answered(c, found, ({ place, value }) => value.map((match) => matchBody(place, match)));
}

async function removeVector(c: C): Promise<Response> {
  const given = await asked(c, MemoryKeyRequest, WriteHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { key, ...scoped } = given.value.body;
  const which = { ...scoped, which: { key } };
  return emptied(c, await c.get("services").memory.removeVectors(c.get("caller"), which, given.value.headers));
}

async function removeNamespace(c: C): Promise<Response> {
  const query = parseQuery(c, VectorQuery);
  if (!query.ok) return answerMemoryRefusal(c, query);
  const given = await asked(c, NamespaceRequest, WriteHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { body, headers } = given.value;
  const { namespace, ...scoped } = { ...query.value, ...body };
  const { memory } = c.get("services");
  if (namespace === undefined)
    return emptied(c, await memory.removeVectors(c.get("caller"), { ...scoped, which: { key: "namespace" } }, headers));
  const which = { ...scoped, which: { prefix: namespace } };
  const removed = await memory.removeVectors(c.get("caller"), which, headers);
  return answered(c, removed, ({ place: { scope, scopeId }, value: deleted }) => ({
    ...{ namespace, deleted, scope, scope_id: scopeId },
    status: "deleted",
  }));
}

/** The key that the path names. */
function keyed(c: C): Result<string> {
  const parsed = parseValue({ key: c.req.param("key") ?? "" }, KeyPath);
  return parsed.ok ? accept(parsed.value.key) : parsed;
}

const KeyPath = z.object({ key: Key });

async function getVector(c: C): Promise<Response> {
  const key = keyed(c);
  if (!key.ok) return answerMemoryRefusal(c, key);
  const given = askedByQuery(c, VectorQuery, MemoryHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { body, headers } = given.value;
  const found = await c.get("services").memory.getVector(c.get("caller"), { ...body, key: key.value }, headers);
  return answered(c, found, ({ place, value }) => storedVectorBody(place, value));
}

async function removeVectorByPath(c: C): Promise<Response> {
  const key = keyed(c);
  if (!key.ok) return answerMemoryRefusal(c, key);
  const given = askedByQuery(c, VectorQuery, WriteHeaders);
  if (!given.ok) return answerMemoryRefusal(c, given);
  const { body, headers } = given.value;
  const which = { ...body, which: { key: key.value } };
  return emptied(c, await c.get("services").memory.removeVectors(c.get("caller"), which, headers));
}
