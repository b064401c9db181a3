/** What the socket of a conversation is asked with. */
import * as z from "zod";
import { Label } from "../executions/requests.ts";
import { numberText } from "../query-values.ts";

export const ChatPath = z.object({ session_id: Label, agent: z.string().min(1).max(256) });

export const ChatQuery = z.object({
  after: numberText(z.number().int().min(0))
    .optional()
    .describe("The cursor of the last event that the reader has; without it the thread comes first."),
  checks: z
    .enum(["true", "false"])
    .optional()
    .describe(
      "true: you send back each frame {type: check}; you may then leave more unread, and hear why you are closed.",
    ),
});
