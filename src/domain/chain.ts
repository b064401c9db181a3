/**
 * Events are chained over their text: each head is a keyed digest of the head before it and of the event's text. So an event
 * that was changed, left out or moved breaks every head after it. The store keeps one head a row.
 *
 * A head is `key.digest`; `key` is the id of the key it was made with, empty while encryption is off. A row that repeats
 * older events keeps a mark for each key that they were chained with, so a rotation breaks nothing.
 */

/** The head after the event with this number. */
export interface ChainMark {
  readonly seq: number;
  readonly head: string;
}

export const FIRST_HEAD = "";

const keyOfHead = (head: string): string => head.slice(0, Math.max(0, head.lastIndexOf(".")));

/** Of the marks in order only the last one of each run of one key is needed. */
export function marksText(marks: readonly ChainMark[]): string {
  const needed = marks.filter(({ head }, at) => {
    const next = marks[at + 1];
    return next === undefined || keyOfHead(next.head) !== keyOfHead(head);
  });
  return needed.map(({ seq, head }) => `${seq}:${head}`).join(" ");
}

/** The marks of a row; none where the text is not one. */
export function parseMarks(text: string): ChainMark[] {
  return text.split(" ").flatMap((part) => {
    const colon = part.indexOf(":");
    const seq = Number(part.slice(0, colon));
    return colon > 0 && Number.isInteger(seq) ? [{ seq, head: part.slice(colon + 1) }] : [];
  });
}

/** One row of the log as it is stored. */
export interface ChainedRow {
  readonly texts: readonly string[];
  readonly firstSeq: number;
  readonly marks: readonly ChainMark[];
}

export type ChainVerdict =
  | { readonly ok: true; readonly head: string }
  | { readonly ok: false; readonly seq: number; readonly detail: string };

/** Makes the head after a text; `undefined` when the key of this id is not configured. */
export type NextHead = (keyId: string, before: string, text: string) => string | undefined;

/** Checks a whole log from its first event on. Linear in its text. */
export function checkChain(rows: Iterable<ChainedRow>, next: NextHead): ChainVerdict {
  let head = FIRST_HEAD;
  let expected = 1;
  for (const { texts, firstSeq, marks } of rows) {
    if (firstSeq !== expected) return broken(firstSeq, `event ${expected} is missing`);
    const last = firstSeq + texts.length - 1;
    if (marks.at(-1)?.seq !== last) return broken(last, "the row carries no head of its last event");
    for (const [at, text] of texts.entries()) {
      const seq = firstSeq + at;
      const mark = marks.find((one) => one.seq >= seq);
      const made = next(keyOfHead(mark?.head ?? ""), head, text);
      if (made === undefined) return broken(seq, "it was chained with a key that is not configured");
      if (mark?.seq === seq && mark.head !== made) return broken(seq, "what it says is not what was appended");
      head = made;
    }
    expected = last + 1;
  }
  return { ok: true, head };
}

function broken(seq: number, detail: string): ChainVerdict {
  return { ok: false, seq, detail: `the chain breaks at event ${seq}: ${detail}` };
}

/** The stored log ends before the newest head that its object knows. */
export const CUT_SHORT: ChainVerdict = { ok: false, seq: 0, detail: "the log does not end where it ended before" };

/** Rows as their store opens them, for `checkChain`. */
export function* chainedRows(
  rows: Iterable<{
    readonly raw: readonly unknown[];
    readonly events: readonly { readonly seq: number }[];
    readonly marks: readonly ChainMark[];
  }>,
): Generator<ChainedRow> {
  for (const { raw, events, marks } of rows)
    yield { texts: raw.map((one) => JSON.stringify(one)), firstSeq: events[0]?.seq ?? 0, marks };
}
