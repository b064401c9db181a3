/** Calls of one reader that go to many actors at once. */
const FAN_OUT = 20;
/** The same where each may bring contents: an answer of an actor has a few megabytes at most. */
export const CONTENTS_AT_ONCE = 10;

/** The results in the order of the items, at most `FAN_OUT` under way. The first rejection is the whole's. */
export async function mapBounded<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const worker = async () => {
    for (const [at, item] of queue) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(FAN_OUT, items.length) }, worker));
  return results;
}
