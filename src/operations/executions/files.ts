import { maskPersonalData, seesPersonalData } from "../../contract/privacy/mask.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { StoredFile } from "../../domain/execution/stored-file.ts";
import { fileKey } from "../../domain/execution/stored-file.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { ExecutionClient, FileStore } from "../ports.ts";

interface Parts {
  readonly client: Pick<ExecutionClient, "view">;
  readonly store: Pick<FileStore, "read">;
}

export class Files {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One file of one execution, asked of the execution itself: what the caller may not see has no files. */
  read(
    caller: Principal,
    which: { readonly executionId: string; readonly name: string },
  ): Promise<Result<StoredFile & { readonly bytes: Uint8Array }>> {
    return readFile(this.#parts, caller, which);
  }
}

async function readFile(
  { client, store }: Parts,
  caller: Principal,
  { executionId, name }: { readonly executionId: string; readonly name: string },
): Promise<Result<StoredFile & { readonly bytes: Uint8Array }>> {
  const view = await client.view(caller, executionId);
  if (!view.ok) return view;
  const { state, files } = view.value;
  const index = indexOf(files?.items ?? [], { name, caller });
  const file = files?.items[index];
  if (!files || !file) return refuse("not_found", "the execution has no file of this name");
  const removed = refuse("file_expired", `"${file.name}" was removed`);
  if (state.filesExpiredAtMs !== undefined) return removed;
  const bytes = await store.read(fileKey(state.origin, files, index));
  return bytes ? accept({ ...file, bytes }) : removed;
}

/**
 * By name or by place: a name has an extension, so no number is one. For a viewer a file is called what the viewer reads:
 * else it could find a name out by trying.
 */
function indexOf(
  items: readonly StoredFile[],
  { name, caller }: { readonly name: string; readonly caller: Principal },
) {
  if (/^\d{1,3}$/.test(name)) return Number(name) - 1;
  return items.findIndex((item) => (seesPersonalData(caller) ? item.name : maskPersonalData(item.name)) === name);
}
