import type { Verdict } from "../../domain/execution/approval.ts";
import type { Json } from "../../domain/values/json.ts";
import { defined } from "../executions/body.ts";

interface Told {
  readonly origin: { readonly id: string };
  readonly gateId: string;
  readonly verdict: Verdict;
  readonly status: string;
}

/** What an agent that asked for an approval is sent. Clients of AgentField read `response` as a text. */
export function callbackBody({ origin, gateId, verdict, status }: Told): Record<string, Json> {
  const { decision, feedback = "", response } = verdict;
  return {
    execution_id: origin.id,
    approval_request_id: gateId,
    decision,
    new_status: status,
    feedback,
    ...defined({ response: response === undefined ? undefined : textOf(response) }),
  };
}

function textOf(response: Json): string {
  return typeof response === "string" ? response : JSON.stringify(response);
}
