/**
 * The room of one conversation, in the object of its thread: the log of what happened in it, and what is not answered yet. Executions
 * are followed by `ChatFollowers`, what their events mean here is `chat-events.ts`'s; sockets are `MemoryReaders`'.
 *
 * - An event of the room and how far its execution was read are one commit: after a crash it goes on there, and says nothing twice.
 * - It keeps a log only once a socket was opened: a conversation by POST alone costs nothing here.
 * - Messages of sockets start their executions one after the other, so their order is that of the log.
 */
import * as z from "zod";
import type { ChatSnapshot } from "../../contract/stream/chat-frames.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import { iso } from "../../contract/wire.ts";
import { OPEN_KEYS, openKey, THREAD_KEY, Thread } from "../../define/execution/thread.ts";
import type { MemoryChange } from "../../domain/memory/change.ts";
import type { WriteOnce } from "../../domain/memory/entry.ts";
import type { RecordPlace } from "../../domain/memory/scope.ts";
import { Json } from "../../domain/values/json.ts";
import { threadBodyOf } from "../../operations/memory/thread-body.ts";
import type { ExecutionClient } from "../../operations/ports.ts";
import { TurnsInFlight } from "../sockets/turns-in-flight.ts";
import type { Statement } from "../storage/stored-rows.ts";
import type { NewEvent } from "./chat-events.ts";
import { movedBy, OpenExecution } from "./chat-events.ts";
import { ChatFollowers } from "./chat-followers.ts";
import type { OpenMemory } from "./memory-opening.ts";
import type { MemoryReaders } from "./memory-readers.ts";

/** Keys beside the thread's own: that the room is used, and each execution that has not ended. */
const USED = "chat";
/** While something is open the alarm looks this often whether it is followed. */
const LOOK_MS = 30_000;
/** Executions that are followed at once. */
const MOST_OPEN = 200;

export interface ChatRoomParts {
  readonly memory: OpenMemory;
  readonly place: RecordPlace;
  readonly readers: MemoryReaders;
  readonly client: Pick<ExecutionClient, "stream">;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** A message of the conversation, and the execution that answers it. */
export interface Said {
  readonly executionId: string;
  readonly text: string;
  /** Of the socket that sent it; absent: it came by POST. */
  readonly messageId?: string | undefined;
}

const Announced = z.object({ text: z.string() });

export class ChatRoom {
  readonly sessionId: string;
  readonly agent: string;
  readonly #parts: ChatRoomParts;
  readonly #open = new Map<string, OpenExecution>();
  readonly #turns = new Map<string, TurnsInFlight>();
  readonly #followers: ChatFollowers;
  #used: boolean;

