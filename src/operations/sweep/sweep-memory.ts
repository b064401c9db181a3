/**
 * What sweeps learned while the index answers questions and takes no writes: kept in this isolate, and written when it takes
 * them again. Without it each sweep would read the same stale rows and wake the same executions, every minute.
 *
 * - An execution that was woken and said what it owes is not woken again before that is late.
 * - It is bounded: what was learned first is forgotten first. What is forgotten costs one more wake.
 */
import type { Owing, WakeMove } from "../../domain/read-models/owing.ts";
import type { SweepIndex } from "./sweeper.ts";

const MOST_MOVES = 20_000;
/** Moves of one statement. */
const TOGETHER = 500;
/** Pages of stale rows that one sweep passes over. */
const MOST_PAGES = 200;

type Log = (entry: Readonly<Record<string, unknown>>) => void;

const nameOf = ({ tenant, id, owedAtMs }: Owing) => JSON.stringify([tenant, id, owedAtMs]);

/** One a database and isolate: the sweeper of each minute reads and writes through it. */
export function rememberingIndex(index: SweepIndex, log: Log): SweepIndex {
  const moves = new Map<string, WakeMove>();
  const notes = new Map<string, unknown>();

  const unwritten = (error: unknown) =>
    log({ level: "warn", message: "the index did not take what a sweep found", error: String(error) });

  const writeMoves = async () => {
    const all = [...moves];
    for (let from = 0; from < all.length; from += TOGETHER) {
      const some = all.slice(from, from + TOGETHER);
      await index.noteWakes(some.map(([, move]) => move));
      for (const [name] of some) moves.delete(name);
    }
  };
  const writeNotes = async () => {
    for (const [name, note] of notes) {
      await index.keepNote(name, note);
      notes.delete(name);
    }
  };

  return {
    ...index,
    noteWakes: async (said) => {
      for (const move of said) moves.set(nameOf(move), move);
      while (moves.size > MOST_MOVES) moves.delete(moves.keys().next().value ?? "");
      await writeMoves().catch(unwritten);
    },
    keepNote: async (name, note) => {
      notes.set(name, note);
      await writeNotes().catch(unwritten);
    },
    /** A sweep begins with its note: what the ones before it could not write is written first. */
    note: async (name) => {
      await writeMoves()
        .then(writeNotes)
        .catch(() => {});
      return notes.has(name) ? notes.get(name) : index.note(name);
    },
    overdue: async (which, limit) => {
      const isLate = (owing: Owing) => {
        const said = moves.get(nameOf(owing));
        return said === undefined || (said.to !== null && said.to < which.before);
      };
      const found: Owing[] = [];
      let from = which.from;
      for (let pages = 0; found.length < limit && pages < MOST_PAGES; pages += 1) {
        const page = await index.overdue({ before: which.before, from }, limit);
        found.push(...page.filter(isLate));
        from = page.at(-1);
        if (page.length < limit) break;
      }
      return found.slice(0, limit);
    },
  };
}
