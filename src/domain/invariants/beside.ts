/**
 * What stands beside the log against what the log demands: timers, messages and the rows of open approvals (P6). Nothing
 * where it was not handed in.
 */
import { canonicalJson } from "../values/json.ts";
import type { Demanded } from "./demanded.ts";
import type { Evidence, InvariantView } from "./entries.ts";

export function falseTimers({ timers, state }: InvariantView, demanded: Demanded["timers"]): Evidence[] {
  if (!timers) return [];
  const wrong = (detail: string): Evidence => ({ seqs: [state.seq], detail });
  const missing = [...demanded].flatMap(([name, atMs]) => {
    const stands = timers.get(name);
    if (stands === atMs) return [];
    return [wrong(stands === undefined ? `the timer ${name} is missing` : `the timer ${name} is not at its instant`)];
  });
  const stray = [...timers.keys()].filter((name) => !demanded.has(name));
  return [...missing, ...stray.map((name) => wrong(`the timer ${name} belongs to nothing open`))];
}

/** Messages that no event made. Whether one that is gone was acknowledged is not in the log. */
export function falseMessages({ outbox, state }: InvariantView, demanded: Demanded["messages"]): Evidence[] {
  if (!outbox) return [];
  return [...outbox].flatMap(([id, { message }]) => {
    const made = demanded.get(id);
    if (made && canonicalJson(made) === canonicalJson(message)) return [];
    return [{ seqs: [state.seq], detail: `the message ${id} was made by no event` }];
  });
}

/** Rows of approvals that say something else than the events that opened them: by these rows a decision is judged (P6). */
export function falseApprovals({ approvals, state }: InvariantView, demanded: Demanded["approvals"]): Evidence[] {
  if (!approvals) return [];
  const wrong = (detail: string): Evidence => ({ seqs: [state.seq], detail });
  const stand = new Map(approvals.map((approval) => [approval.gateId, approval]));
  const missing = [...demanded].flatMap(([id, approval]) => {
    const row = stand.get(id);
    if (row && canonicalJson(row) === canonicalJson(approval)) return [];
    return [wrong(row ? `the gate ${id} is not as it was opened` : `the open gate ${id} has no row`)];
  });
  const stray = [...stand.keys()].filter((id) => !demanded.has(id));
  return [...missing, ...stray.map((id) => wrong(`the gate ${id} is not open in the log`))];
}
