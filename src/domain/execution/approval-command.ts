/** Commands about approvals: asked by a program or from outside, decided by a person; and the answer to an effect in doubt. */
import type { Json } from "../values/json.ts";
import type { ApprovalKind, Decision, OnReject } from "./approval.ts";

export interface OpenApprovalCommand extends Rules {
  readonly type: "open_gate";
  readonly key: string;
  readonly name: string;
  readonly gateId: string;
  readonly kind: ApprovalKind;
  readonly payload: Json;
  readonly payloadDigest: string;
  readonly onReject: OnReject;
  readonly options?: readonly string[];
  readonly requestUrl?: string;
  readonly expiresAtMs?: number;
  /** Of an id that its author chose: until when it is claimed in the index. */
  readonly claimedUntilMs?: number;
  readonly reasked?: boolean;
}

/** Who may decide: see `ApprovalRules`. */
interface Rules {
  readonly approvers?: readonly string[];
  readonly fourEyes?: boolean;
}

export interface DecideApproval {
  readonly type: "decide_gate";
  /** Absent: the only one that this execution ever had, or the one that the outside asked for while it alone is open. */
  readonly gateId?: string;
  readonly decision: Exclude<Decision, "expired">;
  readonly option?: string;
  readonly feedback?: string;
  readonly response?: Json;
  /** Digest of the payload the decider saw; checked when given (P6). */
  readonly digest?: string;
  readonly by: string;
  /** Digest of who decides what: by it the repetition of a decision without a name is recognised. */
  readonly request?: string;
  /** Present: the caller who decides has no key, but signed with the webhook secret; when, if the signature says so. */
  readonly signed?: { readonly stampedAtMs?: number };
}

/**
 * The outside asks for an approval under an id of its own, which it has claimed in the index until `claimedUntilMs`;
 * without a claim it only asks whether it may.
 */
export interface RequestApproval extends Rules {
  readonly type: "request_approval";
  readonly gateId: string;
  readonly claimedUntilMs?: number;
  readonly payload: Json;
  readonly payloadDigest: string;
  readonly requestUrl?: string;
  /** Told the decision. */
  readonly callbackUrl?: string;
  readonly expiresAtMs: number;
  readonly reasked?: boolean;
  readonly by: string;
}

/**
 * Answers an effect in doubt: try it again, take this as its result, or take it as failed. `gateId` names the doubt;
 * without it an effect that was in doubt only once, or the only doubt that this execution ever had.
 */
export interface ResolveEffect {
  readonly type: "resolve_effect";
  readonly gateId?: string;
  readonly key?: string;
  readonly resolution: "retry" | "succeeded" | "failed";
  readonly output?: Json;
  readonly message?: string;
  readonly by: string;
  /** As in `DecideApproval`. */
  readonly request?: string;
}
