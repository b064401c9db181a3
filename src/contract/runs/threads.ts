/** What an agent and the people of a session have said to each other, as it is remembered. */
import * as z from "zod";
import { numberText } from "../query-values.ts";

const Instant = z.iso.datetime();
const Owner = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe("Whose threads: default those of the key's own subject. Another's only for administrators.");

export const ThreadQuery = z.object({ owner: Owner });
export const ThreadsQuery = z.object({
  limit: numberText(z.number().int().min(1).max(100)).default(25),
  cursor: z.string().max(1_024).optional().describe("next_cursor of the page before."),
  owner: Owner,
});
export type ThreadsQuery = z.infer<typeof ThreadsQuery>;

const ThreadItem = z.object({
  agent: z.string(),
  messages: z.number().int().describe("In all, those that the summary stands for too."),
  started_at: Instant,
  updated_at: Instant,
});
export const ThreadList = z.object({
  session_id: z.string(),
  items: z.array(ThreadItem),
  next_cursor: z.string().nullable(),
});

export const ThreadBody = ThreadItem.extend({
  session_id: z.string(),
  summary: z.string().nullable().describe("Of what was said before `items`; null: `items` is all of it."),
  items: z
    .array(
      z.object({
        role: z.enum(["user", "assistant"]),
        text: z.string(),
        execution_id: z.string().describe("The execution that answered."),
        at: Instant,
      }),
    )
    .describe("The oldest first."),
});
export type ThreadBody = z.infer<typeof ThreadBody>;
export type ThreadList = z.infer<typeof ThreadList>;
