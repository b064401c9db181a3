/**
 * The keys of encryption at rest, as the secret `ERRAND_ENCRYPTION_KEYS` names them: `id:base64key,older:base64key`.
 *
 * - The first entry seals, all open: a new key goes in front, and the old one stays while rows of it are kept.
 * - The word `off` in front seals nothing and still opens with the keys behind it. It has to be said: a deployment
 *   that forgot the secret must not store in plain text unnoticed.
 * - What is wrong with the secret is said by position and id, never with a key in it: an id is at most 32 characters, so
 *   no key passes for one.
 */

export interface EncryptionKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

export interface EncryptionKeys {
  /** Undefined when encryption was switched off. */
  readonly sealing: EncryptionKey | undefined;
  readonly opening: ReadonlyMap<string, EncryptionKey>;
}

type Parsed =
  | { readonly ok: true; readonly keys: EncryptionKeys }
  /** `problem` is a sentence for the operator. */
  | { readonly ok: false; readonly problem: string };

const OFF = "off";
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
/** 32 bytes in base64 or base64url, with or without padding. */
const KEY = /^[A-Za-z0-9+/_-]{43}=?$/;

export function parseEncryptionKeys(secret: string): Parsed {
  const entries = secret.split(",").map((entry) => entry.trim());
  const off = entries[0] === OFF;
  const opening = new Map<string, EncryptionKey>();
  for (const [index, entry] of entries.entries()) {
    if (off && index === 0) continue;
    const problem = add(opening, entry);
    if (problem !== undefined) return { ok: false, problem: `ERRAND_ENCRYPTION_KEYS: entry ${index + 1} ${problem}` };
  }
  const [first] = opening.values();
  return { ok: true, keys: { sealing: off ? undefined : first, opening } };
}

/** What is wrong with the entry, or `undefined` when it was added. */
function add(opening: Map<string, EncryptionKey>, entry: string): string | undefined {
  const colon = entry.indexOf(":");
  if (colon === -1) return `is not of the form id:base64key, or "off" in the first place`;
  const id = entry.slice(0, colon);
  const text = entry.slice(colon + 1);
  if (!ID.test(id)) return "has no valid id: 1 to 32 letters, digits, dots, dashes or underscores";
  if (opening.has(id)) return `repeats the id "${id}"`;
  if (!KEY.test(text)) return `("${id}") holds no key: 32 bytes in base64 are expected (openssl rand -base64 32)`;
  opening.set(id, { id, secret: bytesOf(text) });
  return undefined;
}

function bytesOf(base64: string): Uint8Array {
  const binary = atob(base64.replace("=", "").replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
