/**
 * Names for what a program asks (E2). A key is the name plus its occurrence within its branch; parallel branches carry a
 * prefix, so a result is found again whatever order they ran in.
 */
export class Branch {
  readonly #prefix: string;
  readonly #counts = new Map<string, number>();
  readonly #open = new Set<string>();

  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  /** The key of the next call of this name: `charge`, then `charge#2`, `charge#3`. */
  key(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${this.#prefix}${escaped(name)}${count === 1 ? "" : `#${count}`}`;
  }

  /** A branch below this one. */
  child(key: string, item: string): Branch {
    return new Branch(`${key}[${escaped(item)}]/`);
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

/** The characters that build keys may not come in by a name. */
function escaped(name: string): string {
  return name.replace(/[%/#[\]]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}
