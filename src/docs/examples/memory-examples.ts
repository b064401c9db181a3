/** Examples of memory. */
import type { Examples } from "./example.ts";
import { CREATED_AT, EXECUTION_ID, LATER, RUN_ID } from "./example.ts";

const place = { scope: "session", scope_id: "session-7" } as const;
const record = {
  ...place,
  key: "customer.name",
  data: "Olga",
  access_level: "owner",
  created_at: CREATED_AT,
  updated_at: LATER,
  metadata: { agent_id: "support-agent", workflow_id: RUN_ID, execution_id: EXECUTION_ID },
};
const vector = { key: "doc:1", ...place, metadata: { lang: "en" } };
const setVector = {
  request: { key: "doc:1", embedding: [0.6, 0.8], metadata: { lang: "en" }, scope: "session" },
  answers: { 200: vector },
};
const change = {
  id: "42",
  type: "memory_change",
  timestamp: LATER,
  ...place,
  key: "customer.name",
  action: "set",
  data: "Olga",
  previous_data: "olga",
  metadata: { agent_id: "support-agent" },
};

export const MEMORY_EXAMPLES: Examples = {
  setMemory: {
    request: { key: "customer.name", data: "Olga", scope: "session", ttl_seconds: 86_400 },
    answers: { 200: { ...record, expires_at: "2026-11-22T09:30:12.480Z" } },
  },
  getMemory: { request: { key: "customer.name" }, answers: { 200: record } },
  deleteMemory: { request: { key: "customer.name", scope: "session" }, answers: { 204: null } },
  listMemory: { answers: { 200: { items: [record], next_cursor: null } } },
  setVector,
  putVector: setVector,
  searchVectors: {
    request: { query_embedding: [1, 0], top_k: 3, filters: { lang: "en" }, scope: "session" },
    answers: { 200: [{ ...vector, score: 0.6 }] },
  },
  deleteVector: { request: { key: "doc:1", scope: "session" }, answers: { 204: null } },
  deleteVectorNamespace: {
    request: { namespace: "doc:", scope: "session" },
    answers: { 200: { namespace: "doc:", deleted: 12, ...place, status: "deleted" } },
  },
  getVector: { answers: { 200: { ...vector, embedding: [0.6, 0.8] } } },
  memoryHistory: { answers: { 200: [change] } },
};
