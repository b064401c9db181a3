import { doneSeqOf } from "../../../../src/domain/execution/entry.ts";
import { EVENT_VERSION } from "../../../../src/domain/execution/event.ts";
import type { EntryIndex } from "../../../../src/domain/fold/entry-index.ts";
import { emptyIndex, foldEntry } from "../../../../src/domain/fold/entry-index.ts";
import { canonicalJson } from "../../../../src/domain/values/json.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const journalIsTheLog: Check = {
  name: "the journal of a living object is what its log says",
  asked: "at the end",
  wrongs: ofEach(differs),
};

function differs(world: SimWorld, id: string): string[] {
  const live = world.living().get(id)?.journal.index();
  const read = emptyIndex();
  for (const event of world.store(id).view.events) foldEntry(read, event);
  const wrongs = live && plain(live) !== plain(read) ? [`P5: the journal of ${id} is not what its log says`] : [];
  return [...wrongs, ...endedAgain(read, world.now).map((key) => `J1: "${key}" of ${id} ends twice`)];
}

/** What has ended ends once, whatever stands behind it in a log: the keys for which that is not so. */
function endedAgain(index: EntryIndex, atMs: number): string[] {
  const ended = [...index.entries.values()].filter(({ status }) => status === "done");
  return ended.flatMap((entry) => {
    const { key, kind, name, attempt } = entry;
    const doneSeq = doneSeqOf(entry);
    const data = { key, kind, name, attempt, output: "another" };
    const stamp = { seq: index.seq + 1, atMs, actor: "system", v: EVENT_VERSION };
    foldEntry(index, { ...stamp, type: "step.completed", data });
    return doneSeqOf(index.entries.get(key)) === doneSeq ? [] : [key];
  });
}

function plain(index: EntryIndex): string {
  const {
    entries,
    open,
    completions,
    signals,
    keyOfChild,
    approvals: gates,
    recorded: said,
    draws,
    offers,
    successors,
  } = index;
  const maps = [entries, keyOfChild, gates, draws, offers, successors].map((map) => Object.fromEntries<unknown>(map));
  const { rejectedSeq = null, seq, goingOn, cancelPassedOn } = index;
  const sets = [[...open].sort(), [...said], [...goingOn]];
  return canonicalJson([maps, sets, cancelPassedOn, completions, [...signals], rejectedSeq, seq]);
}
