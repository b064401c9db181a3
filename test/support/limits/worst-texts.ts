/** Texts and keys that are worst for some function of ours: each makes a text, or the nth key, for a size. */

export type TextOf = (size: number) => string;
export type KeyOf = (index: number) => string;

export function filledWith(part: string): TextOf {
  return (size) => part.repeat(Math.ceil(size / part.length)).slice(0, size);
}

/** A pattern that ends with the text is tried at each of its parts, and fails at the last letter. */
function between(part: string): TextOf {
  return (size) => `x${filledWith(part)(size)}x`;
}

/** For masking, searching and naming. */
export const WORST_TEXTS: Readonly<Record<string, TextOf>> = {
  "at signs": filledWith("@"),
  "wide at signs": filledWith("＠"),
  "encoded at signs": filledWith("%40"),
  "encoded addresses": filledWith("%40a.bc"),
  addresses: filledWith("a@b.co "),
  "addresses glued together": filledWith("a@b.co"),
  "long local parts": filledWith(`${"a".repeat(256)}@b.co `),
  "long domains": filledWith(`a@${"b.".repeat(126)}co `),
  "domains that end in marks": filledWith(`a@${".-".repeat(126)}! `),
  "local parts of marks": filledWith(`${"!".repeat(250)}@b.co`),
  "quoted local parts": filledWith('"@b.co'),
  "one quote and addresses": (size) => `"${filledWith('x"@b.co\n')(size)}`,
  "address literals": filledWith(`@[${":".repeat(60)}`),
  digits: filledWith("1"),
  "digits with spaces": filledWith("1 "),
  "digits with dashes": filledWith("1-"),
  "digits with four spaces": filledWith("1    2"),
  "seven digits each": filledWith("1234567,"),
  "plus signs": filledWith("+"),
  "plus signs and digits": filledWith("+1 "),
  "phone numbers": filledWith("+49 30 123456 "),
  "nearly phone numbers": filledWith("+49 301234567x"),
  "national numbers": filledWith("030 "),
  "announced numbers": filledWith("tel 12-34-56-7 "),
  brackets: filledWith("("),
  "digits in brackets": filledWith("(1)"),
  dates: filledWith("2024-01-01 "),
  extensions: filledWith("030 1234567 ext 1"),
  "Arabic digits": filledWith("٠٣٠ ١٢٣٤٥٦٧ "),
  "digits between emoji": filledWith("1\u{1f600}"),
  "combining marks": (size) => `${filledWith("\u0301")(size)}@a.bc`,
  dots: between("."),
  "spaces and dots": between(" ."),
  spaces: between(" "),
  slashes: between("a/"),
  backslashes: between("\\"),
  "invisible characters": between("\u200b"),
  "opening braces": filledWith("{"),
  "quotes and braces": filledWith('{"'),
  "objects that do not close": filledWith('{"a":{'),
  "half objects": filledWith('{"a":1}{'),
  quotes: filledWith('"'),
  "typographic quotes": filledWith("“"),
  minus: filledWith("-"),
  "half fractions": filledWith("1."),
};

/** For objects: unique keys, keys that look alike once masked, keys that one table could hold in one place. */
export const WORST_KEYS: Readonly<Record<string, KeyOf>> = {
  plain: (index) => `k${index}`,
  "e-mail addresses": (index) => `a${index}@example.com`,
  "masked and numbered": (index) => `a***@e***.com (${index})`,
  "addresses and what they become": (index) =>
    index % 2 === 0 ? `a***@e***.com (${index / 2})` : `a${index}@example.com`,
  "phone numbers": (index) => `+49 30 ${1_000_000 + index}`,
  "integers that differ in their high bits": (index) => String((index * 131_072) % 4_294_967_295),
  "words of fields": (index) => `phone${"-".repeat(index % 50)}${index}phone`,
  "changes of case": (index) => `${"aB".repeat(20)}${index}`,
  descending: (index) => `z${String(9_999_999 - index)}`,
};

/** An object of about `size` characters as JSON. */
export function objectOf(keyOf: KeyOf, size: number, value = "1"): string {
  const fields: string[] = [];
  for (let index = 0, length = 2; length < size; index += 1) {
    const field = `${JSON.stringify(keyOf(index))}:${value}`;
    fields.push(field);
    length += field.length + 1;
  }
  return `{${[...new Set(fields)].join(",")}}`;
}
