/** What callers of memory send. The id of a scope comes by header, or as `scope_id`, which wins. */
import * as z from "zod";
import { faultOfKey } from "../../domain/memory/key.ts";
import { MEMORY_LIMITS } from "../../domain/memory/limits.ts";
import { MemoryScope } from "../../domain/memory/scope.ts";
import { parseVector } from "../../domain/memory/vector.ts";
import { Json } from "../../domain/values/json.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";
import { InlineJson } from "../inline-json.ts";
import { numberText } from "../query-values.ts";

const LABEL = /^[\x20-\x2b\x2d-\x7e]+$/;
const NOT_A_LABEL = "must be visible ASCII without a comma, and sent once";
const ScopeId = z.string().min(1).max(256).regex(LABEL, NOT_A_LABEL);
/** Some clients send a header without a value where they know none. */
const Header = z.preprocess((text) => (text === "" ? undefined : text), ScopeId.optional());

/** Which memory is meant, and who speaks. `X-Workflow-ID` wins over `X-Run-ID`. */
export const MemoryHeaders = z.object({
  "x-workflow-id": Header,
  "x-run-id": Header,
  "x-session-id": Header,
  "x-actor-id": Header,
  "x-execution-id": Header,
  "x-agent-node-id": Header,
  "x-caller-agent-id": Header,
});
export type MemoryHeaders = z.infer<typeof MemoryHeaders>;

/** The same of a call that writes. */
export const WriteHeaders = MemoryHeaders.extend({ "idempotency-key": Header });
export type WriteHeaders = z.infer<typeof WriteHeaders>;

export const Key = z
  .string()
  .min(1)
  .superRefine((key, ctx) => {
    const fault = key === "" ? undefined : faultOfKey(key);
    if (fault) ctx.addIssue({ code: "custom", message: fault.message, params: { fault: fault.code } });
  });

const scoped = {
  scope: MemoryScope.nullish().describe("workflow, session, actor or global."),
  scope_id: ScopeId.nullish().describe("Instead of the header of the scope."),
};

export const MemoryKeyRequest = z.object({ key: Key, ...scoped });
export type MemoryKeyRequest = z.infer<typeof MemoryKeyRequest>;

export const MemorySetRequest = z.object({
  key: Key,
  data: InlineJson.refine((data) => data !== null, "must not be null: delete the key instead").describe(
    "Any JSON but null, 1 MiB at most.",
  ),
  ttl_seconds: z
    .number()
    .positive()
    .max(MEMORY_LIMITS.ttlSeconds)
    .optional()
    .describe("It is removed so many seconds later; without it, it stays."),
  ...scoped,
});

export const MemoryListQuery = z
  .object({
    scope: MemoryScope.optional().describe("Needed: workflow, session, actor or global."),
    scope_id: ScopeId.optional(),
    limit: numberText(z.number().int().min(1).max(1_000)).optional(),
    cursor: z.string().max(4_096).optional().describe("next_cursor of the page before."),
  })
  .superRefine(({ scope }, ctx) => {
    if (scope !== undefined) return;
    ctx.addIssue({ code: "custom", message: "is needed", path: ["scope"], params: { fault: "missing_scope" } });
  });
export type MemoryListQuery = z.infer<typeof MemoryListQuery>;

const Embedding = z
  .array(z.number())
  .min(1)
  .max(MEMORY_LIMITS.dimensions)
  .transform((numbers, ctx) => {
    const vector = parseVector(numbers);
    if (vector) return vector;
    ctx.addIssue({ code: "custom", message: "must hold numbers of 32 bits that are not all 0" });
    return z.NEVER;
  });

const Metadata = z.record(z.string(), Json).superRefine((metadata, ctx) => {
  const bytes = utf8Bytes(JSON.stringify(metadata));
  const { metadataBytes } = MEMORY_LIMITS;
  if (bytes <= metadataBytes) return;
  const message = `has ${bytes} bytes, and at most ${metadataBytes} are kept with a vector`;
  ctx.addIssue({ code: "custom", message, params: { fault: "payload_too_large" } });
});

export const VectorSetRequest = z.object({
  key: Key,
  embedding: Embedding,
  metadata: Metadata.nullish(),
  ...scoped,
});

export const VectorSearchRequest = z.object({
  query_embedding: Embedding,
  // Not above 0 is the default, as clients know it.
  top_k: z
    .number()
    .int()
    .max(MEMORY_LIMITS.topK)
    .nullish()
    .transform((most) => (most && most > 0 ? most : 10)),
  filters: z.record(z.string(), Json).nullish().describe("Fields that the metadata has, each with this very value."),
  ...scoped,
});

export const NamespaceRequest = z.object({
  namespace: Key.optional().describe(
    "What the keys begin with. Without it the vector with the key `namespace` is meant.",
  ),
  ...scoped,
});

export const VectorQuery = z.object({ scope: MemoryScope.optional(), scope_id: ScopeId.optional() });

const Patterns = z
  .string()
  .max(MEMORY_LIMITS.patterns * (MEMORY_LIMITS.patternLength + 1))
  .transform((text) => text.split(",").filter((pattern) => pattern !== ""))
  .refine(
    (patterns) => patterns.length <= MEMORY_LIMITS.patterns,
    `holds more than ${MEMORY_LIMITS.patterns} patterns: ask for fewer, or filter what comes`,
  )
  .refine(
    (patterns) => patterns.every(({ length }) => length <= MEMORY_LIMITS.patternLength),
    `holds a pattern of more than ${MEMORY_LIMITS.patternLength} characters`,
  );

/** The id of a change, or an instant. */
const Since = z.string().transform((text, ctx) => {
  if (/^\d{1,15}$/.test(text)) return { after: Number(text) };
  const instant = z.iso.datetime({ offset: true }).safeParse(text);
  if (instant.success) return { sinceMs: Date.parse(instant.data) };
  ctx.addIssue({ code: "custom", message: "must be the id of a change, or an instant such as 2026-01-31T12:00:00Z" });
  return z.NEVER;
});

const feed = {
  scope: MemoryScope.optional().describe("Only changes of this scope."),
  scope_id: ScopeId.optional().describe("Only changes of the memory with this id."),
  patterns: Patterns.optional().describe("Patterns of keys, with commas: * is any run of characters, ? is one."),
  since: Since.optional().describe("The id of the last change you have, or an instant: what came after it."),
};

export const FeedQuery = z.object(feed);
export const SocketQuery = FeedQuery.extend({
  checks: z
    .enum(["true", "false"])
    .optional()
    .describe(
      "true: you send back each frame {type: check}; you may then leave more unread, and hear why you are closed.",
    ),
});
export const HistoryQuery = z.object({
  ...feed,
  limit: numberText(z.number().int().min(1).max(1_000)).default(100),
});
export type FeedQuery = z.infer<typeof FeedQuery>;

export const FeedHeaders = MemoryHeaders.extend({
  "last-event-id": numberText(z.number().int().min(0)).optional(),
});
