/** The word of `words` that `given` most likely means: at most a third of its letters are wrong. For "did you mean". */
export function nearest(given: string, words: readonly string[]): string | undefined {
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const word of words) {
    const distance = distanceOf(given, word);
    const most = Math.max(1, Math.floor(word.length / 3));
    if (distance <= most && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { word, distance };
  }
  return best?.word;
}

/** How many letters must be put in, taken out, changed, or changed with their neighbour (optimal string alignment). */
export function distanceOf(given: string, word: string): number {
  const [from, to] = [[...given.toUpperCase()], [...word.toUpperCase()]];
  let earlier: number[] = [];
  let before = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of from.entries()) {
    const line = [row + 1];
    for (const [column, other] of to.entries()) {
      const changed = (before[column] ?? 0) + (letter === other ? 0 : 1);
      const turned =
        row > 0 && column > 0 && letter === to[column - 1] && from[row - 1] === other
          ? (earlier[column - 1] ?? 0) + 1
          : changed;
      line.push(Math.min(changed, turned, (before[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1));
    }
    earlier = before;
    before = line;
  }
  return before.at(-1) ?? 0;
}
