/** How a subtask ends, as it is reported. */
import type { z } from "zod";
import type { Output } from "./action.ts";
import { ActionError, Blocked } from "./action.ts";
import type { AgentEvent } from "./wire.ts";

/** An event without what every event has. */
export type EndOf = Omit<AgentEvent, "event_id" | "agent_id" | "agent_timestamp" | "task_id" | "lease_id">;

/** As the server takes them: an end that it refuses would leave the subtask until its lease is over. */
const LONGEST_MESSAGE = 2_000;
const LONGEST_TYPE = 128;
const MOST_SUGGESTIONS = 10;
const cut = (text: string) => (text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text);

export function completedAs(output: Output, message: string): EndOf {
  return { event_type: "task_complete", status: "success", output_data: output, message: cut(message) };
}

export function blockedOn(message: string): Omit<EndOf, "event_type"> {
  return { status: "blocked", message: cut(message), human_review_required: false };
}

/** `Blocked` and what is not retriable ask a person; the rest is tried again by the policy of the plan. */
export function failedAs(error: unknown): EndOf {
  const message = cut(error instanceof Error ? error.message : String(error)) || "it failed and did not say why";
  const known = error instanceof ActionError ? error : undefined;
  const blocked = error instanceof Blocked ? { suggestions: suggested(error), blocking: error.blocking } : {};
  return {
    event_type: "task_error",
    status: "error",
    error_type: known?.type.slice(0, LONGEST_TYPE) || "action_error",
    error_message: message,
    message,
    human_review_required: known?.retriable === false,
    ...blocked,
  };
}

function suggested({ suggestions }: Blocked): string[] {
  return suggestions
    .filter((text) => text !== "")
    .slice(0, MOST_SUGGESTIONS)
    .map(cut);
}

/** The end of an action of which nothing says whether it happened, and that may not happen twice. */
export function inDoubt(because = "the agent was interrupted"): EndOf {
  const message = cut(`It is not known whether this was done: ${because}.`);
  return {
    event_type: "task_error",
    status: "error",
    error_type: "in_doubt",
    error_message: message,
    message,
    human_review_required: true,
  };
}

/** The end of an action that was aborted in the middle: what may be done twice is tried again, the rest is in doubt. */
export function interruptedAs(reason: ActionError, isIdempotent: boolean): EndOf {
  return isIdempotent ? failedAs(reason) : inDoubt(reason.message);
}

export function unknownAction(name: string): ActionError {
  return new ActionError(`this agent has no action "${name}"`, { type: "validation_error", retriable: false });
}

export function unfit(error: z.ZodError | undefined): ActionError {
  const issues = (error?.issues ?? [])
    .slice(0, 20)
    .map(({ path, message }) => `${path.join(".") || "params"}: ${message}`);
  return new ActionError(`its params do not fit: ${issues.join("; ")}`, { type: "validation_error", retriable: false });
}
