/** All of a list that comes page by page, at most `most` of them. */
export async function upTo<T>(most: number, items: AsyncIterable<T>): Promise<{ items: T[]; more: boolean }> {
  const read: T[] = [];
  for await (const item of items) {
    if (read.length === most) return { items: read, more: true };
    read.push(item);
  }
  return { items: read, more: false };
}
