/** What a person is asked, wherever a page learned of it: from the inbox, or from the events of an execution. Pure. */
import * as z from "zod";
import type { Approval } from "../../client/directory.ts";
import type { Question } from "../execution/open-questions.ts";

export interface Asked {
  readonly executionId: string;
  readonly id: string;
  readonly name: string;
  /** `review`: an effect in doubt. `blocked`: a subtask of a plan. */
  readonly kind: "approval" | "review" | "blocked";
  readonly payload: unknown;
  /** A decision holds for exactly this payload. */
  readonly digest: string | undefined;
  readonly options: readonly string[];
  readonly askedAt: string | undefined;
  readonly expiresAt: string | undefined;
  readonly approvers: readonly string[];
  readonly fourEyes: boolean;
  /** Where its program wants it to be looked at. */
  readonly url: string | undefined;
}

export function askedInInbox(item: Approval): Asked {
  return {
    executionId: item.execution_id,
    id: item.approval_request_id,
    name: item.name,
    kind: item.type === "review" ? reviewKind(item.payload) : "approval",
    payload: item.payload,
    digest: item.payload_digest,
    options: item.options ?? [],
    askedAt: item.requested_at,
    expiresAt: item.expires_at,
    approvers: item.approvers ?? [],
    fourEyes: item.four_eyes ?? false,
    url: item.approval_request_url,
  };
}

export function askedInLog(executionId: string, { opened, askedAtMs }: Question): Asked {
  return {
    executionId,
    id: opened.gateId,
    name: opened.name,
    kind: opened.kind === "review" ? reviewKind(opened.payload) : "approval",
    payload: opened.payload,
    digest: opened.payloadDigest,
    options: opened.options ?? [],
    askedAt: new Date(askedAtMs).toISOString(),
    expiresAt: opened.expiresAtMs === undefined ? undefined : new Date(opened.expiresAtMs).toISOString(),
    approvers: opened.approvers ?? [],
    fourEyes: opened.fourEyes ?? false,
    url: opened.requestUrl,
  };
}

const Blocked = z.object({
  task_id: z.string(),
  title: z.string(),
  why: z.string(),
  suggestions: z.array(z.string()),
  options: z.array(z.string()),
});
export type Blocked = z.infer<typeof Blocked>;

/** The subtask of a plan that a review is about; undefined: it is about an effect in doubt. */
export function blockedIn(payload: unknown): Blocked | undefined {
  return Blocked.safeParse(payload).data;
}

export function reviewKind(payload: unknown): "review" | "blocked" {
  return blockedIn(payload) ? "blocked" : "review";
}

/**
 * A JSON Schema that the payload brings for the answer: `response_schema`, or `schema` where that is one. The form of the answer
 * is made of it.
 */
export function answerSchemaOf(payload: unknown): object | undefined {
  if (typeof payload !== "object" || payload === null) return undefined;
  const { response_schema: named, schema } = payload as { response_schema?: unknown; schema?: unknown };
  return [named, schema].find(isObjectSchema);
}

function isObjectSchema(value: unknown): value is object {
  return typeof value === "object" && value !== null && "properties" in value && typeof value.properties === "object";
}

/** The payload without what is shown as a form. */
export function payloadToRead(payload: unknown): unknown {
  if (blockedIn(payload)) {
    const { options: _options, suggestions: _suggestions, why: _why, ...told } = payload as Blocked;
    return told;
  }
  if (answerSchemaOf(payload) === undefined) return payload;
  const { response_schema: _form, schema, ...rest } = payload as { response_schema?: unknown; schema?: unknown };
  return schema !== undefined && !isObjectSchema(schema) ? { ...rest, schema } : rest;
}

const MOST_WORDS = 3;

/** Fields in which programs say in a sentence what a question is about. */
const SENTENCES = ["summary", "question"];

/** A payload in one line, to tell questions of one name apart: its own sentence, else its first plain fields. */
export function briefOf(payload: unknown): string {
  if (typeof payload !== "object" || payload === null) return payload === undefined ? "" : String(payload);
  const said = SENTENCES.map((name) => (payload as Readonly<Record<string, unknown>>)[name]);
  const sentence = said.find((value) => typeof value === "string" && value !== "");
  if (typeof sentence === "string") return sentence;
  const plain = Object.values(payload).filter((value) => typeof value === "string" || typeof value === "number");
  return plain.slice(0, MOST_WORDS).join(" · ");
}
