/** What stands beside the log against what the log demands: timers and messages (C1, C2). Nothing where it was not handed in. */
import type { Demanded } from "./demanded.ts";
import type { Evidence, InvariantView } from "./invariants-of-entries.ts";
import { canonicalJson } from "./json.ts";

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
