/**
 * Changes to a program that executions are in the middle of. One that is behind the place of a change keeps the old way: its log
 * holds what the program has not asked for yet. One that comes to the place for the first time takes the new way, and its journal
 * holds a mark. So the answer is the same on every replay, in every later version of the code.
 */
import { MAX_KEY } from "../../domain/execution/entry.ts";
import type { Json } from "../../domain/values/json.ts";
import { keyTooLong } from "./branch.ts";

const NAME = "patched";
/** No name makes such a key: brackets in names are escaped. */
const BEGINNING = `${NAME}[`;

export function isPatch(key: string): boolean {
  return key.startsWith(BEGINNING) && key.endsWith("]");
}

interface Parts {
  /** Whether the journal holds the mark. */
  readonly has: (key: string) => boolean;
  readonly record: (key: string, name: string, value: Json) => void;
  /** Name of what the log holds next that the program has not asked for. */
  readonly next: () => string | undefined;
}

/** Of one activation. */
export class Patches {
  readonly #parts: Parts;
  readonly #answers = new Map<string, boolean>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `isKept`: false where nothing that is asked is written down. */
  holds(id: string, { already, isKept }: { readonly already: string | undefined; readonly isKept: boolean }): boolean {
    const known = this.#answers.get(id);
    if (known !== undefined) return known;
    const { has, record, next } = this.#parts;
    const key = `${BEGINNING}${id.replace(/[%/]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)}]`;
    if (key.length > MAX_KEY) throw keyTooLong(key);
    const passed = next();
    const answer = has(key) || passed === undefined || passed === already;
    if (!isKept) return answer;
    this.#answers.set(id, answer);
    if (answer && passed === undefined && !has(key)) record(key, NAME, 1);
    return answer;
  }
}
