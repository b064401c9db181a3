import { changing } from "../../frame/command.ts";
import { decisionInput, decisionOutput, planDecision } from "./decide.ts";

export const command = changing({
  input: decisionInput,
  positionals: ["id"],
  output: decisionOutput,
  examples: ["errand approvals reject latest --dry-run"],
  plan: (input, session) => planDecision("rejected", input, session),
});
