/**
 * The journal of one memory, and the one place that writes its rows: each commit is one transaction of what is changed, the
 * changes for readers, and the alarm. The feed of a tenant is the same with the changes of its memories.
 *
 * - Changes are numbered from 1, without gaps. Old ones go in steps once there are too many, never one that is still owed
 *   to the tenant's feed.
 * - What is said of places of the feed is plain; who changed what to what is sealed.
 */
import * as z from "zod";
import type { PlacedChange } from "../../domain/memory/change.ts";
import { MemoryChange } from "../../domain/memory/change.ts";
import type { ActorPlace } from "../../domain/memory/entry.ts";
import { MEMORY_LIMITS } from "../../domain/memory/limits.ts";
import { isRecordPlace, MemoryScope, RecordScope } from "../../domain/memory/scope.ts";
import type { Sealer } from "../../vault/vault.ts";
import { JournalStore } from "../storage/journal-store.ts";
import { StorageRoom } from "../storage/storage-room.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";
import type { MemoryTable } from "./memory-schema.ts";
import { MEMORY_SCHEMA } from "./memory-schema.ts";

const About = z.object({
  tenant: z.string(),
  scope: z.union([MemoryScope, RecordScope, z.literal("feed")]),
  owner: z.string(),
  scopeId: z.string(),
});
const ABOUT = "about";
const changePlace = (seq: number) => `change ${seq}`;

/** Changes beyond those that are kept, before old ones are removed. */
const STEP = 64;

export interface MemoryCommit {
  readonly statements: readonly Statement[];
  readonly needs?: readonly MemoryTable[];
  readonly changes?: readonly MemoryChange[];
  /** The changes before these are forgotten. */
  readonly clears?: boolean;
  /** The alarm goes off at this time or sooner. */
  readonly wakeAtMs?: number | undefined;
}

type ChangeRow = { seq: number; content: Column };

export class MemoryJournal {
  readonly store: JournalStore<MemoryTable>;
  readonly sealer: Sealer;
  readonly #room: StorageRoom;
  /** Whose memory it is; `undefined` while nothing was written. */
  place: ActorPlace | undefined;
  /** The newest change; 0 before the first. */
  newest = 0;
  /** Up to which change the tenant's feed has it, as far as is known here; `#fedOnDisk` after a crash. */
  fed = 0;
  #fedOnDisk = 0;
  #oldest = 1;
  #bytes = 0;
  /** When the alarm goes off, if one is set. Read before the first commit. */
  alarmAtMs: number | undefined;

  /** Throws `Unopened` when the key is missing. */
  constructor(storage: DurableObjectStorage, sealer: Sealer, mostBytes: number) {
    this.store = new JournalStore(storage, sealer, MEMORY_SCHEMA);
    this.sealer = sealer;
    this.#room = new StorageRoom(storage.sql, mostBytes);
    if (this.store.isMade) this.#look();
  }

