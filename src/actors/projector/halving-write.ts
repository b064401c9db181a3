/**
 * One write of many entries, where one of them may be bad: a batch that fails is halved until the bad entry stands alone.
 * Used by the fan-in and by the catch-up after an outage.
 *
 * - A bad entry is dead-lettered with its error, and its neighbours are not held up.
 * - While the receiver itself takes nothing, no entry is bad: nothing is dead-lettered, and nothing is halved.
 */
export interface WriteParts<Entry> {
  readonly write: (entries: readonly Entry[]) => Promise<void>;
  /** Called after a write, with what was written. */
  readonly written: (entries: readonly Entry[]) => void;
  /** Whether the receiver of these entries takes writes at all now. */
  readonly isUp: (entries: readonly Entry[]) => Promise<boolean>;
  readonly deadLetter: (entry: Entry, error: unknown) => Promise<void>;
}

/** Entries that the receiver does not have: it is down, or one could not even be dead-lettered. */
export interface LeftOver<Entry> {
  readonly entry: Entry;
  readonly error: unknown;
  readonly down: boolean;
}

/** Resolves with what is left over, in order; empty when everything was written or dead-lettered. Never rejects. */
export async function halvingWrite<Entry>(
  entries: readonly Entry[],
  parts: WriteParts<Entry>,
): Promise<LeftOver<Entry>[]> {
  try {
    await parts.write(entries);
  } catch (error) {
    return halve(entries, { parts, error });
  }
  parts.written(entries);
  return [];
}

async function halve<Entry>(
  entries: readonly Entry[],
  { parts, error }: { readonly parts: WriteParts<Entry>; readonly error: unknown },
): Promise<LeftOver<Entry>[]> {
  const isUp = await parts.isUp(entries).catch(() => false);
  if (!isUp) return entries.map((entry) => ({ entry, error, down: true }));
  const [only] = entries;
  if (only !== undefined && entries.length === 1) {
    return parts.deadLetter(only, error).then(
      () => [],
      (failure: unknown) => [{ entry: only, error: failure, down: false }],
    );
  }
  const half = entries.length >> 1;
  const first = await halvingWrite(entries.slice(0, half), parts);
  const second = await halvingWrite(entries.slice(half), parts);
  return [...first, ...second];
}
