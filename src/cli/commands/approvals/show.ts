import * as z from "zod";
import { InboxItem } from "../../../contract/approvals/inbox.ts";
import { reading } from "../../frame/command.ts";
import { findApproval } from "../../ids/approvals.ts";
import { NextSteps } from "../inputs.ts";
import { approvalBlocks, approvalSteps } from "./approval-view.ts";
import { approvalId } from "./decide.ts";

export const command = reading({
  input: z.object({ id: approvalId }),
  positionals: ["id"],
  output: InboxItem.extend({ next_steps: NextSteps }),
  examples: ["errand approvals show latest"],
  async run({ id }, session) {
    const approval = await findApproval(await session.client(), id, session.interrupted);
    return { document: approval, view: approvalBlocks(approval), next: approvalSteps(approval) };
  },
});
