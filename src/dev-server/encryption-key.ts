/**
 * The key of a state folder: made once, mode 0600, so that a laptop's data is encrypted too, without any account.
 *
 * - It appears whole or not at all, and is on disk before anything is sealed with it.
 * - It is never replaced: what it sealed could not be read any more. A damaged file stops the start.
 * - Keys from the environment go first; this folder's own still opens what it sealed before they came.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const FILE = "encryption.key";
const SHAPE = /^([A-Za-z0-9._-]{1,32}):[A-Za-z0-9+/]{43}=$/;

/** The value of ERRAND_ENCRYPTION_KEYS for this folder, or one line that says why there is none. */
export function encryptionKeysOf(
  stateDir: string,
  configured: string | undefined,
): { readonly keys: string } | { readonly refused: string } {
  const path = join(stateDir, FILE);
  const own = readKey(path) ?? (configured === undefined ? makeKey(stateDir, path) : undefined);
  if (own === undefined) return { keys: configured ?? "" };
  const id = SHAPE.exec(own)?.[1];
  if (id === undefined) {
    return { refused: `${path} holds no key. Restore it from a backup: what it encrypted cannot be read without it.` };
  }
  chmodSync(path, 0o600);
  if (configured === undefined) return { keys: own };
  const repeated = configured.split(",").some((entry) => entry.trim().startsWith(`${id}:`));
  return { keys: repeated ? configured : `${configured},${own}` };
}

function readKey(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The id is this folder's own too, so that a missing key is told from another folder's. */
function makeKey(stateDir: string, path: string): string {
  const key = `local-${randomBytes(4).toString("hex")}:${randomBytes(32).toString("base64")}`;
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  const file = openSync(draft, "wx", 0o600);
  writeSync(file, `${key}\n`);
  fsyncSync(file);
  closeSync(file);
  linkSync(draft, path);
  rmSync(draft);
  const folder = openSync(stateDir, "r");
  fsyncSync(folder);
  closeSync(folder);
  return key;
}
