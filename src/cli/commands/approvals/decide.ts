/** Deciding an approval: what is shown in the plan is what is decided, by its digest. */
import * as z from "zod";
import type { ApprovalAnswer } from "../../../client/transport/options.ts";
import { DecisionBody } from "../../../contract/replies.ts";
import type { Plan, Session } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { watch } from "../../frame/failure-of.ts";
import { findApproval } from "../../ids/approvals.ts";
import { fields } from "../../output/blocks.ts";
import { jsonText } from "../../output/style.ts";
import { status } from "../../output/words.ts";
import { NextSteps, word } from "../inputs.ts";
import { approvalSteps } from "./approval-view.ts";

export const approvalId = z.string().min(1).max(300).meta({
  value: "ID",
  description: "the approval: an id, its first letters, latest, or the execution that waits",
});

export const decisionInput = z.object({
  id: approvalId,
  option: word("OPTION", "one of the options that it offers").optional(),
  feedback: z.string().max(20_000).optional().meta({ description: "words for the program that asked" }),
  digest: word("DIGEST", "of what you have read: refused when something else is to be decided by now").optional(),
});
export const decisionOutput = DecisionBody.extend({ next_steps: NextSteps });
type DecisionInput = z.output<typeof decisionInput>;

export async function planDecision(
  decision: "approved" | "rejected",
  { id, option, feedback, digest }: DecisionInput,
  session: Session,
): Promise<Plan> {
  const client = await session.client();
  const approval = await findApproval(client, id, session.interrupted);
  const { approval_request_id: gate, execution_id: executionId, target, name, type, payload } = approval;
  if (approval.status !== "pending")
    throw new Failure("failed", `${gate} is ${approval.status} already.`, { next: approvalSteps(approval) });
  if (type === "review")
    throw new Failure("usage", `${gate} asks what became of an effect: answer it with resolve.`, {
      next: approvalSteps(approval),
    });
  const read = digest ?? approval.payload_digest;
  const answer: ApprovalAnswer = {
    ...{ decision, approval_request_id: gate },
    ...(read === undefined ? {} : { payload_digest: read }),
    ...(option === undefined ? {} : { option }),
    ...(feedback === undefined ? {} : { feedback }),
  };
  const verb = decision === "approved" ? "Approves" : "Rejects";
  return {
    id: gate,
    pins: read === undefined ? [] : ["--digest", read],
    says: [`${verb} "${name}" of ${executionId} (${target}):`, jsonText(payload ?? null, 2)],
    async apply() {
      const decided = await client.approve(executionId, answer);
      const stands = decided.new_status ?? decided.current_status;
      return {
        document: decided,
        view: [
          fields(
            ["approval", decided.approval_request_id],
            ["decision", status(decided.decision ?? decided.approval_status ?? decision)],
            ["execution", executionId],
            ["status", stands && status(stands)],
          ),
        ],
        next: [watch(executionId)],
        warnings: decided.status === "already_processed" ? ["it had been decided before; that decision counts"] : [],
      };
    },
  };
}
