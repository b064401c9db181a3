/**
 * Approvals: what is asked of a person, who may answer, and how. It knows nothing of programs and of the index; which approval a
 * decision means is `decide-gate.ts`'s.
 */
import * as z from "zod";
import type { Refusal } from "../values/fault.ts";
import { refuse } from "../values/fault.ts";
import { Json } from "../values/json.ts";

/** An approval is a point where a person decides. One word, one schema for approvals of pauses, plans, tools and effects in doubt. */
export const ApprovalKind = z.enum(["pause", "plan", "tool", "review"]);
export type ApprovalKind = z.infer<typeof ApprovalKind>;

export const Decision = z.enum(["approved", "rejected", "request_changes", "expired"]);
export type Decision = z.infer<typeof Decision>;

/** What happens to the execution when the answer is no (or no person answers in time). */
export const OnReject = z.enum(["cancel", "continue", "choose"]);
export type OnReject = z.infer<typeof OnReject>;

export const DEFAULT_APPROVAL_EXPIRY_MS = 72 * 3_600_000;

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

/** Who may decide. Absent fields mean: every caller with the scope `approve` in the tenant. */
export const ApprovalRules = z.object({
  /** Subjects of keys; no other person may decide, administrators included. */
  approvers: z.array(z.string()).optional(),
  /** The one who started the execution may not decide. */
  fourEyes: z.boolean().optional(),
});

/** The subjects that a caller or a program may name. */
export const Approvers = z.array(z.string().min(1).max(256)).min(1).max(50);

/** An open approval as its row keeps it: small, because the payload stays in its event (`openedSeq`). */
export const OpenApproval = z.object({
  ...ApprovalRules.shape,
  gateId: z.string(),
  key: z.string(),
  kind: ApprovalKind,
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
  /** Its id had named an approval before, of an execution that this one follows. */
  reasked: z.boolean().optional(),
  /** An address is told the decision; the event that opened it has it. */
  calledBack: z.literal(true).optional(),
});
export type OpenApproval = z.infer<typeof OpenApproval>;

/** The open approvals of an execution: rows beside its log, read one at a time. */
export interface OpenApprovals {
  get(gateId: string): OpenApproval | undefined;
  /** In the order in which they opened, at most `limit`. */
  first(limit: number): readonly OpenApproval[];
}

export const NONE_OPEN: OpenApprovals = { get: () => undefined, first: () => [] };

/** Rows that are held in memory. */
export function openApprovalsOf(rows: ReadonlyMap<string, OpenApproval>): OpenApprovals {
  return {
    get: (gateId) => rows.get(gateId),
    first: (limit) => [...rows.values()].sort((a, b) => a.openedSeq - b.openedSeq).slice(0, limit),
  };
}

/** What an event changes of the rows of open gates. */
export interface ApprovalChange {
  readonly opened?: OpenApproval;
  /** Its id, or all of them. */
  readonly closed?: { readonly gateId: string } | "all";
}

export function changeApprovals(rows: Map<string, OpenApproval>, { opened, closed }: ApprovalChange): void {
  if (closed === "all") rows.clear();
  else if (closed) rows.delete(closed.gateId);
  if (opened) rows.set(opened.gateId, opened);
}

interface Rules {
  readonly approvers?: readonly string[] | undefined;
  readonly fourEyes?: boolean | undefined;
}

/** Returns the rules as they are kept: a rule that admits every person is absent. */
export function rulesOf({ approvers, fourEyes }: Rules): { approvers?: string[]; fourEyes?: boolean } {
  return { ...(approvers ? { approvers: [...approvers] } : {}), ...(fourEyes ? { fourEyes } : {}) };
}

/** Returns the refusal of rules that would admit no person: the only approver started the execution. Else `undefined`. */
export function unmeetable({ approvers, fourEyes }: Rules, owner: string): Refusal | undefined {
  if (!fourEyes || !approvers || approvers.some((subject) => subject !== owner)) return undefined;
  return refuse(
    "invalid_input",
    `approvers: names only "${owner}", who started the execution and may not decide (four_eyes)`,
  );
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
