import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { Unopened } from "../../vault/vault.ts";

/** Runs what opens stored rows. What cannot be opened is an answer with the id of its key, not a crash. */
export function opened<T>(open: () => T, what = "this execution"): Result<T> {
  try {
    return accept(open());
  } catch (error) {
    if (!(error instanceof Unopened)) throw error;
    const { kind, keyId } = error;
    if (kind === "missing_key") return refuse("encryption_key_missing", `${what} is encrypted with the key "${keyId}"`);
    return refuse(
      "unreadable",
      `the key "${keyId}" that is configured now does not open ${what}: it is another one, or the rows were changed`,
    );
  }
}
