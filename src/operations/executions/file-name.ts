/**
 * A name as its sender wrote it becomes one that is safe in a path, a header and a terminal: the last part of a path,
 * composed (NFC), without control, format and path characters, without dots at its ends.
 */
const MAX_BYTES = 200;
/** Looked at before anything is done to it: a name that is longer has no 200 bytes either, however it is composed. */
const MOST_GIVEN = 1_000;

/** Controls, invisible and direction-changing characters, lone surrogates, and what paths and shells read. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"*:<>?|]/gu;

/** `undefined` when nothing is left, or too much. */
export function safeFileName(given: string): string | undefined {
  const last = given.slice(Math.max(given.lastIndexOf("/"), given.lastIndexOf("\\")) + 1);
  if (last.length > MOST_GIVEN) return undefined;
  const name = withoutDotsAround(last.normalize("NFC").replaceAll(UNSAFE, "_").replaceAll(/\s+/g, " "));
  const bytes = new TextEncoder().encode(name).length;
  return bytes === 0 || bytes > MAX_BYTES ? undefined : name;
}

/** By hand: `[. ]+$` begins anew at each of ten thousand dots. */
function withoutDotsAround(text: string): string {
  const isBare = (at: number) => text[at] === "." || text[at] === " ";
  let start = 0;
  let end = text.length;
  while (start < end && isBare(start)) start += 1;
  while (end > start && isBare(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** The name, or the first of `name-2.txt`, `name-3.txt` … that is not taken, letter case aside. */
export function freeFileName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot < 1 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n += 1) free = `${stem}-${n}${extension}`;
  return free;
}
