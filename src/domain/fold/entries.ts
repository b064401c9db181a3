/** How entries are written into the index: opened, changed, finished. Called by the folds of the families that make entries. */
import type { DoneEntry, End, Entry, OpenEntry } from "../execution/entry.ts";
import { isAdopted } from "../execution/entry.ts";
import { OpenEntries } from "./open-entries.ts";

/** A part of the entry index. */
export interface Entries {
  readonly entries: Map<string, Entry>;
  /** Entries that are not done: what is in flight or waited for. */
  readonly open: OpenEntries;
  readonly completions: string[];
}

export function noEntries(): Entries {
  return { entries: new Map(), open: new OpenEntries(), completions: [] };
}

export function put(index: Entries, entry: Entry): void {
  index.entries.set(entry.key, entry);
  index.open.put(entry);
}

/** An entry as it is after an event; one that is done stays as it is. */
export function change(index: Entries, key: string, to: (entry: OpenEntry) => OpenEntry): void {
  const entry = index.entries.get(key);
  if (entry && entry.status !== "done") put(index, to(entry));
}

/** Beside how it ended: how much the signal holds that it took. */
type Ending = End & { readonly signalBytes?: number };

export function finish(index: Entries, event: { seq: number; data: { key: string } }, end: Ending): void {
  const entry = index.entries.get(event.data.key);
  if (!entry || entry.status === "done") return;
  close(index, { ...entry, status: "done", doneSeq: event.seq, ...end });
}

/** It is done, and delivered in the order of the log if a program waits for it. */
export function close(index: Entries, entry: DoneEntry): void {
  put(index, entry);
  if (entry.kind !== "value" && !isAdopted(entry) && !entry.withdrawn) index.completions.push(entry.key);
}

/** What an entry has that other events than those of a try open. */
export const opening = ({ seq }: { readonly seq: number }) =>
  ({ startedSeq: seq, status: "open", attempt: 1 }) as const;
