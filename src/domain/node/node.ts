/**
 * A node: an agent that runs elsewhere, registered under an id by its owner. One id may have several versions at a time,
 * each a registration with a base URL and a weight of its own.
 */
import * as z from "zod";
import { Json } from "../values/json.ts";

/** Ids of nodes are freer than those of local agents: SDKs take what their users wrote. */
export const NODE_ID = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** Without a dot: a target is split at its last one. */
export const NODE_FUNCTION = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;

export const NODE_LIMITS = {
  /** Reasoners and skills of one registration. */
  functions: 1_000,
  schemaBytes: 65_536,
  /** One registration as JSON. */
  recordBytes: 1_048_576,
  /** Versions that one id has at a time. */
  versions: 10,
  weight: 10_000,
  /** Executions of one node at once. */
  concurrent: 100_000,
  /** Ids of one bulk request. */
  bulk: 50,
} as const;

export const DEFAULT_WEIGHT = 100;

export const NodeFunction = z.object({
  id: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  inputSchema: Json,
  outputSchema: Json,
  /** What else was sent with it (`memory_config`, `triggers`, …), as it was sent. */
  more: z.record(z.string(), Json),
});
export type NodeFunction = z.infer<typeof NodeFunction>;

export const NodeRecord = z.object({
  id: z.string(),
  version: z.string(),
  teamId: z.string(),
  groupId: z.string(),
  baseUrl: z.string(),
  deployment: z.enum(["long_running", "serverless"]),
  /** Where a serverless node is invoked. */
  invocationUrl: z.string().nullable(),
  reasoners: z.array(NodeFunction),
  skills: z.array(NodeFunction),
  tags: z.array(z.string()),
  /** True: an input is checked against the function's schema before it is sent. */
  validateInput: z.boolean(),
  /** Most executions of its functions that run at once; `null`: no limit of its own. Rows of before have no such field. */
  maxConcurrent: z.number().int().nullable().default(null),
  /** What else was sent (`metadata`, `public_url`, `callback_discovery`, …), as it was sent. */
  more: z.record(z.string(), Json),
});
export type NodeRecord = z.infer<typeof NodeRecord>;
export type Deployment = NodeRecord["deployment"];

/** A registration as its node sends it. */
export interface Registration {
  readonly record: NodeRecord;
  /** Of the process that runs; a new one means that the old process is gone. */
  readonly instanceId: string | undefined;
  readonly lifecycle: Lifecycle | undefined;
  /** Without one a known version keeps its weight. */
  readonly weight: number | undefined;
}

export const Lifecycle = z.enum(["starting", "ready", "degraded", "offline"]);
export type Lifecycle = z.infer<typeof Lifecycle>;

/** `inactive`: nothing may be sent there. */
export const Health = z.enum(["active", "degraded", "inactive"]);
export type Health = z.infer<typeof Health>;

/** What is known of one version beside what it registered. */
export interface NodeState {
  readonly owner: string;
  readonly weight: number;
  readonly registeredAtMs: number;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
  /** Set by an operator; heartbeats do not lift it. */
  readonly stopped: boolean;
  readonly healthScore: number | null;
  readonly instanceId: string | null;
  readonly lastHeartbeatMs: number;
}

/** One version of a node as it is now. */
export interface NodeView {
  readonly record: NodeRecord;
  readonly state: NodeState;
}

export interface FunctionOutline {
  readonly id: string;
  readonly kind: "reasoner" | "skill";
  readonly tags: readonly string[];
  readonly description: string;
}

/** Where an execution of a node's function would be sent. */
export interface RoutedNode {
  readonly nodeId: string;
  readonly version: string;
  readonly baseUrl: string;
  readonly deployment: Deployment;
  readonly invocationUrl: string | null;
  readonly owner: string;
  readonly instanceId: string | null;
  readonly kind: FunctionOutline["kind"];
  readonly fn: string;
  /** `down`: no version that offers the function may be reached; the version is the one that would be tried. */
  readonly presence: "up" | "down";
  /** Versions that offer the function and may be reached, or all that offer it where none may; absent from a directory whose code is of before. */
  readonly offeredBy?: readonly string[];
  /** Of the function. */
  readonly tags: readonly string[];
  /** How long one call may take. */
  readonly dispatchMs: number;
  /** What an input is checked against; `undefined`: it is not. */
  readonly inputSchema: Json | undefined;
  /** Most executions of the node that run at once. */
  readonly limit: number | undefined;
}

/** `agent.function`, split at the last dot; `undefined` for what can be no target of a node. */
export function parseNodeTarget(text: string): { readonly nodeId: string; readonly fn: string } | undefined {
  const dot = text.lastIndexOf(".");
  const [nodeId, fn] = [text.slice(0, Math.max(dot, 0)), text.slice(dot + 1)];
  return NODE_ID.test(nodeId) && NODE_FUNCTION.test(fn) ? { nodeId, fn } : undefined;
}

/** The functions of a registration; a name that is both is the reasoner. */
export function outlineOf({ reasoners, skills }: Pick<NodeRecord, "reasoners" | "skills">): FunctionOutline[] {
  const taken = new Set(reasoners.map(({ id }) => id));
  const outline = (kind: FunctionOutline["kind"]) => (fn: NodeFunction) => ({
    ...{ id: fn.id, kind, tags: fn.tags, description: fn.description },
  });
  return [...reasoners.map(outline("reasoner")), ...skills.filter(({ id }) => !taken.has(id)).map(outline("skill"))];
}
