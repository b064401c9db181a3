/**
 * Digits in groups that are something else than a phone number: dates, money, cards, addresses of machines. These shapes
 * win over everything but a word like "tel" right before.
 */
import type { DigitRun } from "./digit-runs.ts";

const YEAR_FIRST = /^(?:19|20)\d\d([-./ ])\d{1,2}\1\d{1,2}$/;
const YEAR_LAST = /^\d{1,2}([-./ ])\d{1,2}\1(?:\d\d|(?:19|20)\d\d)$/;
const FROM_TO = / ?[-–—] ?/;

export function isDate(text: string): boolean {
  if (YEAR_FIRST.test(text) || YEAR_LAST.test(text)) return true;
  // Two days of one form: 01.02.24 – 28.02.24.
  const half = text.length >> 1;
  for (let at = half - 2; at <= half + 1; at += 1) {
    const mark = FROM_TO.exec(text.slice(at, at + 3))?.[0];
    if (mark === undefined || !text.startsWith(mark, at)) continue;
    const [from, to] = [text.slice(0, at), text.slice(at + mark.length)];
    if ((YEAR_FIRST.test(from) && YEAR_FIRST.test(to)) || (YEAR_LAST.test(from) && YEAR_LAST.test(to))) return true;
  }
  return false;
}

/** Thousands: one to three digits, then threes, with one mark between all. */
export function isGroupedByThousands(run: DigitRun): boolean {
  const [first, ...rest] = run;
  if (!first || rest.length === 0 || first.digits.length > 3 || first.digits.startsWith("0")) return false;
  const mark = rest[0]?.before ?? "";
  return (
    /^[ .\u00a0\u2009\u202f]$/.test(mark) && rest.every(({ digits, before }) => digits.length === 3 && before === mark)
  );
}

/** Returns true for the number of a payment card: four groups of four digits, with any separators. */
export function isCard(run: DigitRun): boolean {
  return run.length === 4 && run.every(({ digits }) => digits.length === 4);
}

/** `DE89 3704 0044 …`: the run is the tail of an account number whose country stands right before it. */
export function isBankAccount(text: string, run: DigitRun): boolean {
  const start = run[0]?.start ?? 0;
  const isCountry = /(?:^|[^\p{L}\p{N}])[A-Z]{2}$/u.test(text.slice(Math.max(0, start - 3), start));
  return isCountry && run[0]?.digits.length !== 3 && run.length > 2;
}

/** An IP address written with leading zeros, a MAC address with dashes, a ZIP+4. */
export function isMachineOrPostAddress(run: DigitRun): boolean {
  const joined = (mark: string) => run.slice(1).every(({ before }) => before === mark);
  if (run.length === 4 && joined(".")) return run.every(({ digits }) => digits.length <= 3 && Number(digits) <= 255);
  if (run.length === 6 && joined("-")) return run.every(({ digits }) => digits.length === 2);
  return run.length === 2 && joined("-") && run[0]?.digits.length === 5 && run[1]?.digits.length === 4;
}

/** The check digit of an ISBN-10 holds for one in eleven numbers; those are taken for books. */
export function isBookNumber(digits: string): boolean {
  if (digits.length !== 10) return false;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
  return sum % 11 === 0;
}
