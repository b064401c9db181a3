/** Wires the index behind the projector: rows are sealed with the deployment's keys and written to its registry. */
import { log } from "../actors/platform/log.ts";
import type { ProjectorIndex } from "../actors/projector-actor.ts";
import type { IndexEntry } from "../registry/index-writes.ts";
import { deadLetter, indexTrouble, openEntry, projectEntries, sealEntry } from "../registry/index-writes.ts";
import { INDEX, sealerOf, vaultOf } from "../vault/configured.ts";
import type { Env } from "./environment/env.ts";
import { registriesOf } from "./environment/registries.ts";

/** Returns the database of a projector's entries: a projector is one tenant's, so all its entries go to one database. */
const databaseOf = (env: Env, [first]: readonly IndexEntry[]) => registriesOf(env).of(String(first?.row.tenant ?? ""));

export const projectorIndexOf = (env: Env): ProjectorIndex => ({
  seal: (entry) => sealEntry(entry, sealerOf(env, INDEX)),
  open: (entry) => openEntry(entry, sealerOf(env, INDEX)),
  write: async (entries) => projectEntries(await databaseOf(env, entries), entries),
  isUp: async (entries) => vaultOf(env).ok && (await indexTrouble(await databaseOf(env, entries))) === undefined,
  deadLetter: async (entry, error) => {
    log({ level: "error", message: "a row was put aside", kind: entry.kind, id: entry.row.id, error: String(error) });
    await deadLetter(await databaseOf(env, [entry]), entry, error);
  },
});
