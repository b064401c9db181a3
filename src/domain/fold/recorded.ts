/** What a program says once: found by its key, so that a replay says nothing again. Called only by `foldEntry`. */
import type { Entry } from "../execution/entry.ts";
import { doneSeqOf } from "../execution/entry.ts";
import type { Event } from "../execution/event.ts";

interface Recorded {
  readonly recorded: Set<string>;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly completions: readonly string[];
  rejectedSeq: number | undefined;
}

type RecordedEvent = Extract<
  Event,
  { type: "note.added" | "progress.reported" | "attributes.set" | `attempt.${string}` }
>;

/** The first rejection is found by the turn whose answer it judged. */
export function foldRecorded(index: Recorded, event: RecordedEvent): void {
  if (event.data.key !== undefined) index.recorded.add(event.data.key);
  if (event.type === "attempt.rejected") index.rejectedSeq ??= lastAnswer(index) ?? event.seq;
}

/** The end of the newest turn: what it said is what was judged. */
function lastAnswer({ completions, entries }: Recorded): number | undefined {
  const key = [...completions].reverse().find((known) => entries.get(known)?.kind === "turn");
  return doneSeqOf(entries.get(key ?? ""));
}
