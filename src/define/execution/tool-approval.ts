/**
 * Asks a person before a call of a tool, where its rule says so. The rule is one that the execution settled on with its first turn;
 * the question is an approval of the program, so nothing of the call runs before its decision is in the log.
 */
import type { Verdict } from "../../domain/execution/approval.ts";
import type { Json } from "../../domain/values/json.ts";
import { isA } from "../../domain/values/thrown.ts";
import type { PauseRequest } from "../context.ts";
import { StepError } from "../errors.ts";
import type { ProgramContext } from "../program-context.ts";
import type { ApprovalRule } from "../roles/approval-policy.ts";

/** Decides for one call of a tool, or one plan, whether a person is asked. */
export type DynamicApproval = (call: {
  readonly agent: string;
  /** The tool, or the plan. */
  readonly name: string;
  readonly input: Json;
}) => boolean | Promise<boolean>;

/** Who may decide, and until when. */
export type ApprovalTerms = Pick<PauseRequest, "approvers" | "fourEyes" | "expiresInMs">;

/** What an agent says about the questions to people that it makes necessary. */
export interface Asking {
  /** The id of the agent, as people are shown it. */
  readonly agent: string;
  readonly dynamicApprovals: Readonly<Record<string, DynamicApproval>>;
  readonly terms: ApprovalTerms;
}

export interface AskedCall {
  readonly tool: string;
  readonly input: Json;
  readonly rule: ApprovalRule | undefined;
  readonly asking: Asking;
}

/** Why the call must not run, in words for the model; `undefined` where it may. */
export async function refusalOf(
  ctx: ProgramContext,
  { tool, input, rule, asking }: AskedCall,
): Promise<string | undefined> {
  const { agent, terms } = asking;
  if (rule === undefined || !(await mustAsk(ctx, rule, { asking, name: tool, input }))) return undefined;
  const payload = { kind: "tool", agent, tool, input };
  const verdict = await ctx.pause({ name: "approval", payload, ...terms });
  return verdict.decision === "approved" ? undefined : inWords(tool, verdict);
}

/** What a rule says of one case. A dynamic rule whose function is gone, or throws, asks. */
export async function mustAsk(
  ctx: ProgramContext,
  rule: ApprovalRule,
  { asking, name, input }: { readonly asking: Asking; readonly name: string; readonly input: Json },
): Promise<boolean> {
  if (typeof rule === "string") return rule === "always";
  const { agent, dynamicApprovals } = asking;
  const decide = async () => {
    const { [rule.value]: judge } = dynamicApprovals;
    return judge === undefined || (await judge({ agent, name, input: structuredClone(input) })) !== false;
  };
  try {
    return await ctx.step("asks_approval", decide, { input: { rule: rule.value } });
  } catch (error) {
    if (isA(error, StepError)) return true;
    throw error;
  }
}

function inWords(tool: string, { decision, feedback }: Verdict): string {
  const said = feedback?.trim() ? `: ${feedback.trim()}` : "";
  switch (decision) {
    case "rejected":
      return `A person rejected this call of "${tool}", and nothing was run${said || "."}`;
    case "request_changes":
      return `A person wants this call of "${tool}" changed, and nothing was run${said || "."}`;
    case "expired":
      return `Nobody decided about this call of "${tool}" in time, and nothing was run.`;
    case "approved":
      return "";
  }
}
