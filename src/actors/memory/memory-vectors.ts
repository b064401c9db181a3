/**
 * Vectors of one memory. Each search reads all of them, one row at a time, so that what it finds is exact; beyond a number that
 * this is good for, none more is taken.
 */
import type { SetVector, StoredVector, VectorMatch, VectorQuery } from "../../domain/memory/entry.ts";
import type { Metadata } from "../../domain/memory/filters.ts";
import { fitsFilters } from "../../domain/memory/filters.ts";
import { MEMORY_LIMITS } from "../../domain/memory/limits.ts";
import { Best, bytesOfVector, cosine, vectorOfBytes } from "../../domain/memory/vector.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";
import type { MemoryJournal } from "./memory-journal.ts";

type Row = { id: string; sealed: number; embedding: ArrayBuffer; content: Column };
interface About {
  readonly key: string;
  readonly metadata: Metadata;
}

const COLUMNS = "SELECT id, sealed, embedding, content FROM vectors";
const vectorPlace = (id: string) => `vector ${id}`;
const aboutPlace = (id: string) => `about vector ${id}`;

export class MemoryVectors {
  readonly #journal: MemoryJournal;

  constructor(journal: MemoryJournal) {
    this.#journal = journal;
  }

  get #isEmpty(): boolean {
    return !this.#journal.store.has("vectors");
  }

  get(key: string): StoredVector | undefined {
    const [row] = this.#rowsOf(key);
    return row && { ...this.#about(row), embedding: this.#embedding(row) };
  }

  /** What stores it, or why it cannot be stored. */
  put({ key, embedding, metadata }: SetVector): Result<Statement[]> {
    const old = this.#rowsOf(key).map(({ id }) => id);
    const refusal = this.#refusal(embedding.length, old);
    if (refusal) return refusal;
    const { sealer } = this.#journal;
    const [id = key] = sealer.digestsOf(key);
    const bytes = bytesOfVector(embedding);
    const sealed = sealer.sealBytes(bytes, vectorPlace(id));
    const about = sealer.seal(JSON.stringify({ key, metadata } satisfies About), aboutPlace(id));
    return accept([
      ...old.map(removeRow),
      [
        "INSERT INTO vectors (id, dims, sealed, embedding, content) VALUES (?, ?, ?, ?, ?)",
        ...[id, embedding.length, sealed ? 1 : 0, sealed ?? bytes, about],
      ],
    ]);
  }

  #refusal(dims: number, old: readonly string[]): Refusal | undefined {
    if (this.#isEmpty) return undefined;
    const { sql } = this.#journal.store;
    const others = sql.exec<{ n: number }>("SELECT count(*) AS n FROM vectors").one().n - old.length;
    if (others >= MEMORY_LIMITS.vectors)
      return refuse(
        "memory_full",
        `this scope has ${others} vectors, and ${MEMORY_LIMITS.vectors} are taken: each search reads all of them and is exact`,
      );
    const kept = others > 0 ? this.#dims() : undefined;
    return kept === undefined || kept === dims ? undefined : otherDimensions("embedding", dims, kept);
  }

  #dims(): number | undefined {
    if (this.#isEmpty) return undefined;
    return this.#journal.store.sql.exec<{ dims: number }>("SELECT dims FROM vectors LIMIT 1").toArray()[0]?.dims;
  }

  remove(key: string): Statement[] {
    return this.#rowsOf(key).map(({ id }) => removeRow(id));
  }

  /** The statements that remove each vector whose key begins with `prefix`. */
  removePrefix(prefix: string): Statement[] {
    return [...this.#rows()].filter((row) => this.#about(row).key.startsWith(prefix)).map(({ id }) => removeRow(id));
  }

  search({ embedding, topK, filters }: VectorQuery): Result<VectorMatch[]> {
    const dims = this.#dims();
    if (dims === undefined) return accept([]);
    if (dims !== embedding.length) return otherDimensions("query_embedding", embedding.length, dims);
    const filtered = Object.keys(filters).length > 0;
    const best = new Best<Pick<Row, "id" | "content">>(topK);
    for (const row of this.#rows()) {
      if (filtered && !fitsFilters(this.#about(row).metadata, filters)) continue;
      const { id, content } = row;
      best.add(cosine(embedding, this.#embedding(row)), { id, content });
    }
    return accept(best.items.map(({ score, item }) => ({ ...this.#about(item), score })));
  }

  #rows(): Iterable<Row> {
    return this.#isEmpty ? [] : this.#journal.store.sql.exec<Row>(`${COLUMNS} ORDER BY n`);
  }

  #rowsOf(key: string): Row[] {
    if (this.#isEmpty) return [];
    const digests = this.#journal.sealer.digestsOf(key);
    const query = `${COLUMNS} WHERE id IN (${digests.map(() => "?").join(", ")})`;
    const rows = this.#journal.store.sql.exec<Row>(query, ...digests).toArray();
    return rows.filter((row) => this.#about(row).key === key);
  }

  #about({ id, content }: Pick<Row, "id" | "content">): About {
    return JSON.parse(this.#journal.sealer.open(content, aboutPlace(id))) as About;
  }

  #embedding({ id, sealed, embedding }: Row): Float32Array {
    const bytes = new Uint8Array(embedding);
    return vectorOfBytes(sealed ? this.#journal.sealer.openBytes(bytes, vectorPlace(id)) : bytes);
  }
}

function removeRow(id: string): Statement {
  return ["DELETE FROM vectors WHERE id = ?", id];
}

function otherDimensions(field: string, given: number, kept: number): Refusal {
  const message = `has ${given} numbers, and the vectors of this scope have ${kept}: delete those first, or use another scope`;
  return refuse("invalid_input", `${field}: ${message}`, [{ path: field, message }]);
}
