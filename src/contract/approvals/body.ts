import type { z } from "zod";
import type { ApprovalView } from "../../domain/read-models/view.ts";
import { defined } from "../executions/body.ts";
import type { ApprovalStatusBody } from "../replies.ts";
import { iso } from "../wire.ts";
import { approvalLink } from "./link.ts";
import type { AskedBody } from "./requests.ts";

/** One approval: what is shown while it is open, and afterwards how it was decided. */
export function approvalStatusBody(view: ApprovalView): z.infer<typeof ApprovalStatusBody> {
  const { opened, execution, status, verdict, decidedAtMs } = view;
  const base = {
    approval_request_id: opened.gateId,
    execution_id: execution.id,
    requested_at: iso(view.requestedAtMs),
    payload_digest: opened.payloadDigest,
    ...rulesBody(opened),
    ...defined({
      request_url: approvalLink(opened, execution.baseUrl),
      expires_at: opened.expiresAtMs === undefined ? undefined : iso(opened.expiresAtMs),
    }),
  };
  if (status === "pending")
    return { status, ...base, ...defined({ options: opened.options }), payload: opened.payload };
  return {
    status,
    ...base,
    ...defined({
      responded_at: decidedAtMs === undefined ? undefined : iso(decidedAtMs),
      feedback: verdict?.feedback,
      option: verdict?.option,
      response: verdict?.response,
      decided_by: verdict?.decidedBy,
    }),
  };
}

/** Returns the fields that say who may decide; none where every caller with the scope `approve` may. */
export function rulesBody({
  approvers,
  fourEyes,
}: {
  readonly approvers?: readonly string[] | undefined;
  readonly fourEyes?: boolean | undefined;
}) {
  return defined({ approvers: approvers && [...approvers], four_eyes: fourEyes });
}

export function askedBody({ opened, execution }: ApprovalView): z.infer<typeof AskedBody> {
  return {
    execution_id: execution.id,
    approval_request_id: opened.gateId,
    ...defined({ approval_request_url: approvalLink(opened, execution.baseUrl) }),
    status: "pending",
    execution_status: execution.status,
    expires_at: iso(opened.expiresAtMs ?? 0),
    payload_digest: opened.payloadDigest,
    ...rulesBody(opened),
  };
}
