/**
 * Encryption at rest: AES-256-GCM, synchronous, so that it runs inside a storage transaction.
 *
 * An envelope is bytes: version, length of the key id, key id, nonce (96 random bits), ciphertext, tag (128 bits).
 *
 * - What is sealed is bound to its owner (an execution) and its place (a row): moved elsewhere it does not open.
 * - Each owner has a key of its own, derived from the configured one: so random nonces never come near their limit of
 *   2^32 messages a key, however many executions there are.
 * - A text stands for itself: what was stored while encryption was off is read as it is, and what is sealed is bytes;
 *   in a column that only takes text, base64 behind a mark.
 * - What cannot be opened throws `Unopened`, which names the key id and never what was sealed.
 */
import type { KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey } from "node:crypto";
import type { EncryptionKey, EncryptionKeys } from "./encryption-keys.ts";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Sealed bytes, or a text as it is. Both fit one column of SQLite. */
type Stored = Uint8Array | ArrayBuffer | string;

/** A control character, which no message begins with. */
const MARK = "\u0001";

/** `missing_key`: configure the named one. `damaged`: not sealed with the key of that id, for another place, or changed. */
export class Unopened extends Error {
  readonly kind: "missing_key" | "damaged";
  readonly keyId: string;

  constructor(kind: "missing_key" | "damaged", keyId: string) {
    super(
      kind === "missing_key" ? `the encryption key "${keyId}" is not configured` : `key "${keyId}" does not open it`,
    );
    this.kind = kind;
    this.keyId = keyId;
  }
}

/** Seals and opens what belongs to one owner. */
export interface Sealer {
  seal(text: string, place: string): Uint8Array | string;
  open(stored: Stored, place: string): string;
  /** `undefined` while encryption is off: bytes cannot say of themselves whether they are sealed. */
  sealBytes(bytes: Uint8Array, place: string): Uint8Array | undefined;
  openBytes(sealed: Uint8Array, place: string): Uint8Array;
  /** Id of the key that sealed it; undefined for a text. */
  keyOf(stored: Stored): string | undefined;
  /** As text, for a column that travels through JSON. */
  sealText(text: string, place: string): string;
  openText(stored: string, place: string): string;
  /** Id of the key that seals; undefined while encryption is off. */
  readonly keyId: string | undefined;
  /** The head of a chain of texts after this one, made with the key that seals; a plain digest while encryption is off. */
  nextHead(before: string, text: string): string;
  /** The same with the key of this id (empty: none); `undefined` when it is not configured. */
  nextHeadOf(keyId: string, before: string, text: string): string | undefined;
  /**
   * Under what a row about this text may be stored: first what it is written under now, a keyed digest, or the text itself
   * while encryption is off; then what other keys had made of it.
   */
  digestsOf(text: string): readonly string[];
  /** Throws `Unopened` when one of these keys is not configured. */
  require(keyIds: Iterable<string>): void;
}

export class Vault {
  readonly #keys: EncryptionKeys;

  constructor(keys: EncryptionKeys) {
    this.#keys = keys;
  }

  /** Id of the key that seals; undefined while encryption is off. */
  get keyId(): string | undefined {
    return this.#keys.sealing?.id;
  }

  /** How many keys open what was sealed. */
  get size(): number {
    return this.#keys.opening.size;
  }

