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

/** A head that is known from elsewhere: the index, or the object of an archive, says that the log had it at this event. */
export interface KnownHead {
  /** Absent: at its last event. */
  readonly seq?: number | undefined;
  readonly head: string;
}

/** Follows the chain row by row. */
export class ChainWalk {
  readonly #next: NextHead;
  readonly #known: KnownHead | undefined;
  #head = FIRST_HEAD;
  #seq = 0;

  constructor(next: NextHead, known?: KnownHead) {
    this.#next = next;
    this.#known = known;
  }

  /** After the rows that were taken. */
  get head(): string {
    return this.#head;
  }
  get seq(): number {
    return this.#seq;
  }

  /** What is wrong with the next row; nothing when it goes on where the last one ended. Linear in its text. */
  take({ texts, firstSeq, marks }: ChainedRow): Broken | undefined {
    if (firstSeq !== this.#seq + 1) return broken(firstSeq, `event ${this.#seq + 1} is missing`);
    const last = firstSeq + texts.length - 1;
    if (marks.at(-1)?.seq !== last) return broken(last, "the row carries no head of its last event");
    let at = 0;
    for (const text of texts) {
      const seq = this.#seq + 1;
      while ((marks[at]?.seq ?? last) < seq) at += 1;
      const mark = marks[at];
      const made = this.#next(keyOfHead(mark?.head ?? ""), this.#head, text);
      if (made === undefined) return broken(seq, "it was chained with a key that is not configured");
      if (mark?.seq === seq && mark.head !== made) return broken(seq, "what it says is not what was appended");
      if (this.#known?.seq === seq && this.#known.head !== made) return broken(seq, OTHER_HEAD);
      this.#head = made;
      this.#seq = seq;
    }
    return undefined;
  }

  /** To be asked behind the last row. */
  end(): ChainVerdict {
    const { seq = this.#seq, head } = this.#known ?? {};
    if (seq > this.#seq) return broken(seq, `the log ends at event ${this.#seq}`);
    if (seq === this.#seq && head !== undefined && head !== this.#head) return broken(seq, OTHER_HEAD);
    return { ok: true, head: this.#head };
  }
}

const OTHER_HEAD = "the head that is known of it is another one";

/** Checks a whole log from its first event on, and against a head that is known of it. */
export function checkChain(rows: Iterable<ChainedRow>, next: NextHead, known?: KnownHead): ChainVerdict {
  const walk = new ChainWalk(next, known);
  for (const row of rows) {
    const wrong = walk.take(row);
    if (wrong) return wrong;
  }
  return walk.end();
}

/** The head that closes an archive, over its last event's: an archive that was cut has none. */
export function closingText(seq: number): string {
  return `end ${seq}`;
}

/** Whether this is the head after a text, made with the key that it names. */
export function isNextHead(head: string, { before, text }: { before: string; text: string }, next: NextHead): boolean {
  return next(keyOfHead(head), before, text) === head;
}

type Broken = Extract<ChainVerdict, { ok: false }>;

function broken(seq: number, detail: string): Broken {
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
