import type { Scratchpad } from "../../define/context.ts";
import type { Json } from "../../domain/values/json.ts";
import { storable } from "./storable.ts";

/** The program's view: what finished entries wrote, in the order of the log, so a replay sees the same. */
export class ProgramScratchpad implements Scratchpad {
  readonly #values = new Map<string, Json>();

  record(name: string, value: Json): void {
    this.#values.set(name, storable(value, `the value of "${name}" on the scratchpad`));
  }
  read(name: string): Json | undefined {
    return copyOf(this.#values.get(name));
  }
  clear(): void {
    this.#values.clear();
  }
  /** Takes over what a finished entry wrote. */
  absorb(written: Json | undefined): void {
    if (!written || typeof written !== "object" || Array.isArray(written)) return;
    for (const [name, value] of Object.entries(written)) this.#values.set(name, value);
  }
}

/**
 * What one try sees: the program's scratchpad, and above it what the try itself writes. Its writes are kept with its entry
 * and reach the program when the entry is delivered; `clear` takes back its own.
 */
export class EntryScratchpad implements Scratchpad {
  readonly #below: Scratchpad | undefined;
  readonly #values = new Map<string, Json>();

  constructor(below?: Scratchpad) {
    this.#below = below;
  }

  record(name: string, value: Json): void {
    this.#values.set(name, storable(value, `the value of "${name}" on the scratchpad`));
  }
  read(name: string): Json | undefined {
    return copyOf(this.#values.get(name)) ?? this.#below?.read(name);
  }
  clear(): void {
    this.#values.clear();
  }
  written(): Json | undefined {
    return this.#values.size === 0 ? undefined : Object.fromEntries(this.#values);
  }
}

/** A reader that changes what it got changes nothing here: its changes are in no log. */
function copyOf(value: Json | undefined): Json | undefined {
  return typeof value === "object" ? structuredClone(value) : value;
}
