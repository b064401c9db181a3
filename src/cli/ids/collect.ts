/** All that there is, or the first `most` of it. */
export async function collect<T>(all: AsyncIterable<T>, most = Number.POSITIVE_INFINITY): Promise<T[]> {
  const items: T[] = [];
  for await (const one of all) {
    items.push(one);
    if (items.length >= most) break;
  }
  return items;
}
