/** A cancel of what has ended already: there is nothing left to do, so it is no error to whoever asked for it. */
import type { z } from "zod";
import type { CancelBody } from "../contract/replies.ts";
import { ProblemError } from "./errors.ts";
import type { Execution } from "./options.ts";
import { hasEnded } from "./rest.ts";

/**
 * `look` is asked how the execution stands when the cancel was refused for its status. Of one that has ended it is not known
 * here whether all beneath it has: `quiesced` is false then, and `pending` names nobody.
 */
export async function cancelledOrEnded(
  id: string,
  cancel: () => Promise<z.infer<typeof CancelBody>>,
  look: () => Promise<Execution<unknown>>,
): Promise<z.infer<typeof CancelBody>> {
  try {
    return await cancel();
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "invalid_state") throw error;
    const execution = await look();
    const { status, status_reason: reason, finished_at: endedAt } = execution;
    if (!hasEnded(execution) || endedAt === undefined) throw error;
    const said = reason === undefined ? {} : { reason };
    const ended = { execution_id: id, previous_status: status, status, cancelled_at: endedAt };
    return { ...ended, ...said, quiesced: false, pending: [] };
  }
}
