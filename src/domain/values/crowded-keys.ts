/**
 * Whether the keys of one object would fall on few places of a hash table. V8 takes the low bits of a text of digits for its
 * hash, so a sender can choose keys that all fall on one place: zod's walk over 100,000 multiples of 2^17 takes a minute in
 * workerd (2026-11), and none of it is our code. Other texts are hashed with a secret.
 */
const LOW_BITS = 0xffff;
/** Keys of one object that may agree in their low bits. Ids that a program counts agree in far fewer. */
export const MAX_CROWDED_KEYS = 128;
/** An array index: what V8 hashes by its value. */
const INDEX = /^[1-9]\d{0,9}$/;

export class CrowdedKeys {
  readonly #seen = new Map<number, number>();

  /** Takes one more key. True when too many keys agree with it. */
  add(key: string): boolean {
    if (!INDEX.test(key)) return false;
    const low = Number(key) & LOW_BITS;
    const count = (this.#seen.get(low) ?? 0) + 1;
    this.#seen.set(low, count);
    return count > MAX_CROWDED_KEYS;
  }
}
