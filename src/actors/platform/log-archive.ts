import type { ChainedRow } from "../../domain/execution/chain.ts";
import { closingText } from "../../domain/execution/chain.ts";
import { resultKey } from "../../domain/execution/stored-result.ts";
import { beginLine, endLine, resultLine, rowLines } from "../../domain/read-models/archive.ts";
import { aboutArchive, archiveKey } from "../../domain/read-models/tombstone.ts";
import type { ArchivedLog, StoredChain, World } from "../../engine/ports.ts";
import type { FileStore, TextStore } from "../../operations/ports.ts";

/** Characters of rows that are in memory at once, and handed to the store as one piece. */
const PIECE = 1_048_576;

/**
 * Puts a whole log into the file store, row by row, before its rows go. Writing it again writes the same. A result that lies
 * in the store is taken along: its own object goes with the rows. Rejects when the log grows meanwhile.
 */
export function logArchive(files: FileStore & TextStore): NonNullable<World["archive"]> {
  return async (log) => {
    const { state, chain } = log;
    const { head } = chain;
    const key = archiveKey(state.origin);
    await files.putText(key, piecesOf(log, files), aboutArchive(state, { nowMs: Date.now(), head }));
    return { key, head };
  };
}

async function* piecesOf({ state, chain }: ArchivedLog, files: FileStore): AsyncGenerator<string> {
  const { head } = chain;
  yield beginLine(state.origin);
  let seq = 0;
  while (seq < state.seq) {
    const rows = rowsBehind(chain, seq);
    const texts: string[] = [];
    for (const row of rows) {
      seq += row.texts.length;
      // The last event of an execution that ended may stand behind its end.
      const holdsEnd =
        state.storedResult === "named" && row.firstSeq <= (state.resultSeq ?? 0) && (state.resultSeq ?? 0) <= seq;
      const bytes = holdsEnd ? await files.read(resultKey(state.origin)) : undefined;
      if (bytes) texts.push(resultLine(new TextDecoder().decode(bytes)));
      texts.push(rowLines(row));
    }
    yield texts.join("");
  }
  if (seq !== state.seq) throw new Error("the log grew while it was archived");
  yield endLine({ end: seq, head, closed: chain.next(head, closingText(seq)) });
}

/** Nothing is awaited while rows are read; between two pieces anything may happen. */
function rowsBehind(chain: StoredChain, seq: number): ChainedRow[] {
  const rows: ChainedRow[] = [];
  let [next, size] = [seq + 1, 0];
  for (const row of chain.rows(seq)) {
    if (row.firstSeq !== next) throw new Error(`the log changed while it was archived, at event ${next}`);
    rows.push(row);
    next += row.texts.length;
    size += row.texts.reduce((sum, text) => sum + text.length, 0);
    if (size >= PIECE) break;
  }
  if (rows.length === 0) throw new Error(`the log ends at event ${seq}`);
  return rows;
}
