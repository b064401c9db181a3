/** "Did you mean": the known name that a caller most likely meant. */
import { distance } from "fastest-levenshtein";

/** Longer names are not compared: the time grows with the product of the lengths. */
const LONGEST = 200;

/**
 * The known name that is nearest to `name`, or `undefined` when none is near. Case does not count, nor which of `-`, `_` and
 * space joins words; beyond that a third of the letters may differ, five at most.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  let best: { readonly name: string; readonly off: number } | undefined;
  for (const candidate of known) {
    const off = distanceOf(name, candidate);
    const most = Math.min(5, Math.floor(Math.max(name.length, candidate.length) / 3));
    if (off <= most && (best === undefined || off < best.off)) best = { name: candidate, off };
  }
  return best?.name;
}

/**
 * How many letters have to be put in, taken out or changed; two neighbours that have changed places are one slip. Case does
 * not count, nor what joins words.
 */
export function distanceOf(name: string, other: string): number {
  const [one, two] = [plain(name), plain(other)];
  return isSwapped(one, two) ? 1 : distance(one, two);
}

function isSwapped(one: string, two: string): boolean {
  if (one.length !== two.length) return false;
  let at = 0;
  while (at < one.length && one[at] === two[at]) at += 1;
  return (
    one[at] === two[at + 1] && one[at + 1] === two[at] && one.slice(at + 2) === two.slice(at + 2) && at < one.length - 1
  );
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, "_");
}
