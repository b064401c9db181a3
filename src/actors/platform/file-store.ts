/**
 * The files that came with starts, in R2. The one place that puts them there and takes them out again: all that is
 * done to bytes at rest is done here.
 */
import { FILE_RETENTION_MS, FILES_PREFIX } from "../../domain/execution/stored-file.ts";
import type { FileStore, TextStore } from "../../operations/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import { putPieces, readPieces, SEALED } from "./text-pieces.ts";

/** R2 takes 1,000 keys a call, for a listing and for a removal alike. */
const PAGE = 1_000;
const PLACE = "object";
/** Time beyond the longest that an execution keeps files: after it, no start or execution removes them any more. */
const GRACE_MS = 3_600_000;

/** Each object is sealed for its key: bytes that were moved under another name do not open. */
export function fileStore(bucket: R2Bucket, sealerOf: (owner: string) => Sealer): FileStore & TextStore {
  return {
    put: async (key, bytes, about = {}) => {
      const sealed = sealerOf(key).sealBytes(bytes, PLACE);
      if (sealed) await bucket.put(key, sealed, { customMetadata: { ...about, ...SEALED } });
      else await bucket.put(key, bytes, { customMetadata: about });
    },
    about: async (key) => (await bucket.head(key))?.customMetadata,
    read: async (key) => {
      const found = await bucket.get(key);
      if (!found) return undefined;
      const bytes = new Uint8Array(await found.arrayBuffer());
      return found.customMetadata?.sealed === SEALED.sealed ? sealerOf(key).openBytes(bytes, PLACE) : bytes;
    },
    putText: (key, pieces, about = {}) => putPieces(bucket, { key, pieces, about, sealer: sealerOf(key) }),
    readText: async (key) => readPieces(await bucket.get(key), sealerOf(key)),
    remove: async (keys) => {
      for (let from = 0; from < keys.length; from += PAGE) await bucket.delete(keys.slice(from, from + PAGE));
    },
  };
}

/**
 * Removes uploads that are older than any execution keeps them: a start was refused, or its process died, between the
 * upload and the acceptance. Keys begin with the hour of the upload, so the first young one ends the search.
 */
export async function sweepFiles(bucket: R2Bucket, nowMs: number): Promise<void> {
  const beforeMs = nowMs - FILE_RETENTION_MS - GRACE_MS;
  for (;;) {
    const { objects, truncated } = await bucket.list({ prefix: FILES_PREFIX, limit: PAGE });
    const old = objects.filter(({ uploaded }) => uploaded.getTime() < beforeMs).map(({ key }) => key);
    if (old.length > 0) await bucket.delete(old);
    if (!truncated || old.length < objects.length) return;
  }
}
