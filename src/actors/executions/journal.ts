/**
 * One execution's rows in the object's own SQLite: the engine's `Store`. A commit is atomic, and nothing is awaited inside.
 *
 * - A row holds at most 1.5 MB (the platform's limit is 2 MB, and no local runtime enforces it): a larger batch is split.
 * - What a person or a program said is sealed, and bound to its row: events, state, messages, names of timers. Plain are
 *   numbers, ids of messages, and what of them lies in a row of the log.
 * - `load` opens or requires every key that the log needs (a snapshot names those of the rows before it): a missing key
 *   is found out before anything is decided on half a log.
 * - The state is folded from the log. Row 0 holds it as it was at the last page (`log-pages.ts`): waking is O(1).
 * - A sealed row is what this house wrote: its events are taken as they are. A plain one is parsed.
 * - A page repeats what came since the last page: reading skips what a later page holds.
 */
import * as z from "zod";
import type { OpenApproval } from "../../domain/execution/approval.ts";
import { changeApprovals } from "../../domain/execution/approval.ts";
import { FIRST_HEAD } from "../../domain/execution/chain.ts";
import { parseEvent } from "../../domain/execution/event-text.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { approvalChangeOf } from "../../domain/fold/approval.ts";
import { evolve } from "../../domain/fold/evolve.ts";
import { DEFAULT_LIMITS } from "../../domain/values/limits.ts";
import type { Commit, EventRow, Loaded, Store, StoredChain } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import { JournalStore } from "../storage/journal-store.ts";
import { StorageRoom } from "../storage/storage-room.ts";
import type { Column, OpenedRow, Statement, StoredRow } from "../storage/stored-rows.ts";
import {
  AFTER,
  CORE,
  INSERT,
  isOurs,
  LAST_PAGE,
  logPlace,
  MAKE_PAGES,
  SNAPSHOT,
  UPDATE,
} from "../storage/stored-rows.ts";
import { ApprovalTable } from "./approval-table.ts";
import type { Tail } from "./log-pages.ts";
import { NO_TAIL, nextRows } from "./log-pages.ts";
import type { Core, SeqText } from "./log-rows.ts";
import { coreText, openedRow, parseCore } from "./log-rows.ts";
import type { Aside } from "./migrations.ts";
import { EXECUTION_SCHEMA } from "./migrations.ts";
import { OwedMessages } from "./owed-messages.ts";
import { storedChain } from "./stored-chain.ts";
import { TimerTable } from "./timer-table.ts";
import { WorkTable } from "./work-table.ts";

const StoredEvents = z.array(z.unknown());

export class SqliteStore implements Store {
  readonly #rows: JournalStore<Aside>;
  readonly #sealer: Sealer;
  readonly approvals: ApprovalTable;
  readonly work: WorkTable;
  readonly #room: StorageRoom;
  readonly room = () => this.#room.look(this.isNew);
  /** The newest row of the log: it carries the version and the messages that are owed. */
  #newest = 0;
  readonly #owed: OwedMessages;
  /** Seq of the last page, beside which the snapshot was taken; 0 before the first one. */
  #paged = 0;
  #tail: Tail = NO_TAIL;
  /** Of the chain, after the newest event. */
  #head = FIRST_HEAD;
  #loaded: Loaded | undefined;
  /** Ids of the keys that rows of the log are sealed with. */
  #keysOfLog: ReadonlySet<string> = new Set();
  readonly timers: TimerTable;
  /** Set before `load`: looking at the alarm is asynchronous, and `load` is not. */
  alarmAtMs: number | undefined;

