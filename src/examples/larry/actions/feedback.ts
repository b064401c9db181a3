/** Weighs what people wrote back: by words, without a model. */
import * as z from "zod";
import type { Action } from "../../../agent/index.ts";
import { tone } from "../../support/tone.ts";
import type { MailLog } from "../mail-log.ts";

const FeedbackParams = z.object({
  /** Default: the replies to the mails of this execution. */
  texts: z.array(z.string().max(20_000)).max(1_000).optional(),
  subject: z.string().max(500).optional(),
});

export function analyzeFeedback(log: MailLog): Action<typeof FeedbackParams> {
  return {
    input: FeedbackParams,
    idempotent: true,
    run: async ({ texts }, { executionId, say }) => {
      const read = texts ?? log.replies(`${executionId}/`);
      const scores = read.map(tone);
      const mean = scores.length === 0 ? 0 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
      const sentiment = mean >= 0.05 ? "positive" : mean <= -0.05 ? "negative" : "neutral";
      say(`${read.length} answers, ${sentiment}`);
      return { answers: read.length, sentiment, score: Math.round(mean * 1_000) / 1_000, excerpts: read.slice(0, 10) };
    },
  };
}
