import type { StoredFile } from "../domain/execution/stored-file.ts";
import type { FileBlock } from "../domain/model/turn-draft.ts";

/**
 * A file of `ctx.files` as a part of a message: an image, or a document under its name. The model gets the bytes; the
 * journal keeps only the name and the digest. `ctx.generate` throws `StepError` `file_expired` once the file is removed.
 */
export function fileBlock(file: StoredFile): FileBlock {
  return { ...file, type: "file" };
}
