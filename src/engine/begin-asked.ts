import type { Entry } from "../domain/entry.ts";
import type { Ask, Loop } from "./ask.ts";
import { takeUp } from "./offers.ts";
import type { Launch } from "./work.ts";

/** Runs in this process, and so counts among those that run at once. The others wait for somebody else. */
const isTry = ({ kind }: Ask) => kind === "step" || kind === "effect" || kind === "tool" || kind === "turn";

/**
 * Begins what was asked for the first time and takes up what neither runs nor is finished, in one commit before anything
 * touches the outside. Called by the run loop when the log is delivered. Returns the tries for which there is no room.
 */
export function beginAsked(asks: Iterable<Ask>, { journal, works }: Pick<Loop, "journal" | "works">): Ask[] {
  const { entries } = journal.index();
  const launches: Launch[] = [];
  const queued: Ask[] = [];
  for (const ask of asks) {
    if (works.has(ask.key)) continue;
    if (isTry(ask) && !works.hasRoom(launches.length)) {
      queued.push(ask);
      continue;
    }
    const entry = entries.get(ask.key) ?? takeUp(ask, journal);
    const launch = entry ? resumed(ask, entry) : ask.begin();
    if (launch) launches.push(launch);
  }
  if (launches.length === 0) return queued;
  // What is not urgent is committed with what it leads to, or when the program comes to rest.
  if (journal.hasUrgent) journal.flush();
  for (const launch of launches) launch();
  return queued;
}

function resumed(ask: Ask, entry: Entry): Launch | undefined {
  return entry.status === "done" ? undefined : ask.resume(entry);
}
