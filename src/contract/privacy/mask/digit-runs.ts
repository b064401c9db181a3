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
const HAS_PLUS = /[+＋]/;
const OPENINGS = /[([\uff08]/;
const MOST_MARKS = 4;

export function* digitRuns(text: string): Generator<DigitRun> {
  let run: DigitGroup[] = [];
  let marks = "";
  for (let at = 0; at < text.length; ) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind === DIGIT) {
      const group = groupAt(text, at, marks);
      run.push(group);
      at = group.end;
      marks = "";
      continue;
    }
    if (run.length > 0 && (kind === PLUS || kind === OTHER || marks.length >= MOST_MARKS)) {
      yield run;
      run = [];
      marks = "";
    }
    if (run.length > 0) marks += text.charAt(at);
    else if (kind === PLUS || kind === OPENING) marks = (marks + text.charAt(at)).slice(-3);
    else if (marks !== "" && (text.charCodeAt(at) !== SPACE || !HAS_PLUS.test(marks))) marks = "";
    at += 1;
  }
  if (run.length > 0) yield run;
}

const OTHER = 1;
const MARK = 2;
const OPENING = 3;
const PLUS = 4;
const DIGIT = 5;
const SPACE = 0x20;
/** What each UTF-16 unit is, once it was asked for; 0 while it was not. Every character of every text is looked up here. */
const KINDS = new Uint8Array(0x1_0000);

function kindOf(code: number): number {
  const known = KINDS[code] ?? 0;
  if (known !== 0) return known;
  const mark = String.fromCharCode(code);
  const isOpening = OPENINGS.test(mark);
  const kind =
    digitOf(code) !== undefined
      ? DIGIT
      : HAS_PLUS.test(mark)
        ? PLUS
        : isOpening
          ? OPENING
          : MARKS.test(mark)
            ? MARK
            : OTHER;
  KINDS[code] = kind;
  return kind;
}

function groupAt(text: string, start: number, before: string): DigitGroup {
  let end = start + 1;
  let isAscii = isAsciiDigit(text.charCodeAt(start));
  for (; kindOf(text.charCodeAt(end)) === DIGIT; end += 1) isAscii &&= isAsciiDigit(text.charCodeAt(end));
  const raw = text.slice(start, end);
  const digits = isAscii ? raw : raw.replaceAll(/./gs, (digit) => String(digitOf(digit.charCodeAt(0))));
  return { digits, start, end, before };
}

function isAsciiDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function digitOf(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code < 0x660) return undefined;
  const zero = ZEROS.find((first) => code >= first && code <= first + 9);
  return zero === undefined ? undefined : code - zero;
}
