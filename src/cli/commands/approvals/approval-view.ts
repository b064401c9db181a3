import type { Approval } from "../../../client/directory.ts";
import type { Next } from "../../frame/failure.ts";
import type { Block } from "../../output/blocks.ts";
import { fields, heading } from "../../output/blocks.ts";
import { instant, status } from "../../output/words.ts";

export function approvalBlocks(approval: Approval): Block[] {
  const { approval_request_id: id, execution_id: execution, target, name, type, options, approvers } = approval;
  return [
    fields(
      ["approval", id],
      ["name", name],
      ["status", status(approval.status)],
      ["execution", execution],
      ["target", target],
      ["asked", instant(approval.requested_at)],
      ["expires", approval.expires_at && instant(approval.expires_at)],
      ["options", options?.join(", ")],
      ["approvers", approvers?.join(", ")],
      ["four eyes", approval.four_eyes ? "who started it may not decide" : undefined],
      ["decided", approval.decided_at && `${instant(approval.decided_at)} by ${approval.decided_by ?? "-"}`],
      ["question", type === "review" ? "what became of an effect in doubt" : undefined],
      ["digest", approval.payload_digest],
    ),
    ...(approval.payload === undefined
      ? []
      : [heading("To be decided"), { kind: "json", value: approval.payload } as const]),
  ];
}

export function approvalSteps({
  approval_request_id: id,
  execution_id: execution,
  type,
  status: stands,
  payload_digest: digest,
}: Approval): Next[] {
  const show: Next = { command: `errand executions show ${execution}`, description: "the execution that asks" };
  if (stands !== "pending") return [show];
  if (type === "review") {
    const resolve = `errand executions resolve ${execution} --approval ${id} --as`;
    return [
      { command: `${resolve} retry`, description: "does the effect again" },
      { command: `${resolve} succeeded`, description: "takes it as done" },
      { command: `${resolve} failed`, description: "takes it as failed" },
      show,
    ];
  }
  const exactly = digest === undefined ? "" : ` --digest ${digest}`;
  return [
    { command: `errand approvals approve ${id}${exactly}`, description: "approves exactly this" },
    { command: `errand approvals reject ${id}${exactly}`, description: "rejects it" },
    show,
  ];
}
