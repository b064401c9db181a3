/** What calls of memory answer. */
import * as z from "zod";
import type { MemoryEntry, StoredVector, VectorMatch } from "../../domain/memory/entry.ts";
import type { MemoryPlace } from "../../domain/memory/scope.ts";
import { MemoryScope } from "../../domain/memory/scope.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { Json } from "../../domain/values/json.ts";
import { Problem, problemOf } from "../problem.ts";
import { iso } from "../wire.ts";

const Writer = z.object({
  agent_id: z.string().optional(),
  actor_id: z.string().optional(),
  workflow_id: z.string().optional(),
  execution_id: z.string().optional(),
});

export const MemoryBody = z.object({
  scope: MemoryScope,
  scope_id: z.string(),
  key: z.string(),
  data: Json,
  access_level: z.enum(["tenant", "owner"]).describe("Whose it is: the global memory is its tenant's."),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  expires_at: z.iso.datetime().optional(),
  metadata: Writer.describe("Who wrote it last, as it said of itself."),
});
export type MemoryBody = z.infer<typeof MemoryBody>;

export function memoryBody({ scope, scopeId }: MemoryPlace, entry: MemoryEntry): MemoryBody {
  const { key, data, createdAtMs, updatedAtMs, expiresAtMs, by } = entry;
  return {
    scope,
    scope_id: scopeId,
    key,
    data: JSON.parse(data) as Json,
    access_level: scope === "global" ? "tenant" : "owner",
    created_at: iso(createdAtMs),
    updated_at: iso(updatedAtMs),
    ...(expiresAtMs === undefined ? {} : { expires_at: iso(expiresAtMs) }),
    metadata: {
      ...(by.agentId === undefined ? {} : { agent_id: by.agentId }),
      ...(by.actorId === undefined ? {} : { actor_id: by.actorId }),
      ...(by.workflowId === undefined ? {} : { workflow_id: by.workflowId }),
      ...(by.executionId === undefined ? {} : { execution_id: by.executionId }),
    },
  };
}

const MemoryPage = z.object({ items: z.array(MemoryBody), next_cursor: z.string().nullable() });
/** A page for a caller that asked for one; else, as clients of AgentField read it, an array. */
export const MemoryList = z.union([z.array(MemoryBody), MemoryPage]);
export { MemoryPage };

const fields = { key: z.string(), scope: MemoryScope, scope_id: z.string(), metadata: z.record(z.string(), Json) };
export const VectorBody = z.object(fields);
export const StoredVectorBody = z.object({ ...fields, embedding: z.array(z.number()) });
export const VectorMatches = z.array(
  z.object({ ...fields, score: z.number().describe("Cosine: 1 is the same direction, -1 the opposite.") }),
);
export const NamespaceBody = z.object({
  namespace: z.string(),
  deleted: z.number().int(),
  scope: MemoryScope,
  scope_id: z.string(),
  status: z.literal("deleted"),
});

export function vectorBody({ scope, scopeId }: MemoryPlace, { key, metadata }: Pick<StoredVector, "key" | "metadata">) {
  return { key, scope, scope_id: scopeId, metadata };
}

export function matchBody(place: MemoryPlace, match: VectorMatch) {
  return { ...vectorBody(place, match), score: match.score };
}

export function storedVectorBody(place: MemoryPlace, vector: StoredVector) {
  return { ...vectorBody(place, vector), embedding: [...vector.embedding] };
}

/** Of a list: the id of its last row, which may be any text. */
export function cursorText(after: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(after)))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

/** `undefined` for what is no cursor. */
export function parseCursor(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The shape of `memoryProblemOf`. */
export const MemoryProblem = Problem.extend({
  code: z.union([z.literal(404), z.string()]),
  details: z.string(),
  fault: z.string(),
});

/** What is not there is told as clients of AgentField read it: `code` is 404. The fault's code is in `fault` and `error`. */
export function memoryProblemOf(refusal: Refusal, requestId: string): z.infer<typeof MemoryProblem> {
  const problem = problemOf(refusal, requestId);
  const code = refusal.code === "not_found" ? 404 : refusal.code;
  return { ...problem, code, details: problem.detail, fault: refusal.code };
}
