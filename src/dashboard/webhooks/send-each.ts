/** Asks that a webhook of each execution is sent again, one after the other; what one is refused keeps no other from being sent. */
import { ProblemError } from "../../client/transport/errors.ts";

/**
 * Throws at the end where some were refused, with how many and the first reason. Where no answer comes at all it throws at once: the others
 * would hear none either.
 */
export async function sendEach(
  ids: readonly string[],
  { retry, onSent }: { readonly retry: (id: string) => Promise<unknown>; readonly onSent: () => void },
): Promise<void> {
  const reasons: string[] = [];
  for (const id of ids) {
    try {
      await retry(id);
      onSent();
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status === 401) throw error;
      reasons.push(`${id}: ${error.message}`);
    }
  }
  if (reasons.length > 0) throw new Error(`${reasons.length} of ${ids.length} were not sent. ${reasons[0]}`);
}