  constructor(parts: ChatRoomParts) {
    this.#parts = parts;
    const { place, client, log } = parts;
    const [sessionId, agent] = z.tuple([z.string(), z.string()]).parse(JSON.parse(place.scopeId));
    this.sessionId = sessionId;
    this.agent = agent;
    const owner = { tenant: place.tenant, subject: place.owner, scopes: ["read"] as const };
    this.#followers = new ChatFollowers({
      ...{ client, owner, log },
      from: (id) => this.#open.get(id)?.after,
      take: (id, frame) => this.#take(id, frame),
      gone: (id) => this.#gone(id),
    });
    this.#used = this.#load();
  }

  /** When the alarm is to look after it. */
  get nextLookMs(): number | undefined {
    return this.#open.size > 0 ? Date.now() + LOOK_MS : undefined;
  }

  #load(): boolean {
    const { entries } = this.#parts.memory;
    if (!entries.get(USED, Date.now())) return false;
    let after: string | undefined;
    do {
      const page = entries.list({ limit: 100, after }, Date.now());
      for (const { key, data } of page.entries) {
        if (!key.startsWith(OPEN_KEYS)) continue;
        const open = OpenExecution.parse(JSON.parse(data));
        this.#open.set(open.executionId, open);
      }
      after = page.nextCursor ?? undefined;
    } while (after !== undefined);
    return true;
  }

  /** A client comes: from the first one on a log is kept. Returns what it is told first. */
  entered(withThread: boolean): ChatSnapshot {
    if (!this.#used) this.#commit([], this.#put(USED, {}));
    this.#used = true;
    this.follow();
    return this.#snapshot(withThread);
  }

  /** Whether the key is one of the room's own; then the write is a program's word that it begins to answer a message. */
  takes(key: string, data: string): boolean {
    if (!key.startsWith(OPEN_KEYS)) return false;
    if (this.#used) this.say({ executionId: key.slice(OPEN_KEYS.length), ...Announced.parse(JSON.parse(data)) });
    return true;
  }

  /**
   * A program has written the thread. Writes the newest message down if it is not in the log: its execution began before the first
   * socket was opened, so what it announced then was not kept.
   */
  written(key: string, data: string): void {
    if (!this.#used || key !== THREAD_KEY) return;
    const [said, answer] = Thread.parse(JSON.parse(data)).messages.slice(-2);
    if (said && answer) this.say({ executionId: answer.execution, text: said.text });
  }

  /** What the removal of the thread's own key means for the log: it is forgotten with it. */
  removed(key: string): { readonly changes?: readonly MemoryChange[]; readonly clears?: boolean } {
    if (!this.#used || key !== THREAD_KEY) return {};
    return { changes: [this.#change({ type: "forgotten", at: iso(Date.now()) })], clears: true };
  }

  /** Writes a message down, once for each execution, and follows it. */
  say({ executionId, text, messageId }: Said): void {
    const { entries } = this.#parts.memory;
    const once = { id: `said ${executionId}`, digest: executionId };
    const isSaid = this.#open.has(executionId) || isKnown(entries, once);
    if (isSaid || this.#open.size >= MOST_OPEN) return this.follow();
    const at = iso(Date.now());
    const named = messageId === undefined ? {} : { message_id: messageId };
    const open = { executionId, root: executionId, agent: this.agent, after: 0, at, text, ...named, approvals: [] };
    this.#open.set(executionId, open);
    const event: NewEvent = { type: "message", at, execution_id: executionId, text, ...named };
    this.#commit([event], [...this.#put(openKey(executionId), open), ...entries.remember(once, Date.now())]);
    this.follow();
  }

  /** What is open, as far as it is not followed already. */
  follow(): void {
    for (const id of this.#open.keys()) this.#followers.follow(id);
  }

  /** `withThread`: its reader has nothing yet. */
  #snapshot(withThread: boolean): ChatSnapshot {
    const { memory } = this.#parts;
    const entry = withThread ? memory.entries.get(THREAD_KEY, Date.now()) : undefined;
    const open = [...this.#open.values()];
    return {
      type: "snapshot",
      cursor: memory.journal.newest,
      session_id: this.sessionId,
      agent: this.agent,
      thread: entry ? threadBodyOf(this.sessionId, this.agent, entry) : null,
      open: open.flatMap(({ executionId, at, text, message_id }) =>
        text === undefined
          ? []
          : [{ execution_id: executionId, at, text, ...(message_id === undefined ? {} : { message_id }) }],
      ),
      approvals: open.flatMap(({ approvals }) => approvals),
      turns_in_flight: open.flatMap(({ executionId, agent }) =>
        (this.#turns.get(executionId)?.texts() ?? []).map((turn) => ({ execution_id: executionId, agent, ...turn })),
      ),
    };
  }

  #take(id: string, frame: Frame): void {
    const open = this.#open.get(id);
    if (!open) return;
    if (frame.type === "snapshot") {
      for (const turn of frame.turns_in_flight) this.#delta(open, { offset: 0, ...turn });
    } else if (frame.type === "delta") this.#delta(open, frame);
    else if (frame.type === "event") {
      const { data, type } = frame.event;
      if (type === "turn.completed" || type === "turn.failed") this.#turns.get(id)?.end(String(data.key));
      else this.#event(open, frame.event);
    }
  }

  #delta(
    { executionId, agent }: OpenExecution,
    { turn, try: attempt, offset, text }: { turn: string; try: number; offset: number; text: string },
  ): void {
    const delta = { turn, try: attempt, offset, text };
    const turns = this.#turns.get(executionId) ?? new TurnsInFlight();
    this.#turns.set(executionId, turns);
    turns.add(delta);
    this.#parts.readers.say({ type: "delta", execution_id: executionId, agent, ...delta });
  }

  #event(open: OpenExecution, event: Parameters<typeof movedBy>[1]): void {
    const moved = movedBy(open, event);
    if (!moved) return;
    const { events, now, begun } = moved;
    const statements: Statement[] = [];
    for (const child of begun ? [begun] : []) {
      if (this.#open.size >= MOST_OPEN || this.#open.has(child.executionId)) continue;
      this.#open.set(child.executionId, child);
      statements.push(...this.#put(openKey(child.executionId), child));
    }
    if (now) {
      this.#open.set(open.executionId, now);
      statements.push(...this.#put(openKey(open.executionId), now));
    } else {
      this.#open.delete(open.executionId);
      this.#turns.delete(open.executionId);
      statements.push(...this.#parts.memory.entries.remove(openKey(open.executionId)));
    }
    this.#commit(events, statements);
    this.follow();
  }

  /** Nothing is known of it any more. */
  #gone(id: string): void {
    const open = this.#open.get(id);
    if (!open) return;
    this.#open.delete(id);
    this.#turns.delete(id);
    const event: NewEvent = { type: "failed", at: iso(Date.now()), execution_id: id, status: "gone" };
    this.#commit(open.root === id ? [event] : [], this.#parts.memory.entries.remove(openKey(id)));
  }

  #commit(events: readonly NewEvent[], statements: readonly Statement[]): void {
    const { memory, place, readers } = this.#parts;
    const wakeAtMs = this.nextLookMs;
    const changes = events.map((event) => this.#change(event));
    const needs = ["entries", "known_writes"] as const;
    readers.publish(memory.journal.commit(place, { statements, needs, changes, wakeAtMs }));
  }

  #change(event: NewEvent): MemoryChange {
    const { owner } = this.#parts.place;
    const data = Json.parse(event);
    return {
      ...{ scope: "session", scopeId: this.sessionId, owner, key: USED, action: "set", data, by: {} },
      atMs: Date.parse(event.at),
    };
  }

  #put(key: string, data: object): Statement[] {
    const atMs = Date.now();
    const entry = { key, data: JSON.stringify(data), createdAtMs: atMs, updatedAtMs: atMs, by: {} };
    return this.#parts.memory.entries.put(entry);
  }
}

function isKnown(entries: OpenMemory["entries"], once: WriteOnce): boolean {
  const known = entries.isKnown(once);
  return known.ok && known.value;
}
