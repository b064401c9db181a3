/**
 * Which wait a signal answers. The oldest one, with one exception: a wait that its own branch has asked again, after
 * something else had answered it, is most likely the loser of a race, to which no code of the program listens any more.
 */
import type { EntryIndex } from "../fold/entry-index.ts";
import type { Entry } from "./entry.ts";
import { doneSeqOf } from "./entry.ts";
import { Queue } from "./queue.ts";

/** Open waits by the name of their signal, in the order in which signals answer them. */
export function signalWaits(index: EntryIndex): ReadonlyMap<string, Queue<Entry>> {
  const waits = [...index.open.of("signal")].flatMap((key) => index.entries.get(key) ?? []);
  const byName = grouped(waits, (wait) => (wait.kind === "signal" ? (wait.signal ?? "") : ""));
  return new Map([...byName].map(([name, ofName]) => [name, queueOf(index, ofName)]));
}

/** Each branch keeps the places that its waits have by age, and fills them with what it asked last. */
function queueOf(index: EntryIndex, waits: readonly Entry[]): Queue<Entry> {
  const branchOf = ({ key }: Entry) => key.slice(0, key.lastIndexOf("/") + 1);
  const byBranch = [...grouped(waits, branchOf)];
  const fillings = new Map(byBranch.map(([branch, own]) => [branch, newestFirst(index, own)]));
  const queue = new Queue<Entry>();
  for (const wait of waits) {
    const next = fillings.get(branchOf(wait))?.take();
    if (next) queue.add(next);
  }
  return queue;
}

function grouped(waits: readonly Entry[], by: (wait: Entry) => string): ReadonlyMap<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const wait of waits) {
    const group = groups.get(by(wait)) ?? [];
    group.push(wait);
    groups.set(by(wait), group);
  }
  return groups;
}

/** Waits that were asked in one breath stay in their order; breaths are told apart by what was answered between them. */
function newestFirst(index: EntryIndex, waits: readonly Entry[]): Queue<Entry> {
  const breaths: Entry[][] = [];
  let last: Entry | undefined;
  for (const wait of waits) {
    const newBreath = last === undefined || answeredBetween(index, last.startedSeq, wait.startedSeq);
    if (newBreath) breaths.push([wait]);
    else breaths.at(-1)?.push(wait);
    last = wait;
  }
  const queue = new Queue<Entry>();
  for (const wait of breaths.reverse().flat()) queue.add(wait);
  return queue;
}

/** True when an entry ended between these two events. `completions` are in the order of the log. */
function answeredBetween({ completions, entries }: EntryIndex, after: number, before: number): boolean {
  let [low, high] = [0, completions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((doneSeqOf(entries.get(completions[middle] ?? "")) ?? 0) <= after) low = middle + 1;
    else high = middle;
  }
  const next = doneSeqOf(entries.get(completions[low] ?? ""));
  return next !== undefined && next < before;
}
