/**
 * Files that came with a start: what an execution knows of them. Their bytes lie in the file store, never in the log.
 *
 * An object's key begins with the hour of its upload, so that the oldest ones come first in a listing: the cleanup
 * of what was left behind reads one page. The rest (upload, tenant, execution, position) makes it unlike any other's; the
 * name of a file is as private as its content, and stays out of it.
 */
import * as z from "zod";

/** Types that may be sent, by their extension, with the media type each has everywhere else. */
export const MEDIA_TYPES = {
  txt: "text/plain",
  pdf: "application/pdf",
  jpg: "image/jpeg",
  png: "image/png",
} as const;
export type FileType = keyof typeof MEDIA_TYPES;

export const MAX_FILE_BYTES = 10 * 1_048_576;
/** Most files of one start; a function may say fewer. */
export const MAX_FILES = 10;
/** Files are removed this long after their execution was created, whether it has ended or not. */
export const FILE_RETENTION_MS = 48 * 3_600_000;

export const StoredFile = z.object({
  /** Unique within its execution; no path, no control characters. */
  name: z.string(),
  mediaType: z.enum(["text/plain", "application/pdf", "image/jpeg", "image/png"]),
  /** Bytes. */
  size: z.number().int().positive(),
  /** SHA-256 of the bytes in base64url. */
  digest: z.string(),
});
export type StoredFile = z.infer<typeof StoredFile>;

export const StoredFiles = z.object({
  /** `<hour>-<random>`: names one upload, and with it its objects in the store. */
  upload: z.string(),
  items: z.array(StoredFile),
  expiresAtMs: z.number(),
});
export type StoredFiles = z.infer<typeof StoredFiles>;

/** All keys of uploads, oldest first in a listing. */
export const FILES_PREFIX = "files/";

interface Owner {
  readonly tenant: string;
  readonly id: string;
}
type Items = Pick<StoredFiles, "upload" | "items">;

/** The key of the object that holds the file at this position. */
export function fileKey({ tenant, id }: Owner, { upload }: Pick<Items, "upload">, index: number): string {
  return `${FILES_PREFIX}${upload}/${tenant}/${id}/${index + 1}`;
}

export function fileKeys(owner: Owner, files: Items): string[] {
  return files.items.map((_, index) => fileKey(owner, files, index));
}

export function newUploadId(nowMs: number, random: string): string {
  return `${new Date(nowMs).toISOString().slice(0, 13)}-${random}`;
}
