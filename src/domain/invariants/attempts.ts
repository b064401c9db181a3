import type { Check, Evidence } from "./entries.ts";

/**
 * Attempts of an agentic execution are numbered without gaps, judged once, and follow each other (P5): within a turn the next
 * one begins only after the one before was rejected with a retry, and the next turn only after the last attempt of the one
 * before was accepted. The last attempt may be left open by an end.
 */
export function disorderedAttempts(): Check {
  let last = 0;
  let open = false;
  let turn = 1;
  let judged: "rejected for good" | "to be retried" | "accepted" = "to be retried";
  return ({ event: { type, seq, data } }) => {
    const found: Evidence[] = [];
    if (type === "attempt.started") {
      if (data.n !== last + 1) found.push({ seqs: [seq], detail: `attempt ${data.n} follows attempt ${last}` });
      const { turn: now = 1 } = data;
      const [wanted, missing] = now === turn ? ["to be retried", "a retry"] : ["accepted", "an acceptance"];
      if (open || judged !== wanted)
        found.push({ seqs: [seq], detail: `attempt ${data.n} began without ${missing} of ${last}` });
      if (now !== turn && now !== turn + 1) found.push({ seqs: [seq], detail: `turn ${now} follows turn ${turn}` });
      turn = now;
      last = data.n;
      open = true;
    }
    if (type === "attempt.completed" || type === "attempt.rejected") {
      if (!open || data.n !== last)
        found.push({ seqs: [seq], detail: `attempt ${data.n} was judged, and was not open` });
      open = false;
      if (type === "attempt.completed") judged = "accepted";
      else judged = data.retry ? "to be retried" : "rejected for good";
    }
    return found;
  };
}