  #look(): void {
    type AboutRow = { schema: number; fed: number; content: Column };
    const [about] = [...this.store.opened<AboutRow>("SELECT schema, fed, content FROM about", () => ABOUT)];
    if (!about) return;
    this.store.version = about.row.schema;
    this.place = About.parse(JSON.parse(about.text)) as ActorPlace;
    this.#fedOnDisk = about.row.fed;
    this.fed = about.row.fed;
    const { newest, oldest, bytes } = this.store.sql
      .exec<{ newest: number | null; oldest: number | null; bytes: number | null }>(
        "SELECT max(seq) AS newest, min(seq) AS oldest, sum(size) AS bytes FROM changes",
      )
      .one();
    this.newest = newest ?? 0;
    this.#oldest = oldest ?? 1;
    this.#bytes = bytes ?? 0;
  }

  get isNew(): boolean {
    return this.place === undefined;
  }

  /** The oldest change that is kept; one more than the newest when none is. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Whether the tenant's feed may lack something. */
  get owes(): boolean {
    return this.place !== undefined && isForwarded(this.place) && this.fed < this.newest;
  }

  /** How much it may still store. */
  room(): { readonly left: number; readonly most: number } {
    return this.#room.look(this.isNew);
  }

  /** Returns the changes as they are placed. Nothing is awaited inside. */
  commit(
    place: ActorPlace,
    { statements, needs = [], changes = [], clears = false, wakeAtMs }: MemoryCommit,
  ): PlacedChange[] {
    const { sealer, newest } = this;
    const placed = changes.map((change, at) => ({ seq: newest + 1 + at, change }));
    const texts = placed.map(({ change }) => JSON.stringify(change));
    const rows = placed.map(({ seq, change }, at): Statement => {
      const text = texts[at] ?? "";
      const insert = "INSERT INTO changes (seq, at_ms, size, content) VALUES (?, ?, ?, ?)";
      return [insert, seq, change.atMs, text.length, sealer.seal(text, changePlace(seq))];
    });
    const sooner = wakeAtMs !== undefined && wakeAtMs < (this.alarmAtMs ?? Number.POSITIVE_INFINITY);
    const before = this.#aboutStatements(place);
    this.store.write({
      statements: [...before, ...(clears ? [["DELETE FROM changes"] satisfies Statement] : []), ...statements, ...rows],
      needs,
      alarmAtMs: sooner ? wakeAtMs : undefined,
    });
    if (sooner) this.alarmAtMs = wakeAtMs;
    this.place ??= place;
    this.#fedOnDisk = this.fed;
    if (clears) {
      this.#oldest = newest + 1;
      this.#bytes = 0;
    }
    this.newest += placed.length;
    const size = texts.reduce((sum, text) => sum + text.length, 0);
    this.#bytes += size;
    this.#room.wrote(size + sizeOf(statements));
    this.#trim();
    return placed;
  }

  /** What the first commit says of the memory; later, how far the tenant's feed has it. */
  #aboutStatements(place: ActorPlace): Statement[] {
    const { newestVersion } = this.store;
    if (this.place === undefined) {
      const { tenant, scope, owner, scopeId } = place;
      const text = JSON.stringify({ tenant, scope, owner, scopeId });
      const insert = "INSERT INTO about (id, schema, fed, content) VALUES (1, ?, 0, ?)";
      return [[insert, newestVersion, this.sealer.seal(text, ABOUT)]];
    }
    if (this.fed === this.#fedOnDisk && this.store.version === newestVersion) return [];
    return [["UPDATE about SET schema = ?, fed = ? WHERE id = 1", newestVersion, this.fed]];
  }

  /** Writes down how far the tenant's feed has it, if that is not on disk. */
  keepFed(): void {
    if (this.place !== undefined && this.fed !== this.#fedOnDisk) this.commit(this.place, { statements: [] });
  }

  /** Changes after this one, each opened as it is read. */
  *changesAfter(seq: number): Generator<PlacedChange> {
    if (this.isNew) return;
    yield* this.#read("SELECT seq, content FROM changes WHERE seq > ? ORDER BY seq", seq);
  }

  /** Changes after this instant. */
  *changesSince(atMs: number): Generator<PlacedChange> {
    if (this.isNew) return;
    yield* this.#read("SELECT seq, content FROM changes WHERE at_ms > ? ORDER BY seq", atMs);
  }

  /** The newest first. */
  *newestChanges(): Generator<PlacedChange> {
    if (this.isNew) return;
    yield* this.#read("SELECT seq, content FROM changes WHERE seq > ? ORDER BY seq DESC", 0);
  }

  *#read(query: string, from: number): Generator<PlacedChange> {
    const place = ({ seq }: ChangeRow) => changePlace(seq);
    for (const { row, text } of this.store.opened<ChangeRow>(query, place, from))
      yield { seq: row.seq, change: MemoryChange.parse(JSON.parse(text)) };
  }

  #trim(): void {
    const isFeed = this.place?.scope === "feed";
    const most = isFeed ? MEMORY_LIMITS.tenantChanges : MEMORY_LIMITS.changes;
    const mostBytes = isFeed ? MEMORY_LIMITS.tenantChangeBytes : MEMORY_LIMITS.changeBytes;
    const count = this.newest - this.#oldest + 1;
    if (count <= most + STEP && this.#bytes <= mostBytes * 1.25) return;
    const last = this.place && isForwarded(this.place) ? this.fed : this.newest;
    let [left, bytes, upTo] = [count, this.#bytes, 0];
    type Row = { seq: number; size: number };
    for (const { seq, size } of this.store.sql.exec<Row>("SELECT seq, size FROM changes ORDER BY seq")) {
      if (seq > last || (left <= most && bytes <= mostBytes)) break;
      left -= 1;
      bytes -= size;
      upTo = seq;
    }
    if (upTo === 0) return;
    this.store.write({ statements: [["DELETE FROM changes WHERE seq <= ?", upTo]] });
    this.#oldest = upTo + 1;
    this.#bytes = bytes;
  }
}

/** Changes of memories go to the feed of the tenant too. */
function isForwarded(place: ActorPlace): boolean {
  return place.scope !== "feed" && !isRecordPlace(place);
}

function sizeOf(statements: readonly Statement[]): number {
  let size = 0;
  for (const [, ...values] of statements)
    for (const value of values) size += typeof value === "object" ? (value?.length ?? 0) : String(value).length;
  return size;
}
