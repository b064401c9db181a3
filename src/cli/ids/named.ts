/** Things of which there are few: the whole list is looked through. */
import { byPrefix, LATEST, notFound } from "./prefix.ts";

interface Finding<T> {
  readonly what: string;
  readonly list: string;
  readonly idOf: (one: T) => string;
}

const MOST = 2_000;

/** `all` is newest first where `latest` is to mean anything. */
export async function findIn<T>(all: AsyncIterable<T>, given: string, { what, list, idOf }: Finding<T>): Promise<T> {
  const known: T[] = [];
  for await (const one of all) {
    if (given === LATEST || idOf(one) === given) return one;
    known.push(one);
    if (known.length >= MOST) break;
  }
  const id = byPrefix(given, known.map(idOf), { what, list });
  const found = known.find((one) => idOf(one) === id);
  if (found === undefined) throw notFound(given, { what, list });
  return found;
}
