/** What the rows of a log hold, as text: events by the commit, and the snapshot of the state. */
import { MAX_ROW_BYTES } from "../../domain/json-text.ts";
import type { ExecutionState } from "../../domain/state.ts";

/** The keys that the log needs stand before the state, on a line of their own, when there are any (R3). */
export function coreText(keysOfLog: ReadonlySet<string>, state: ExecutionState): string {
  const json = JSON.stringify(state);
  return keysOfLog.size === 0 ? json : `${[...keysOfLog].join(",")}\n${json}`;
}

export function parseCore(text: string): { readonly keys: readonly string[]; readonly json: string } {
  if (text.startsWith("{")) return { keys: [], json: text };
  const end = text.indexOf("\n");
  return { keys: text.slice(0, end).split(","), json: text.slice(end + 1) };
}

/** An event as it was appended, with its number. */
export interface SeqText {
  readonly seq: number;
  readonly text: string;
}

export interface LogRow {
  readonly lastSeq: number;
  readonly text: string;
}

/** Rows of at most `MAX_ROW_BYTES`, cut between events (the store's R1). A character is counted as three bytes at most. */
export function eventRows(events: readonly SeqText[]): LogRow[] {
  const made: LogRow[] = [];
  let texts: string[] = [];
  let size = 0;
  let lastSeq = 0;
  const close = () => {
    if (texts.length > 0) made.push({ lastSeq, text: `[${texts.join(",")}]` });
    texts = [];
    size = 0;
  };
  for (const { seq, text } of events) {
    if (size > 0 && size + text.length > MAX_ROW_BYTES / 3) close();
    texts.push(text);
    size += text.length + 1;
    lastSeq = seq;
  }
  close();
  return made;
}
