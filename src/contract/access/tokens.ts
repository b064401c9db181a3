import * as z from "zod";

/** What a stream token is for: one execution, one conversation, or the live list of everything its caller may see. */
export const TokenRequest = z
  .object({
    execution_id: z.string().max(256).optional(),
    feed: z.literal(true).optional(),
    chat: z.object({ session_id: z.string().min(1).max(256), agent: z.string().min(1).max(256) }).optional(),
  })
  .refine((named) => Object.values(named).filter((one) => one !== undefined).length === 1, {
    message: "name one of execution_id, feed and chat, and only one",
  });

/**
 * A socket is closed with this code when its token has ended (its reader asks for a new one and comes back) or when its key
 * was revoked (then it hears 401).
 */
export const CLOSE_EXPIRED = 4401;
/** Its key cannot be looked up now: its reader comes back later. RFC 6455's "try again later". */
export const CLOSE_TRY_LATER = 1013;

export const TokenBody = z.object({ token: z.string(), expires_at: z.iso.datetime() });
