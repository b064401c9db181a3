/**
 * Files that come with a start: checked before anything exists, stored before the execution is accepted.
 *
 * - What is refused leaves nothing: no object, no actor.
 * - Each upload has a place of its own, so a repeated start can never overwrite what an earlier one brought.
 * - Objects first, then the acceptance that names them: an accepted execution has its files. What was stored and not
 *   accepted is removed at once, and after a crash by the sweeper, which finds it by its age.
 */
import type { FilePolicy } from "../../define/agent.ts";
import type { CreateCommand } from "../../domain/execution/command.ts";
import type { FileType, StoredFile } from "../../domain/execution/stored-file.ts";
import { fileKey, fileKeys, MAX_FILE_BYTES, MAX_FILES, MEDIA_TYPES } from "../../domain/execution/stored-file.ts";
import type { FieldError, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { FileStore } from "../ports.ts";
import { freeFileName, safeFileName } from "./file-name.ts";
import { typeOfContent, typeOfName } from "./file-type.ts";

/** A file as it was sent. */
export interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
}
export interface CheckedUpload extends StoredFile {
  readonly bytes: Uint8Array;
}

export interface UploadParts {
  readonly store: FileStore;
  /** SHA-256 in base64url. */
  readonly digest: (bytes: Uint8Array) => string;
  readonly newUpload: () => string;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

export class Uploads {
  readonly #parts: UploadParts;

  constructor(parts: UploadParts) {
    this.#parts = parts;
  }

  /** Names each file that the function does not take, with what is wrong about it. */
  check(target: string, policy: FilePolicy | undefined, uploads: readonly Upload[]): Result<CheckedUpload[]> {
    if (uploads.length === 0) return accept([]);
    if (!policy) return refuse("unsupported_media_type", `${target} takes no files`);
    const most = Math.min(policy.max ?? MAX_FILES, MAX_FILES);
    if (uploads.length > most) {
      const message = `${uploads.length} were sent, at most ${most} are taken`;
      return refuse("invalid_input", `files: ${message}`, [{ path: "files", message }]);
    }
    const taken = new Set<string>();
    const checked: CheckedUpload[] = [];
    for (const [index, upload] of uploads.entries()) {
      const found = this.#checkOne(policy, upload, `files.${index}`);
      if (!found.ok) return found;
      const name = freeFileName(found.value.name, taken);
      taken.add(name.toLowerCase());
      checked.push({ ...found.value, name });
    }
    return accept(checked);
  }

  #checkOne({ types }: FilePolicy, { name: given, bytes }: Upload, path: string): Result<CheckedUpload> {
    const wrong = (code: Parameters<typeof refuse>[0], message: string) => {
      const errors: FieldError[] = [{ path, message }];
      return refuse(code, `${path}: ${message}`, errors);
    };
    const name = safeFileName(given);
    if (name === undefined) return wrong("invalid_input", "has no usable name (1 to 200 bytes, with its extension)");
    const size = bytes.byteLength;
    if (size === 0) return wrong("invalid_input", `"${name}" is empty`);
    if (size > MAX_FILE_BYTES)
      return wrong("payload_too_large", `"${name}" has ${size} bytes; at most ${MAX_FILE_BYTES} (10 MiB) are taken`);
    const claimed = typeOfName(name);
    if (!claimed || !types.includes(claimed))
      return wrong("unsupported_file", `"${name}" is none of the types taken here: ${inWords(types)}`);
    const content = typeOfContent(bytes);
    if (content !== claimed)
      return wrong(
        "unsupported_file",
        `"${name}" is called .${claimed}, and its content is ${contentInWords(content)}`,
      );
    return accept({ name, mediaType: MEDIA_TYPES[claimed], size, digest: this.#parts.digest(bytes), bytes });
  }

  /** Stores them under the execution's id; the command that comes back names them. */
  async store(command: CreateCommand, files: readonly CheckedUpload[]): Promise<Result<CreateCommand>> {
    if (files.length === 0) return accept(command);
    const upload = this.#parts.newUpload();
    const items = files.map(({ bytes: _bytes, ...file }) => file);
    const named: CreateCommand = { ...command, files: { upload, items } };
    const puts = await Promise.allSettled(
      files.map(({ bytes }, index) => this.#parts.store.put(fileKey(command.origin, { upload }, index), bytes)),
    );
    const failed = puts.find((put) => put.status === "rejected");
    if (!failed) return accept(named);
    this.#parts.log({ level: "error", message: "files could not be stored", error: String(failed.reason) });
    await this.withdraw(named);
    return refuse("unavailable", "the file store could not be reached, and nothing was started");
  }

  /** Removes the files of a command that no execution accepted. The sweeper removes those that cannot be removed now. */
  async withdraw({ origin, files }: CreateCommand): Promise<void> {
    if (!files) return;
    try {
      await this.#parts.store.remove(fileKeys(origin, files));
    } catch (error) {
      this.#parts.log({ level: "warn", message: "files are left to the sweeper", error: String(error) });
    }
  }
}

function inWords(types: readonly FileType[]): string {
  return types.map((type) => `.${type}`).join(", ");
}

function contentInWords(type: FileType | undefined): string {
  if (type === undefined) return "neither an image, nor a PDF, nor UTF-8 text";
  return type === "txt" ? "plain text" : `that of a .${type}`;
}
