/** Wires the index behind the ledger: rows are sealed with the deployment's keys and written to its registry. */
import { log } from "../actors/doors/log.ts";
import type { LedgerIndex } from "../actors/ledger-actor.ts";
import { indexTrouble, openEntry, park, projectEntries, sealEntry } from "../registry/ledger.ts";
import { INDEX, sealerOf, vaultOf } from "../vault/configured.ts";
import type { Env } from "./env.ts";

export const ledgerIndexOf = (env: Env): LedgerIndex => ({
  seal: (entry) => sealEntry(entry, sealerOf(env, INDEX)),
  open: (entry) => openEntry(entry, sealerOf(env, INDEX)),
  write: (entries) => projectEntries(env.REGISTRY, entries),
  isUp: async () => vaultOf(env).ok && (await indexTrouble(env.REGISTRY)) === undefined,
  park: async (entry, error) => {
    log({ level: "error", message: "a row was put aside", kind: entry.kind, id: entry.row.id, error: String(error) });
    await park(env.REGISTRY, entry, error);
  },
});
