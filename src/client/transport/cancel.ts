/** The client's `cancel`: the server's 409 for an execution that has ended is returned as a result, not thrown. */
import type { z } from "zod";
import type { CancelBody } from "../../contract/replies.ts";
import { ProblemError } from "./errors.ts";
import type { Execution } from "./options.ts";
import { hasEnded } from "./rest.ts";

/**
 * `look` reads the execution; it is called when `cancel` is refused with `invalid_state`. For an ended execution the result has
 * `quiesced: false` and `pending: []`, because the answer does not say whether its children have ended.
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
