/**
 * Whether the keys of an object's readers are in force. Asked before a frame is sent, and only then: a socket that is
 * sent nothing costs nothing and wakes no object. What was asked is believed for as long as the key ring believes it.
 */
import type { KeyInForce } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";

/** Readers with other keys than these are looked up again. */
const MOST_KEYS = 1_000;

/** The key as it is known now; a refusal when it was revoked, or when it cannot be looked up. */
export type AskKey = (hash: string) => Promise<Result<KeyInForce>>;

export class KeysInForce {
  readonly #ask: AskKey;
  readonly #known = new LruCache<string, KeyInForce>(MOST_KEYS);
  readonly #pending = new Map<string, Promise<Result<null>>>();

  constructor(ask: AskKey) {
    this.#ask = ask;
  }

  /** `key` is what its caller came with; it may have been confirmed since. */
  isInForce(key: KeyInForce): boolean {
    const untilMs = Math.max(key.untilMs, this.#known.get(key.hash)?.untilMs ?? 0);
    return Date.now() < untilMs;
  }

  /** Called when a reader connects. Returns a refusal when its key is not in force; accepts a reader without a key. */
  async leaveOf(key: KeyInForce | undefined): Promise<Result<null>> {
    return key && !this.isInForce(key) ? this.confirm(key) : accept(null);
  }

  /** One look-up for all the readers of one key. */
  confirm({ hash }: KeyInForce): Promise<Result<null>> {
    const pending = this.#pending.get(hash);
    if (pending !== undefined) return pending;
    const answer = this.#askNow(hash).finally(() => this.#pending.delete(hash));
    this.#pending.set(hash, answer);
    return answer;
  }

  async #askNow(hash: string): Promise<Result<null>> {
    const found = await this.#ask(hash);
    if (found.ok) this.#known.set(hash, found.value);
    else this.#known.delete(hash);
    return found.ok ? accept(null) : found;
  }
}