  sealerOf(owner: string): Sealer {
    const { sealing, opening } = this.#keys;
    const keyOf = derivedKeys(`errand.seal.v${VERSION}`, owner);
    const chainKeyOf = derivedKeys("errand.chain.v1", owner);
    const nameKeyOf = derivedKeys("errand.name.v1", owner);
    const digestOf = (key: EncryptionKey, text: string) =>
      `${key.id}.${createHmac("sha256", nameKeyOf(key)).update(text).digest("base64url")}`;
    const headOf = (key: EncryptionKey | undefined, before: string, text: string) => {
      const hash = key ? createHmac("sha256", chainKeyOf(key)) : createHash("sha256");
      return `${key?.id ?? ""}.${hash.update(`${before}\n${text}`).digest("base64url")}`;
    };
    const configured = (id: string): EncryptionKey => {
      const key = opening.get(id);
      if (!key) throw new Unopened("missing_key", id);
      return key;
    };
    const sealBytes = (bytes: Uint8Array, place: string) =>
      sealing && seal(bytes, { id: sealing.id, key: keyOf(sealing), place });
    const openBytes = (sealed: Uint8Array, place: string) => {
      const id = keyIdOf(sealed);
      return open(sealed, { id, key: keyOf(configured(id)), place });
    };
    return {
      keyId: sealing?.id,
      sealBytes,
      openBytes,
      seal: (text, place) => (sealing && sealBytes(encoder.encode(text), place)) ?? text,
      open: (stored, place) => {
        if (typeof stored === "string") return stored;
        return decoder.decode(openBytes(stored instanceof Uint8Array ? stored : new Uint8Array(stored), place));
      },
      keyOf: (stored) => (typeof stored === "string" ? undefined : keyIdOf(new Uint8Array(stored))),
      sealText: (text, place) => {
        const sealed = sealing && sealBytes(encoder.encode(text), place);
        return sealed ? MARK + base64Of(sealed) : text;
      },
      openText: (stored, place) =>
        stored.startsWith(MARK) ? decoder.decode(openBytes(bytesOfBase64(stored.slice(MARK.length)), place)) : stored,
      digestsOf: (text) => {
        const others = [...opening.values()].filter(({ id }) => id !== sealing?.id);
        const keyed = [...(sealing ? [sealing] : []), ...others].map((key) => digestOf(key, text));
        return sealing ? [...keyed, text] : [text, ...keyed];
      },
      nextHead: (before, text) => headOf(sealing, before, text),
      nextHeadOf: (keyId, before, text) => {
        const key = keyId === "" ? undefined : opening.get(keyId);
        return keyId !== "" && !key ? undefined : headOf(key, before, text);
      },
      require: (keyIds) => {
        for (const id of keyIds) configured(id);
      },
    };
  }
}

/** Key objects of one owner: made of bytes anew for each row they were a quarter of what opening costs. */
function derivedKeys(purpose: string, owner: string): (key: EncryptionKey) => KeyObject {
  const derived = new Map<string, KeyObject>();
  return ({ id, secret }) => {
    let own = derived.get(id);
    if (!own) {
      own = createSecretKey(createHmac("sha256", secret).update(`${purpose}\n${owner}`).digest());
      derived.set(id, own);
    }
    return own;
  };
}

interface With {
  readonly id: string;
  readonly key: KeyObject;
  readonly place: string;
}

function seal(bytes: Uint8Array, { id, key, place }: With): Uint8Array {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(encoder.encode(place));
  const body = cipher.update(bytes);
  cipher.final();
  const start = 2 + id.length;
  const sealed = new Uint8Array(start + NONCE_BYTES + body.length + TAG_BYTES);
  sealed[0] = VERSION;
  sealed[1] = id.length;
  sealed.set(encoder.encode(id), 2);
  sealed.set(nonce, start);
  sealed.set(body, start + NONCE_BYTES);
  sealed.set(cipher.getAuthTag(), sealed.length - TAG_BYTES);
  return sealed;
}

function open(sealed: Uint8Array, { id, key, place }: With): Uint8Array {
  const start = 2 + id.length;
  const end = sealed.length - TAG_BYTES;
  try {
    const nonce = sealed.subarray(start, start + NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(encoder.encode(place));
    decipher.setAuthTag(sealed.subarray(end));
    const body = decipher.update(sealed.subarray(start + NONCE_BYTES, end));
    decipher.final();
    return body;
  } catch {
    throw new Unopened("damaged", id);
  }
}

/** Which key an envelope needs; throws `Unopened` when it is no envelope of ours. */
function keyIdOf(sealed: Uint8Array): string {
  const length = sealed[1] ?? 0;
  if (sealed[0] !== VERSION || sealed.length < 2 + length + NONCE_BYTES + TAG_BYTES) throw new Unopened("damaged", "?");
  return String.fromCharCode(...sealed.subarray(2, 2 + length));
}

const PIECE = 8_192;

function base64Of(bytes: Uint8Array): string {
  let binary = "";
  // A call takes so many arguments: a long text goes in pieces.
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(binary);
}

function bytesOfBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    throw new Unopened("damaged", "?");
  }
}
