import type { Scratchpad } from "../define/context.ts";
import type { Json } from "../domain/json.ts";

/** The program's view: what finished entries wrote, in the order of the log, so a replay sees the same. */
export class ProgramScratchpad implements Scratchpad {
  readonly #values = new Map<string, Json>();

  record(name: string, value: Json): void {
    this.#values.set(name, value);
  }
  read(name: string): Json | undefined {
    return this.#values.get(name);
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

/** What one try writes: kept with its entry, visible to the program when the entry is delivered. */
export class EntryScratchpad implements Scratchpad {
  readonly #values: { [name: string]: Json } = Object.create(null);

  record(name: string, value: Json): void {
    this.#values[name] = value;
  }
  read(name: string): Json | undefined {
    return this.#values[name];
  }
  clear(): void {
    for (const name of Object.keys(this.#values)) delete this.#values[name];
  }
  written(): Json | undefined {
    return Object.keys(this.#values).length === 0 ? undefined : { ...this.#values };
  }
}
