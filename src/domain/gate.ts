import { z } from "zod";
import { Json } from "./json.ts";

/** A gate is a point where a person decides. One word, one schema for approvals of pauses, plans, tools and effects in doubt. */
export const GateKind = z.enum(["pause", "plan", "tool", "review"]);
export type GateKind = z.infer<typeof GateKind>;

export const Decision = z.enum(["approved", "rejected", "request_changes", "expired"]);
export type Decision = z.infer<typeof Decision>;

/** What happens to the execution when the answer is no (or nobody answers in time). */
export const OnReject = z.enum(["cancel", "continue", "choose"]);
export type OnReject = z.infer<typeof OnReject>;

export const DEFAULT_GATE_EXPIRY_MS = 72 * 3_600_000;

const DECISION_ALIASES: ReadonlyMap<string, Decision> = new Map([
  ["approve", "approved"],
  ["continue", "approved"],
  ["confirm", "approved"],
  ["reject", "rejected"],
  ["deny", "rejected"],
  ["abort", "rejected"],
  ["cancel", "rejected"],
]);

/** The decision a word means; people and tools write it in several ways. */
export function parseDecision(word: string): Decision | undefined {
  const lower = word.trim().toLowerCase();
  const own = Decision.safeParse(lower);
  if (own.success) return own.data;
  return DECISION_ALIASES.get(lower);
}

/** An open gate as the state keeps it: small, because the payload stays in its event (`openedSeq`). */
export const OpenGate = z.object({
  gateId: z.string(),
  key: z.string(),
  kind: GateKind,
  openedSeq: z.number().int(),
  requestedAtMs: z.number(),
  expiresAtMs: z.number().optional(),
  requestUrl: z.string().optional(),
  onReject: OnReject,
  /** Digest of the payload that is shown: a decision holds for this payload only (P6). */
  digest: z.string(),
  options: z.array(z.string()).optional(),
  /** Asked for from outside: no program waits for the answer, so the execution stands still until it is there. */
  requested: z.boolean().optional(),
});
export type OpenGate = z.infer<typeof OpenGate>;

/** The open gate with this id. */
export function openGate(gates: readonly OpenGate[], gateId: string): OpenGate | undefined {
  return gates.find((gate) => gate.gateId === gateId);
}

/** What the program gets back from `ctx.pause`. */
export const Verdict = z.object({
  decision: Decision,
  option: z.string().optional(),
  feedback: z.string().optional(),
  response: Json.optional(),
  decidedBy: z.string().optional(),
});
export type Verdict = z.infer<typeof Verdict>;
