/** A memory in this process, for programs of the simulator: it survives their crashes, and knows a write that comes again. */
import type { MemoryEntry } from "../../../src/domain/memory/entry.ts";
import { isValue } from "../../../src/domain/memory/expected.ts";
import type { MemoryVerbs } from "../../../src/domain/memory/memory-verbs.ts";
import type { EntryPlace } from "../../../src/domain/memory/scope.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import type { Json } from "../../../src/domain/values/json.ts";

export class KeptRecords implements MemoryVerbs {
  readonly #entries = new Map<string, MemoryEntry>();
  readonly #known = new Set<string>();

  /** Of every place, by `scope id key`. */
  get values(): ReadonlyMap<string, Json> {
    return new Map([...this.#entries].map(([name, { data }]) => [name, JSON.parse(data) as Json]));
  }

  /** Executions of another world have the same ids. */
  forgetWrites(): void {
    this.#known.clear();
  }

  readonly #name = ({ scope, scopeId }: EntryPlace, key: string) => `${scope} ${scopeId} ${key}`;

  set: MemoryVerbs["set"] = async (place, { key, data, by, once, expects }) => {
    const name = this.#name(place, key);
    const before = this.#entries.get(name);
    const entry = { key, data, createdAtMs: 0, updatedAtMs: 0, by };
    if (this.#known.has(String(once?.id))) return accept(before ?? entry);
    if (expects !== undefined && !isValue(before?.data, expects))
      return refuse("version_conflict", "the value is another one by now");
    this.#entries.set(name, entry);
    this.#known.add(String(once?.id));
    return accept(entry);
  };
  get: MemoryVerbs["get"] = async (place, key) => accept(this.#entries.get(this.#name(place, key)) ?? null);
  remove: MemoryVerbs["remove"] = async (place, { key }) => accept(this.#entries.delete(this.#name(place, key)));
  list: MemoryVerbs["list"] = async () => accept({ entries: [], nextCursor: null });
  setVector: MemoryVerbs["setVector"] = async () => refuse("memory_full", "it takes no vectors");
  removeVectors: MemoryVerbs["removeVectors"] = async () => accept(0);
  search: MemoryVerbs["search"] = async () => accept([]);
}
