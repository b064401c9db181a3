import { CUT_SHORT, chainedRows, checkChain } from "../../domain/execution/chain.ts";
import type { StoredChain } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { OpenedRow } from "../storage/stored-rows.ts";

interface ChainParts {
  /** After the newest event, as the object knows it. */
  readonly head: string;
  readonly rows: (after: number) => Iterable<OpenedRow>;
  readonly sealer: Sealer;
}

/** The chain over the rows of one execution: heads are made with the vault's keys. Called by its store. */
export function storedChain({ head, rows, sealer }: ChainParts): StoredChain {
  return {
    head,
    rows: (after) => chainedRows(rows(after)),
    next: (before, text) => sealer.nextHead(before, text),
    check: (known) => {
      const verdict = checkChain(chainedRows(rows(0)), (...args) => sealer.nextHeadOf(...args), known);
      return !verdict.ok || verdict.head === head ? verdict : CUT_SHORT;
    },
  };
}
