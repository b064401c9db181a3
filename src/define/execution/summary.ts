import type { Conversation } from "./conversation.ts";

/** Thinking counts as output: a hundred words need room for the thoughts before them. */
const SUMMARY_TOKENS = 4_096;
const MOST_WORDS = 100;

/** One more turn that tells a person what went wrong; our own words where the model or the budget gives none. */
export async function summarize(
  conversation: Conversation,
  { attempts, feedback }: { readonly attempts: number; readonly feedback: string },
): Promise<string> {
  const prompt = [
    `The response is still invalid: ${feedback}`,
    "",
    "No attempts are left. Call no tool. Write for a person who has not followed the work, in plain text and at most " +
      `${MOST_WORDS} words: what was tried, and why there is no valid result.`,
  ].join("\n");
  const written = await conversation.summary(prompt, SUMMARY_TOKENS);
  return atMost(MOST_WORDS, written ?? `The response was still invalid after ${attempts} attempts: ${feedback}`);
}

/** The mark of a cut stands at the last word, so that it is no word of its own. */
function atMost(words: number, text: string): string {
  const found = [...text.matchAll(/\S+/g)];
  const last = found[words - 1];
  return found.length > words && last ? `${text.slice(0, last.index + last[0].length)}…` : text;
}
