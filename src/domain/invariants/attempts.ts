import type { Check, Evidence } from "./entries.ts";

/**
 * Attempts of an agentic execution are numbered without gaps, judged once, and follow each other: the next one begins only
 * after the one before was rejected with a retry (P5). The last one may be left open by an end.
 */
export function disorderedAttempts(): Check {
  let last = 0;
  let open = false;
  let mayRetry = true;
  return ({ event: { type, seq, data } }) => {
    const found: Evidence[] = [];
    if (type === "attempt.started") {
      if (data.n !== last + 1) found.push({ seqs: [seq], detail: `attempt ${data.n} follows attempt ${last}` });
      if (open || !mayRetry) found.push({ seqs: [seq], detail: `attempt ${data.n} began without a retry of ${last}` });
      last = data.n;
      open = true;
    }
    if (type === "attempt.completed" || type === "attempt.rejected") {
      if (!open || data.n !== last)
        found.push({ seqs: [seq], detail: `attempt ${data.n} was judged, and was not open` });
      open = false;
      mayRetry = type === "attempt.rejected" && data.retry;
    }
    return found;
  };
}
