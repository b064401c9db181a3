import type { Ask, Loop } from "./ask.ts";
import type { Journal } from "./journal.ts";
import { takeUp } from "./offers.ts";
import { toEntryError } from "./retry.ts";
import type { Launch } from "./work.ts";

/** Runs in this process, and so counts among those that run at once. The others wait for somebody else. */
export const isTry = ({ kind }: Ask) => kind === "step" || kind === "effect" || kind === "tool" || kind === "turn";

/**
 * Begins what was asked for the first time and takes up what neither runs nor is finished, in one commit before anything
 * touches the outside. Called by the run loop when the log is delivered. Returns the tries for which there is no room.
 */
export function beginAsked(asks: Iterable<Ask>, { journal, works }: Pick<Loop, "journal" | "works">): Ask[] {
  const launches: { readonly key: string; readonly launch: Launch }[] = [];
  const queued: Ask[] = [];
  for (const ask of asks) {
    if (works.has(ask.key)) continue;
    if (isTry(ask) && !works.hasRoom(launches.length)) {
      queued.push(ask);
      continue;
    }
    const launch = begun(ask, journal);
    if (launch) launches.push({ key: ask.key, launch });
    journal.flushWhenDue();
  }
  if (launches.length === 0) return queued;
  // What is not urgent is committed with what it leads to, or when the program comes to rest.
  works.launchWhen(journal.hasUrgent ? journal.flush() : undefined, launches);
  return queued;
}

/** What starts its try. A question that nothing can be made of ends with what was thrown: the others go on. */
function begun(ask: Ask, journal: Journal): Launch | undefined {
  try {
    const entry = journal.index().entries.get(ask.key) ?? takeUp(ask, journal);
    if (!entry) return ask.begin();
    return entry.status === "done" ? undefined : ask.resume(entry);
  } catch (error) {
    const { key, kind, name } = ask;
    const outcome = { ok: false, error: toEntryError(error) } as const;
    journal.dispatch({ type: "finish_entry", key, kind, name, attempt: 1, outcome }, "program");
    return undefined;
  }
}
