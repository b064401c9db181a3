import { z } from "zod";

/** What a stream token is for: one execution, or the live list of everything its caller may see. */
export const TokenRequest = z
  .object({ execution_id: z.string().max(256).optional(), feed: z.literal(true).optional() })
  .refine(({ execution_id, feed }) => (execution_id === undefined) !== (feed === undefined), {
    message: "name either execution_id or feed, and not both",
  });

/** A socket whose token has ended is closed with this code; its reader asks for a new token and comes back. */
export const CLOSE_EXPIRED = 4401;

export const TokenBody = z.object({ token: z.string(), expires_at: z.iso.datetime() });
