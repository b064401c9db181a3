/** What a person may choose for a blocked subtask, and what each choice makes of it. */
import type { PlanSubtask } from "../plan/plan.ts";

/** Those of every blocked subtask; a plan's alternatives have other names. */
const RETRY = "retry_task";
export const BY_HAND = "complete_by_hand";
export const SKIP = "skip_task";
export const CANCEL = "cancel_execution";
/** Of a subtask that says not what to do. */
export const GIVE_ACTION = "give_action";
const SUGGESTION = /^approve_suggestion_([1-9]\d?)$/;
const MOST_SUGGESTIONS = 10;

/** Of a subtask that its agent could not do: the plan's alternatives, or what the agent suggests. */
export function optionsAfterError({ alternatives }: PlanSubtask, suggestions: readonly string[]): string[] {
  if (alternatives.length > 0) return [...alternatives.map(({ option }) => option), SKIP, CANCEL];
  const suggested = suggestions.slice(0, MOST_SUGGESTIONS).map((_text, at) => `approve_suggestion_${at + 1}`);
  return [...suggested, RETRY, SKIP, CANCEL];
}

/** Of one whose agent was lost in the middle: it may have been done, or not. */
export const OPTIONS_IN_DOUBT = [RETRY, BY_HAND, SKIP, CANCEL];
/** Of one that no agent can do, because it has no action. */
export const OPTIONS_WITHOUT_ACTION = [GIVE_ACTION, BY_HAND, SKIP, CANCEL];

/** The place of the suggestion that an option approves; `undefined` of another option. */
export function suggestionOf(option: string): number | undefined {
  const [, digits] = SUGGESTION.exec(option) ?? [];
  return digits === undefined ? undefined : Number(digits) - 1;
}