  constructor(storage: DurableObjectStorage, sealer: Sealer, mostBytes = DEFAULT_LIMITS.storageBytes) {
    this.#rows = new JournalStore(storage, sealer, EXECUTION_SCHEMA);
    this.#sealer = sealer;
    this.#owed = new OwedMessages(sealer);
    this.timers = new TimerTable(storage.sql, sealer, () => this.#rows.has("timers"));
    this.approvals = new ApprovalTable(storage.sql, sealer, () => this.#rows.has("gates"));
    this.work = new WorkTable(storage.sql, sealer, () => this.#rows.has("work"));
    this.#room = new StorageRoom(storage.sql, mostBytes);
    this.#look();
  }

  #look(): void {
    const { sql, isMade } = this.#rows;
    if (!isMade) return;
    const [newest] = sql
      .exec<{ last_seq: number; schema: number; owed: string | null }>(
        "SELECT last_seq, schema, owed FROM log ORDER BY last_seq DESC LIMIT 1",
      )
      .toArray();
    if (!newest) return;
    this.#rows.version = newest.schema;
    this.#newest = newest.last_seq;
    this.#owed.look(newest.owed);
    const [paged] = sql.exec<{ last_seq: number }>(LAST_PAGE).toArray();
    this.#paged = paged?.last_seq ?? 0;
  }

  /** Nothing was ever written here, so no alarm was set either. */
  get isNew(): boolean {
    return this.#rows.version === 0;
  }

  /** Throws `Unopened` when a key is missing; then nothing was changed. Read once: opening costs. */
  load(): Loaded {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  #load(): Loaded {
    const { alarmAtMs } = this;
    if (this.isNew) return { state: undefined, outbox: new Map(), alarmAtMs };
    const { sql } = this.#rows;
    const [snapshot] = sql.exec<{ content: Column }>("SELECT content FROM log WHERE last_seq = 0").toArray();
    const state = this.#fold(snapshot?.content);
    if (state?.gates?.open && !this.#rows.has("gates")) this.approvals.restore(this.#approvalsOf());
    return {
      state,
      outbox: this.#owed.load(this.#rows.has("outbox") ? sql : undefined),
      alarmAtMs,
    };
  }

  #fold(snapshot: Column | undefined): ExecutionState | undefined {
    const core = snapshot === undefined ? undefined : this.#openSnapshot(snapshot);
    let state = core?.state;
    const keys = new Set(this.#keysOfLog);
    const tail = { events: [] as SeqText[], rows: 0, size: 0 };
    for (const { lastSeq, content, events, raw, marks, size } of this.#rowsAfter(state?.seq ?? 0)) {
      const key = this.#sealer.keyOf(content);
      if (key !== undefined) keys.add(key);
      for (const event of events) state = evolve(state, event);
      this.#head = marks.at(-1)?.head ?? this.#head;
      // Folded from the first row on, it also passes what lies in pages.
      if (lastSeq <= this.#paged) continue;
      const heads = new Map(marks.map((mark) => [mark.seq, mark.head]));
      for (const [at, { seq }] of events.entries())
        tail.events.push({ seq, text: JSON.stringify(raw[at]), head: heads.get(seq) });
      tail.rows += 1;
      tail.size += size;
    }
    this.#tail = tail;
    this.#keysOfLog = keys;
    // The log of a tombstone does not name the execution: then the snapshot of any version does.
    return state ?? core?.raw;
  }

  /** As the log alone has them: of rows that were never written (`gate-table.ts`). */
  #approvalsOf(): Map<string, OpenApproval> {
    const approvals = new Map<string, OpenApproval>();
    let state: ExecutionState | undefined;
    for (const { events } of this.#rowsAfter(0))
      for (const event of events) {
        state = evolve(state, event);
        if (state) changeApprovals(approvals, approvalChangeOf(event, state));
      }
    return approvals;
  }

  #openSnapshot(stored: Column): Core {
    const core = parseCore(this.#sealer.open(stored, CORE));
    this.#sealer.require(core.keys);
    this.#keysOfLog = new Set(core.keys);
    this.#head = core.head;
    return core;
  }

  *#rowsAfter(seq: number): Generator<OpenedRow> {
    const place = ({ last_seq }: StoredRow) => logPlace(last_seq);
    for (const { row, text } of this.#rows.opened<StoredRow>(AFTER, place, seq, this.#paged)) {
      const { last_seq, content } = row;
      const { raw, marks } = openedRow(StoredEvents.parse(JSON.parse(text)));
      const first = last_seq - raw.length + 1;
      const read = (event: unknown, at: number) => (isOurs(content, event) ? event : parseEvent(event, first + at));
      yield { lastSeq: last_seq, content, raw, marks, size: text.length, events: raw.map(read) };
    }
  }

  get chain(): StoredChain {
    return storedChain({ head: this.#head, rows: (after) => this.#rowsAfter(after), sealer: this.#sealer });
  }

  rows(after: number): Iterable<EventRow> {
    return this.isNew ? [] : this.#rowsAfter(after);
  }

  commit(commit: Commit): void {
    this.#loaded = undefined;
    const keysOfLog = this.#keysAfter(commit);
    const owed = this.#owed.change(commit);
    const needs = [...this.#needs(commit, owed.needsTable)];
    const { newestVersion: schema, version } = this.#rows;
    let head = this.#head;
    const added = commit.events.map(({ event: { seq }, text }): SeqText => {
      head = this.#sealer.nextHead(head, text);
      return { seq, text, head };
    });
    const { rows, tail, pages } = nextRows(this.#tail, added, commit.forgetLog);
    const statements: Statement[] = [];
    if (commit.forgetLog) statements.push(["DELETE FROM log WHERE last_seq > 0"]);
    if (pages === "apart") statements.push([MAKE_PAGES, this.#paged]);
    for (const { lastSeq, text } of rows) {
      const sealed = this.#sealer.seal(text, logPlace(lastSeq));
      statements.push([INSERT, lastSeq, pages ? 1 : null, sealed, schema, owed.text]);
    }
    if (pages) statements.push([SNAPSHOT, this.#sealer.seal(coreText(keysOfLog, commit.state, head), CORE)]);
    if (rows.length === 0 && (owed.isOther || version < schema))
      statements.push([UPDATE, schema, owed.text, this.#newest]);
    const timers = this.timers.changes(commit);
    statements.push(...timers.statements, ...owed.statements, ...this.approvals.statements(commit));
    statements.push(...this.work.statements(commit));
    this.#rows.write({ statements, needs, alarmAtMs: commit.alarmAtMs });
    for (const { text } of rows) this.#room.wrote(text.length);
    this.#newest = rows.at(-1)?.lastSeq ?? this.#newest;
    if (pages) this.#paged = this.#newest;
    this.#tail = tail;
    this.#head = head;
    this.#keysOfLog = keysOfLog;
    timers.apply();
    this.approvals.written();
    owed.apply();
  }

  *#needs(commit: Commit, owesMany: boolean): Generator<Aside> {
    if (commit.setTimers.size > 0) yield "timers";
    if (this.approvals.isNeededBy(commit)) yield "gates";
    if (commit.putWork !== undefined) yield "work";
    if (owesMany) yield "outbox";
  }

  #keysAfter({ events, forgetLog }: Commit): ReadonlySet<string> {
    const { keyId } = this.#sealer;
    const kept = forgetLog ? new Set<string>() : this.#keysOfLog;
    return keyId === undefined || events.length === 0 || kept.has(keyId) ? kept : new Set([...kept, keyId]);
  }

  sync(): Promise<void> {
    return this.#rows.sync();
  }
}
