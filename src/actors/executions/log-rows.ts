/** What the rows of a log hold, as text: events by the commit, and the snapshot of the state. */
import * as z from "zod";
import type { ChainMark } from "../../domain/execution/chain.ts";
import { marksText, parseMarks } from "../../domain/execution/chain.ts";
import { ExecutionState, STATE_VERSION } from "../../domain/execution/state.ts";
import { MAX_ROW_BYTES } from "../../domain/values/json-text.ts";

/** What a row holds, out of `JSON.parse`: its events, and the heads of the chain. */
export function openedRow(stored: readonly unknown[]): {
  readonly raw: unknown[];
  readonly marks: readonly ChainMark[];
} {
  const last = stored.at(-1);
  return typeof last === "string"
    ? { raw: stored.slice(0, -1), marks: parseMarks(last) }
    : { raw: [...stored], marks: [] };
}

/** Before the state a line with its version and the keys that the log needs, and one with the head of the chain. */
export function coreText(keysOfLog: ReadonlySet<string>, state: ExecutionState, head: string): string {
  return `${[STATE_VERSION, ...keysOfLog].join(",")}\n${head}\n${JSON.stringify(state)}`;
}

export interface Core {
  readonly keys: readonly string[];
  /** Of the chain, after the event that the state was folded to. */
  readonly head: string;
  /** Absent when it is of another version, or is no state of ours: then it is folded from the log. */
  readonly state: ExecutionState | undefined;
  /** What is stored as the state, of any version. */
  readonly raw: ExecutionState | undefined;
}

export function parseCore(text: string): Core {
  const [first = "", head = ""] = text.split("\n", 2);
  const [version, ...keys] = first.split(",");
  const raw = parsed(text.slice(first.length + head.length + 2));
  const state = version === String(STATE_VERSION) ? ExecutionState.safeParse(raw) : undefined;
  const named = Named.safeParse(raw).success ? (raw as ExecutionState) : undefined;
  return { keys, head, state: state?.data, raw: named };
}

const Named = z.looseObject({ origin: z.looseObject({ id: z.string(), tenant: z.string() }), seq: z.number() });

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** An event as it was appended, with its number, and with the head of the chain where it is known. */
export interface SeqText {
  readonly seq: number;
  readonly text: string;
  readonly head?: string | undefined;
}

export interface LogRow {
  readonly lastSeq: number;
  readonly text: string;
}

/** Rows of at most `MAX_ROW_BYTES`, cut between events. A character is counted as three bytes at most. */
export function eventRows(events: readonly SeqText[]): LogRow[] {
  const made: LogRow[] = [];
  let texts: string[] = [];
  let size = 0;
  let lastSeq = 0;
  let marks: ChainMark[] = [];
  const close = () => {
    // The marks are a text among objects: the last one of the row.
    if (texts.length > 0) made.push({ lastSeq, text: `[${texts.join(",")},${JSON.stringify(marksText(marks))}]` });
    texts = [];
    marks = [];
    size = 0;
  };
  for (const { seq, text, head } of events) {
    if (size > 0 && size + text.length > MAX_ROW_BYTES / 3) close();
    texts.push(text);
    if (head !== undefined) marks.push({ seq, head });
    size += text.length + 1;
    lastSeq = seq;
  }
  close();
  return made;
}
