/**
 * Names for what a program asks (E2). A key is the name plus its occurrence within its branch; parallel branches carry a
 * prefix, so a result is found again, no matter in which order they ran.
 */
import type { StepError } from "../../define/errors.ts";
import { stepError } from "../../define/errors.ts";
import { MAX_KEY } from "../../domain/execution/entry.ts";

/** Characters of a key that are left in every branch for what is asked there. */
const ROOM = 200;

export class Branch {
  readonly #prefix: string;
  readonly #above: Branch | undefined;
  readonly #counts = new Map<string, number>();
  readonly #open = new Set<string>();
  #withdrawn = false;

  constructor(prefix = "", above?: Branch) {
    this.#prefix = prefix;
    this.#above = above;
  }

  /** True when the branch lost a race, or is part of one that did: the program does not wait for what it asks. */
  get isWithdrawn(): boolean {
    return this.#withdrawn || this.#above?.isWithdrawn === true;
  }

  withdraw(): void {
    this.#withdrawn = true;
  }

  /** What all keys begin with that are asked in it, and in branches below it. */
  get prefix(): string {
    return this.#prefix;
  }

  /** The key of the next call of this name: `charge`, then `charge#2`, `charge#3`. */
  key(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${this.#prefix}${escaped(name)}${count === 1 ? "" : `#${count}`}`;
  }

  /** A branch below this one. Throws `StepError` when its names are too long for keys. */
  child(key: string, item: string): Branch {
    const prefix = `${key}[${escaped(item)}]/`;
    if (prefix.length > MAX_KEY - ROOM) throw keyTooLong(prefix);
    return new Branch(prefix, this);
  }

  /** False when a call of this name is still open here: then its key would depend on who comes first. */
  enter(name: string): boolean {
    if (this.#open.has(name)) return false;
    this.#open.add(name);
    return true;
  }

  leave(name: string): void {
    this.#open.delete(name);
  }
}

export function keyTooLong(key: string): StepError {
  const message = `names of branches and calls add up to ${key.length} characters ("${key.slice(0, 50)}..."), and at most ${MAX_KEY} make a key: give shorter names`;
  return stepError("invalid_options", message);
}

/** The characters that build keys may not come in by a name. */
function escaped(name: string): string {
  return name.replace(/[%/#[\]]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}
