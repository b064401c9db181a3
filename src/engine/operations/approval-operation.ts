/** `ctx.pause` and `ctx.waitForApproval`: an approval, and what its decision means to the program. */
import type { PauseRequest } from "../../define/context.ts";
import { ApprovalExpired, ApprovalRejected } from "../../define/errors.ts";
import type { Verdict } from "../../domain/execution/approval.ts";
import { DEFAULT_APPROVAL_EXPIRY_MS, rulesOf } from "../../domain/execution/approval.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import { instantOf, LAST_INSTANT_MS } from "../../domain/values/numbers.ts";
import type { Operation } from "./operation.ts";
import type { OperationSite } from "./waiting-operations.ts";

interface ShownRequest extends PauseRequest {
  readonly payload: Json;
}

/** The digest of what is shown is part of the question (E3): a decision about 10 does not answer for 10,000. */
export function approvalOperation(
  { key, name, loop }: OperationSite,
  request: ShownRequest,
): Omit<Operation, "complete" | "isWithdrawn" | "key" | "name"> {
  const { payload, id, url, options, onReject = "continue" } = request;
  const digest = loop.world.digest(canonicalJson(payload));
  const start = () => {
    const expiresAtMs = loop.world.now() + (request.expiresInMs ?? DEFAULT_APPROVAL_EXPIRY_MS);
    return loop.activities.openApproval({
      type: "open_gate",
      ...{ key, name, kind: "pause", payload, payloadDigest: digest, onReject },
      gateId: id ?? loop.world.newId("gate"),
      ...(expiresAtMs > LAST_INSTANT_MS ? {} : { expiresAtMs: instantOf(expiresAtMs) }),
      ...(options ? { options } : {}),
      ...(url === undefined ? {} : { requestUrl: url }),
      ...rulesOf(request),
    });
  };
  return { kind: "gate", digest, start, resume: () => undefined };
}

/** Only what was approved goes on. */
export function approvedOnly(name: string) {
  return (verdict: Verdict): Verdict & { decision: "approved" } => {
    const { decision } = verdict;
    if (decision === "approved") return { ...verdict, decision };
    throw decision === "expired" ? new ApprovalExpired(name) : new ApprovalRejected(name, verdict);
  };
}
