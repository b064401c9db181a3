/** Points where a person decides. A part of `event.ts`. */
import * as z from "zod";
import { Json } from "../../values/json.ts";
import { ApprovalKind, ApprovalRules, OnReject, Verdict } from "../approval.ts";
import { Key, Name } from "../entry-event.ts";
import type { TraitsOf } from "./traits.ts";
import { STATE_ONLY } from "./traits.ts";

const callback = {
  gateId: z.string(),
  attempt: z.number().int(),
  durationMs: z.number(),
};

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
    /** Told the decision. */
    callbackUrl: z.string().optional(),
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
    /** An address is told of it. */
    calledBack: z.literal(true).optional(),
  }),
  "gate.expired": z.object({
    key: Key,
    gateId: z.string(),
    kind: ApprovalKind,
    openedSeq: z.number().int().optional(),
    calledBack: z.literal(true).optional(),
  }),
  /** A try to tell the decision to the agent that asked. `httpStatus`: absent where no answer came. */
  "callback.delivered": z.object({ ...callback, httpStatus: z.number().int() }),
  "callback.failed": z.object({
    ...callback,
    httpStatus: z.number().int().optional(),
    error: z.string(),
    givenUp: z.literal(true).optional(),
  }),
} as const;

export const APPROVALS_TRAITS = {
  "gate.opened": { timer: true, message: true, index: true, value: false, input: false, lost: false },
  "gate.decided": { timer: true, message: true, index: true, value: true, input: false, lost: false },
  "gate.expired": { timer: true, message: true, index: true, value: true, input: false, lost: false },
  "callback.delivered": STATE_ONLY,
  "callback.failed": STATE_ONLY,
} as const satisfies TraitsOf<typeof APPROVALS_DATA>;
