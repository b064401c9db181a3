/** What the rows of a log hold, as text: events by the commit, and the snapshot of the state. */
import { z } from "zod";
import { MAX_ROW_BYTES } from "../../domain/json-text.ts";
import { ExecutionState, STATE_VERSION } from "../../domain/state.ts";

/** Before the state, on a line of its own: the state's version, and the keys that the log needs (R3). */
export function coreText(keysOfLog: ReadonlySet<string>, state: ExecutionState): string {
  return `${[STATE_VERSION, ...keysOfLog].join(",")}\n${JSON.stringify(state)}`;
}

export interface Core {
  readonly keys: readonly string[];
  /** Absent when it is of another version, or is no state of ours: then it is folded from the log. */
  readonly state: ExecutionState | undefined;
  /** What is stored as the state, whoever wrote it. */
  readonly raw: ExecutionState | undefined;
}

export function parseCore(text: string): Core {
  const end = text.indexOf("\n");
  const [version, ...keys] = text.slice(0, end).split(",");
  const raw = parsed(text.slice(end + 1));
  const state = version === String(STATE_VERSION) ? ExecutionState.safeParse(raw) : undefined;
  const named = Named.safeParse(raw).success ? (raw as ExecutionState) : undefined;
  return { keys, state: state?.data, raw: named };
}

const Named = z.looseObject({ origin: z.looseObject({ id: z.string(), tenant: z.string() }), seq: z.number() });

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
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
