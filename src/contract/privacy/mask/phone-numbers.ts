/**
 * Phone numbers in text. `+` and `00` are judged by the world's numbering plans; national forms need evidence:
 * a trunk zero, the North American 3-3-4, or a word like "tel" before them. A number that shows none of these is left
 * alone: it is far more often an id, a price or a time.
 *
 * - Each run of digits is cut into words; from each word on at most `MOST_WORDS` are tried: the work is linear.
 * - What is glued to letters or to `$`, `#`, `:12` is part of something else.
 */
import { callingCodeOf } from "./calling-codes.ts";
import type { DigitRun } from "./digit-runs.ts";
import { digitRuns } from "./digit-runs.ts";
import {
  isBankAccount,
  isBookNumber,
  isCard,
  isDate,
  isGroupedByThousands,
  isMachineOrPostAddress,
} from "./no-phone.ts";

const FEWEST_DIGITS = 7;
const MOST_DIGITS = 15;
const MOST_WORDS = 10;
const LOOK_BACK = 32;
const WORD_MARK = /[\s/·]/;
const SAID_BEFORE =
  /(?:^|[^\p{L}\p{N}])(?:tel|telephone|telefon|telefonnummer|telefono|teléfono|telefone|téléphone|tél|phone|phonenumber|fon|fone|mobile|mobil|móvil|movil|celular|cell|cellphone|handy|natel|gsm|fax|whatsapp|sms|msisdn|callto|wa\.me|(?:call|ring|text|reach|dial) (?:me|us|him|her|them)|电话|電話|전화|тел|телефон|هاتف)(?:[ _-]?(?:no|nr|number|nummer|num))?\.?(?: (?:is|ist|est|es|at|on|under))?\s{0,2}[:=：/]{0,3}\s{0,2}[([]?\+?$/iu;
const SAID_OTHERWISE = /(?:id|no|nr|isbn|ean|upc|gtin|sku|ref|order|invoice|ticket|code|serial|batch|lot)\W{0,3}$/i;
const EXTENSION =
  /^[ ,;]{0,3}(?:x|ext\.?|extension|ext:|;ext=|durchwahl|dw\.?|poste|доб\.?|#)[ :.=]{0,2}\d{1,6}(?![\p{L}\p{N}])/iu;
/** How a number that nothing announces must begin. */
const BEGINNING = /^(?:\+|00?[1-9]|1?[2-9])/;
const LEADING_PLUS = /[+＋]/;

interface Found {
  readonly start: number;
  readonly end: number;
  readonly masked: string;
}

export function maskPhoneNumbers(text: string): string {
  let masked = "";
  let done = 0;
  for (const run of digitRuns(text)) {
    for (const { start, end, masked: form } of numbersIn(text, run)) {
      masked += text.slice(done, start) + form;
      done = end;
    }
  }
  return done === 0 ? text : masked + text.slice(done);
}

/** Masks a field that is known to hold a phone number. Returns `undefined` unless it holds one number only, in any form. */
export function maskPhoneField(text: string): string | undefined {
  const [run, ...more] = digitRuns(text);
  if (!run || more.length > 0 || /[\p{L}_]/u.test(text)) return undefined;
  const digits = digitsOf(run);
  return isLong(digits) ? maskedForm(digits, internationalOf(run)) : undefined;
}

function* numbersIn(text: string, run: DigitRun): Generator<Found> {
  const [first] = run;
  if (!first || !hasDigits(run, FEWEST_DIGITS)) return;
  const words = wordsOf(run);
  const isKept = isGroupedByThousands(run) || isCard(run) || isBankAccount(text, run);
  for (let from = 0; from < words.length - 1; ) {
    const to = longestFrom(text, { run, words, from, isKept });
    if (to === undefined) {
      from += 1;
      continue;
    }
    const number = run.slice(words[from], words[to]);
    const start = startOf(number);
    const end = number.at(-1)?.end ?? start;
    const extension = EXTENSION.exec(text.slice(end, end + 24))?.[0].length ?? 0;
    yield { start, end: end + extension, masked: maskedForm(digitsOf(number), internationalOf(number)) };
    from = to;
  }
}

interface Attempt {
  readonly run: DigitRun;
  /** Where each word begins in the run, and the run's end. */
  readonly words: readonly number[];
  readonly from: number;
  readonly isKept: boolean;
}

/** The end of the longest number that begins with this word. */
function longestFrom(text: string, attempt: Attempt): number | undefined {
  const { run, words, from } = attempt;
  const at = words[from] ?? 0;
  const begins = BEGINNING.test(beginningOf(run, at));
  // Inside a run only digits and marks stand before a word: a word like "tel" is before the first one, or nowhere.
  if (from > 0 && !begins) return undefined;
  const start = startOf(run.slice(at, at + MOST_DIGITS));
  const before = text.slice(Math.max(0, start - LOOK_BACK), start);
  const isSaid = from === 0 && SAID_BEFORE.test(before);
  if (!isSaid && !begins) return undefined;
  let found: number | undefined;
  let count = 0;
  for (let to = from + 1; to < words.length && to <= from + MOST_WORDS; to += 1) {
    const end = words[to] ?? at;
    // A group has a digit at least: no slice is longer than a number may be.
    if (end - at > MOST_DIGITS) break;
    for (let group = words[to - 1] ?? at; group < end; group += 1) count += run[group]?.digits.length ?? 0;
    if (count > MOST_DIGITS) break;
    if (count < FEWEST_DIGITS) continue;
    const number = run.slice(at, end);
    if (!isSaid && !looksDialled(number)) continue;
    if (isPhone(text, number, { before, isSaid, isKept: attempt.isKept })) found = to;
  }
  return found;
}

/** A plus, a zero, or the three or four groups of North America: without one of them nothing but a word makes a number. */
function looksDialled(number: DigitRun): boolean {
  const [first] = number;
  if (number.length === 3 || number.length === 4 || first?.digits.startsWith("0")) return true;
  return first !== undefined && (LEADING_PLUS.test(first.before) || digitsOf(number).startsWith("011"));
}

/** Its plus and first digits. */
function beginningOf(run: DigitRun, at: number): string {
  const groups = run.slice(at, at + 4);
  return (LEADING_PLUS.test(groups[0]?.before ?? "") ? "+" : "") + digitsOf(groups).slice(0, 4);
}

interface Surroundings {
  readonly before: string;
  /** A word like "tel" stands right before it. */
  readonly isSaid: boolean;
  /** The whole run is known to be something else. */
  readonly isKept: boolean;
}

function isPhone(text: string, number: DigitRun, { before, isSaid, isKept }: Surroundings): boolean {
  const start = startOf(number);
  const end = number.at(-1)?.end ?? start;
  if (isDate(text.slice(start, end)) || isGluedBehind(text, end)) return false;
  if (isSaid) return !isDecimal(number);
  if (isGluedBefore(before) || (isKept && !LEADING_PLUS.test(number[0]?.before ?? ""))) return false;
  if (internationalOf(number) !== undefined) return !isMachineOrPostAddress(number);
  return isNational(number, before);
}

/** A trunk zero, or 3-3-4 with or without a leading 1. */
function isNational(number: DigitRun, before: string): boolean {
  const digits = digitsOf(number);
  const sizes = number.map((group) => group.digits.length).join("-");
  if (/^(?:1-)?3-3-4$/.test(sizes) && /^1?[2-9]\d\d[2-9]/.test(digits)) return true;
  if (!/^0[1-9]/.test(digits) || isMachineOrPostAddress(number)) return false;
  if (number.length > 1) return digits.length >= 9 && digits.length <= 12 && !isDecimal(number);
  return /^\d{10,11}$/.test(digits) && !isBookNumber(digits) && !SAID_OTHERWISE.test(before);
}

/** "0" and a mark: a fraction, or an ISBN. A zero in brackets is a trunk zero. */
function isDecimal([first]: DigitRun): boolean {
  return first?.digits.length === 1 && first.before === "";
}

/** The country's calling code when it may have a number of that length. */
function internationalOf(number: DigitRun): string | undefined {
  const hasPlus = LEADING_PLUS.test(number[0]?.before ?? "");
  const digits = digitsOf(number);
  const isDialled = /^(?:00|011)(?=[1-9])/.test(digits);
  if (!hasPlus && !isDialled) return undefined;
  const all = hasPlus ? digits : digits.replace(/^(?:00|011)/, "");
  return callingCodeOf(all) ?? callingCodeOf(withoutTrunkZero(number, all));
}

/** `+49 (0)30 …`: the zero is written, and not dialled from abroad. */
function withoutTrunkZero(number: DigitRun, all: string): string {
  const second = number.findIndex((group, at) => at > 0 && group.digits.startsWith("0"));
  if (second < 1) return all;
  const behind = digitsOf(number.slice(second));
  return all.slice(0, all.length - behind.length) + behind.slice(1);
}

function isGluedBefore(before: string): boolean {
  return /(?:[\p{L}\p{N}_@#$€£¥₹%]|[\p{L}\p{N}_][-~./]{1,2}|\d[:,])$/u.test(before);
}

function isGluedBehind(text: string, end: number): boolean {
  const behind = text.slice(end, end + 24);
  if (EXTENSION.test(behind)) return false;
  return /^(?:[\p{L}\p{N}_@%°]|[-~/][\p{L}_]|:\d|\.[\p{L}\p{N}_]{1,4}\b(?! ))/u.test(behind);
}

function wordsOf(run: DigitRun): number[] {
  const starts = run.flatMap(({ before }, at) => (at === 0 || WORD_MARK.test(before) ? [at] : []));
  return [...starts, run.length];
}

/** With its plus, and with a bracket that it closes itself. */
function startOf([first, ...rest]: DigitRun): number {
  if (!first) return 0;
  const opening = /[([\uff08]?(?:[+＋] ?)?[([\uff08]?$/.exec(first.before)?.[0] ?? "";
  const isClosed = rest.some(({ before }) => /[)\]\uff09]/.test(before));
  return first.start - (isClosed ? opening : opening.replace(/^[([\uff08]/, "")).length;
}

function digitsOf(run: DigitRun): string {
  return run.map(({ digits }) => digits).join("");
}

function hasDigits(run: DigitRun, least: number): boolean {
  let count = 0;
  return run.some(({ digits }) => {
    count += digits.length;
    return count >= least;
  });
}

function isLong(digits: string): boolean {
  return digits.length >= FEWEST_DIGITS && digits.length <= MOST_DIGITS;
}

/** Returns `+49 *** **56`: the country and the last two digits, for a number of any length. */
function maskedForm(digits: string, country: string | undefined): string {
  return `${country === undefined ? "" : `+${country} `}*** **${digits.slice(-2)}`;
}
