/**
 * Patterns of keys: `*` is any run of characters, `?` is one, anything else is itself. Each piece between two stars is looked
 * for once, from left to right, and none is taken back: a pattern costs at most its length times the key's.
 */
type Matches = (key: string) => boolean;

/** True for keys that one of the patterns fits; without patterns for every key. */
export function anyGlob(patterns: readonly string[]): Matches {
  if (patterns.length === 0) return () => true;
  const matchers = patterns.map(globMatcher);
  return (key) => matchers.some((matches) => matches(key));
}

export function globMatcher(pattern: string): Matches {
  const pieces = pattern.split("*").map((piece) => Array.from(piece));
  return (key) => fits(pieces, Array.from(key));
}

type Characters = readonly string[];

function fits(pieces: readonly Characters[], key: Characters): boolean {
  const first = pieces[0] ?? [];
  const last = pieces.at(-1) ?? [];
  if (!isAt(first, key, 0)) return false;
  if (pieces.length === 1) return first.length === key.length;
  const end = key.length - last.length;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    at = placeOf(piece, key, at);
    if (at < 0) return false;
    at += piece.length;
  }
  return at <= end && isAt(last, key, end);
}

/** Where the piece is first from here on, or -1. */
function placeOf(piece: Characters, key: Characters, from: number): number {
  for (let at = from; at + piece.length <= key.length; at += 1) if (isAt(piece, key, at)) return at;
  return -1;
}

function isAt(piece: Characters, key: Characters, at: number): boolean {
  return piece.length <= key.length - at && piece.every((one, index) => one === "?" || one === key[at + index]);
}
