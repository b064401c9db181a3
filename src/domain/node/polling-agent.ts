/**
 * A polling agent: a program that asks for its work, and is never called. It is registered under an id of its tenant and has a
 * key of its own, whose subject is `agentSubject(id)`.
 */
import * as z from "zod";
import { Json } from "../values/json.ts";

export const AGENT_ID = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
export const AGENT_ACTION = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;

export const AGENT_LIMITS = {
  capabilities: 500,
  /** One registration as JSON. */
  recordBytes: 65_536,
  /** Requests a minute of a key for which nothing else was said. */
  ratePerMin: 100,
} as const;

const Capability = z.object({
  action: z.string(),
  /** What the action takes, as the agent wrote it. */
  params: Json,
  /** True: the action may be done twice. `null`: nothing was said. */
  idempotent: z.boolean().nullable(),
});

/** What an agent says of itself. */
export const AgentRecord = z.object({
  name: z.string(),
  role: z.string().nullable(),
  pollEndpoint: z.string().nullable(),
  webhookUrl: z.string().nullable(),
  /** Signs what is sent there. */
  webhookSecret: z.string().nullable().default(null),
  capabilities: z.array(Capability),
});
export type AgentRecord = z.infer<typeof AgentRecord>;

/** Leases of subtasks that an agent let end without a word. */
export interface Lapses {
  /** How many count: those that lie apart, each of another subtask. */
  readonly lapses: number;
  /** The last of so many that it gets no new work. */
  readonly drainedSinceMs?: number;
  /** It gets no new work until then. */
  readonly drainedUntilMs?: number;
}

export interface PollingAgent extends AgentRecord, Partial<Lapses> {
  readonly id: string;
  /** Who registered it first. */
  readonly owner: string;
  /** False: it gets no new work. */
  readonly isActive: boolean;
  readonly createdAtMs: number;
  /** Its last call of any kind; `null` before the first. */
  readonly lastHeartbeatMs: number | null;
}

/** What is absent stays as it is. */
export type AgentChange = { readonly [Field in keyof AgentRecord]?: AgentRecord[Field] | undefined } & {
  readonly isActive?: boolean | undefined;
};

const PREFIX = "agent:";

/** The subject of an agent's key. */
export function agentSubject(id: string): string {
  return `${PREFIX}${id}`;
}

/** The agent that this subject is; `undefined` for a user. */
export function agentOf(subject: string): string | undefined {
  return subject.startsWith(PREFIX) ? subject.slice(PREFIX.length) : undefined;
}
