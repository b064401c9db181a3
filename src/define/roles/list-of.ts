/** The items of an array, a Set or another iterable; `undefined` for anything else. A text is no list of its letters. */
export function listOf(given: unknown): readonly unknown[] | undefined {
  if (typeof given !== "object" || given === null || !(Symbol.iterator in given)) return undefined;
  const { [Symbol.iterator]: iterator } = given;
  return typeof iterator === "function" ? [...(given as Iterable<unknown>)] : undefined;
}
