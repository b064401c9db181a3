/**
 * Runs of digits in text, with what people put between them: the raw material of phone numbers. One pass; knows nothing
 * of phones but that a `+` begins a number and that more than four marks in a row end one.
 */
interface DigitGroup {
  readonly digits: string;
  readonly start: number;
  readonly end: number;
  /** What stands between the group before and this one; for the first, its `+` or opening bracket. */
  readonly before: string;
}
export type DigitRun = readonly DigitGroup[];

/** Zeros of the digits that people write phone numbers with: ASCII, Arabic, Persian, Devanagari, Bengali, fullwidth. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xff10];
const MARKS =
  /[ \t.()[\]/·~\u00a0\u00ad\u2000-\u200b\u2010-\u2015\u2060\u202f\u205f\u2212\u3000\uff08\uff09\uff0d\uff0e-]/;
const PLUS = /[+＋]/;
const OPENING = /[([\uff08]/;
const MOST_MARKS = 4;

export function* digitRuns(text: string): Generator<DigitRun> {
  let run: DigitGroup[] = [];
  let marks = "";
  for (let at = 0; at < text.length; ) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit !== undefined) {
      const group = groupAt(text, at, marks);
      run.push(group);
      at = group.end;
      marks = "";
      continue;
    }
    const mark = text.charAt(at);
    const isPlus = PLUS.test(mark);
    if (run.length > 0 && (isPlus || !MARKS.test(mark) || marks.length >= MOST_MARKS)) {
      yield run;
      run = [];
      marks = "";
    }
    if (run.length > 0) marks += mark;
    else if (isPlus || OPENING.test(mark)) marks = (marks + mark).slice(-3);
    else if (mark !== " " || !PLUS.test(marks)) marks = "";
    at += 1;
  }
  if (run.length > 0) yield run;
}

function groupAt(text: string, start: number, before: string): DigitGroup {
  let digits = "";
  let end = start;
  for (let digit = digitOf(text.charCodeAt(end)); digit !== undefined; digit = digitOf(text.charCodeAt(end))) {
    digits += digit;
    end += 1;
  }
  return { digits, start, end, before };
}

function digitOf(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code < 0x660) return undefined;
  const zero = ZEROS.find((first) => code >= first && code <= first + 9);
  return zero === undefined ? undefined : code - zero;
}
