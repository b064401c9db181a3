/** The endpoints of memory. `operations/memory/memory-scopes.ts` decides which memory a call reads or writes. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";
import { MemoryBody, MemoryList, NamespaceBody, StoredVectorBody, VectorBody, VectorMatches } from "./bodies.ts";
import { MemoryEventBody } from "./feed.ts";
import {
  FeedHeaders,
  FeedQuery,
  HistoryQuery,
  MemoryHeaders,
  MemoryKeyRequest,
  MemoryListQuery,
  MemorySetRequest,
  NamespaceRequest,
  SocketQuery,
  VectorQuery,
  VectorSearchRequest,
  VectorSetRequest,
  WriteHeaders,
} from "./requests.ts";

const MEMORY = `${V1}/memory`;
const reads = { tag: "Memory", scope: "read", orScope: "agent", headers: MemoryHeaders } as const;
const writes = { tag: "Memory", scope: "execute", orScope: "agent", headers: WriteHeaders } as const;
const scoped = [...entry, "invalid_input", "missing_scope", "not_found", "encryption_key_missing"] as const;
const write = [...scoped, ...body, "memory_full", "idempotency_mismatch"] as const;
const nothing = answer("Done, whether it was there or not", z.null());
const live = [...scoped, "invalid_cursor", "changes_gone", "too_many_readers"] as const;

const setVector = {
  ...writes,
  method: "POST",
  body: VectorSetRequest,
  bodyBytes: BODY_BYTES.value,
  answers: { 200: answer("Stored", VectorBody) },
  faults: write,
} as const;

/** Memory of agents: keys, vectors, and the feed of what changes. */
export const MEMORY_ENDPOINTS = {
  setMemory: endpoint({
    ...writes,
    id: "setMemory",
    method: "POST",
    path: `${MEMORY}/set`,
    summary: "Store a value under a key; without a scope in the nearest that a header names, else globally",
    body: MemorySetRequest,
    bodyBytes: BODY_BYTES.value,
    answers: { 200: answer("Stored", MemoryBody) },
    faults: write,
  }),
  getMemory: endpoint({
    ...reads,
    id: "getMemory",
    method: "POST",
    path: `${MEMORY}/get`,
    summary: "A key's value; without a scope from the first that has it: workflow, session, actor, global",
    body: MemoryKeyRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("The value", MemoryBody) },
    faults: [...scoped, ...body],
  }),
  deleteMemory: endpoint({
    ...writes,
    id: "deleteMemory",
    method: "POST",
    path: `${MEMORY}/delete`,
    summary: "Remove a key",
    body: MemoryKeyRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 204: nothing },
    faults: write,
  }),
  listMemory: endpoint({
    ...reads,
    id: "listMemory",
    method: "GET",
    path: `${MEMORY}/list`,
    summary:
      "The keys of one memory with their values: an array of up to 10,000, or a page when limit or cursor is sent",
    query: MemoryListQuery,
    answers: { 200: answer("An array, or with limit or cursor a page", MemoryList) },
    faults: [...scoped, "invalid_cursor"],
  }),
  setVector: endpoint({
    ...setVector,
    id: "setVector",
    path: `${MEMORY}/vector/set`,
    summary: "Store a vector under a key, with metadata to filter by",
  }),
  putVector: endpoint({ ...setVector, id: "putVector", path: `${MEMORY}/vector`, summary: "The same as vector/set" }),
  searchVectors: endpoint({
    ...reads,
    id: "searchVectors",
    method: "POST",
    path: `${MEMORY}/vector/search`,
    summary: "The vectors of one memory that are most like this one, by cosine, the best first; exact",
    body: VectorSearchRequest,
    bodyBytes: BODY_BYTES.value,
    answers: { 200: answer("The best", VectorMatches) },
    faults: [...scoped, ...body],
  }),
  deleteVector: endpoint({
    ...writes,
    id: "deleteVector",
    method: "POST",
    path: `${MEMORY}/vector/delete`,
    summary: "Remove a vector",
    body: MemoryKeyRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 204: nothing },
    faults: write,
  }),
  deleteVectorNamespace: endpoint({
    ...writes,
    id: "deleteVectorNamespace",
    method: "DELETE",
    path: `${MEMORY}/vector/namespace`,
    summary: "Remove all vectors whose keys begin with a text",
    query: VectorQuery,
    body: NamespaceRequest,
    bodyBytes: BODY_BYTES.small,
    answers: {
      200: answer("How many were removed", NamespaceBody),
      204: answer("Without a body: the vector with this key is removed", z.null()),
    },
    faults: write,
  }),
  getVector: endpoint({
    ...reads,
    id: "getVector",
    method: "GET",
    path: `${MEMORY}/vector/{key}`,
    summary: "A vector with its numbers and its metadata",
    query: VectorQuery,
    answers: { 200: answer("The vector", StoredVectorBody) },
    faults: scoped,
  }),
  deleteVectorByPath: endpoint({
    ...writes,
    id: "deleteVectorByPath",
    method: "DELETE",
    path: `${MEMORY}/vector/{key}`,
    summary: "Remove a vector",
    query: VectorQuery,
    answers: { 204: nothing },
    faults: write,
  }),
  memorySocket: endpoint({
    ...reads,
    id: "memorySocket",
    method: "GET",
    path: `${MEMORY}/events/ws`,
    token: "websocket",
    summary: "WebSocket: each change of memory as one JSON object, from `since` on, then as it happens",
    query: SocketQuery,
    headers: FeedHeaders,
    answers: { 101: answer("Switching to a WebSocket of these objects", MemoryEventBody) },
    faults: [...live, "upgrade_required"],
  }),
  memoryEvents: endpoint({
    ...reads,
    id: "memoryEvents",
    method: "GET",
    path: `${MEMORY}/events/sse`,
    token: "event-stream",
    summary: "Server-sent events: the same changes; resumes by Last-Event-ID",
    query: FeedQuery,
    headers: FeedHeaders,
    answers: { 200: { ...answer("Server-sent events of these objects", MemoryEventBody), media: "text/event-stream" } },
    faults: live,
  }),
  memoryHistory: endpoint({
    ...reads,
    id: "memoryHistory",
    method: "GET",
    path: `${MEMORY}/events/history`,
    summary: "Changes in order: after `since`, or the newest",
    query: HistoryQuery,
    answers: { 200: answer("Changes", z.array(MemoryEventBody)) },
    faults: live,
  }),
} as const;
