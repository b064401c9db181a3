/** Points where a person decides. A part of `event.ts`. */
import { z } from "zod";
import { Json } from "../../values/json.ts";
import { ApprovalKind, ApprovalRules, OnReject, Verdict } from "../approval.ts";
import { Key, Name } from "../entry-event.ts";
import type { TraitsOf } from "./traits.ts";

export const APPROVALS_DATA = {
  "gate.opened": z.object({
    key: Key,
    name: Name,
    gateId: z.string(),
    kind: ApprovalKind,
    payload: Json,
    payloadDigest: z.string(),
    requestUrl: z.string().optional(),
    onReject: OnReject,
    options: z.array(z.string()).optional(),
    expiresAtMs: z.number().optional(),
    /** Asked for from outside: the program knows nothing of it. */
    requested: z.boolean().optional(),
    /** The id had named an approval of an execution that this one follows: an old signed decision must not fit. */
    reasked: z.boolean().optional(),
    ...ApprovalRules.shape,
  }),
  "gate.decided": z.object({
    key: z.string(),
    gateId: z.string(),
    kind: ApprovalKind,
    verdict: Verdict,
    /** Digest of a decision that named no approval: by it a repetition is recognised. */
    unnamed: z.string().optional(),
    openedSeq: z.number().int().optional(),
  }),
  "gate.expired": z.object({
    key: Key,
    gateId: z.string(),
    kind: ApprovalKind,
    openedSeq: z.number().int().optional(),
  }),
} as const;

export const APPROVALS_TRAITS = {
  "gate.opened": { timer: true, message: true, index: true, value: false, input: false, lost: false },
  "gate.decided": { timer: true, message: true, index: true, value: true, input: false, lost: false },
  "gate.expired": { timer: true, message: true, index: true, value: true, input: false, lost: false },
} as const satisfies TraitsOf<typeof APPROVALS_DATA>;
