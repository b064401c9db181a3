/**
 * How an activity that is finished from outside gets to its receiver. Called by the outbox with its one message.
 *
 * - The log says `external.sending`, on disk, before the request leaves, and the message goes with that commit: a process that
 *   opens this log later has nothing to send. It waits for the report.
 * - Its receiver is looked for before its intent is written (`ahead`): found in time, both are one commit.
 * - No process is held by what it has sent: the answer is written down when it comes, and is not needed.
 */
import type { OpenExternal, Outcome } from "../../domain/execution/entry.ts";
import { attemptToken, entryError, isOpenExternal } from "../../domain/execution/entry.ts";
import type { Event } from "../../domain/execution/event.ts";
import { isUnwritable } from "../../domain/execution/event-text.ts";
import { isHeld } from "../../domain/execution/hold.ts";
import type { OutboxEntry } from "../../domain/execution/outbox-entry.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { resultKey } from "../../domain/execution/stored-result.ts";
import type { Sent } from "../../domain/node/handover.ts";
import { backoffMs, DISPATCH_BACKOFF } from "../../domain/values/backoff.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Journal } from "../journal/journal.ts";
import type { NodeRoute } from "../node-port.ts";
import type { OutboxRow, World } from "../ports.ts";
import { FEW_OWED } from "../ports.ts";
import { parsedInputOf } from "../program/beginning.ts";
import { fitsRow } from "../program/storable.ts";
import { isForNow } from "./deliver.ts";

/** Of a result that was in an answer: it is in this memory only. */
const MOST_WRITES = 5;

/** An intent is written without its receiver when that is not found by then. */
const AHEAD_MS = 250;

type ToNode = Extract<OutboxEntry, { to: "node" }>;

/** Leaves when the event at `seq`, which says so, is on disk. */
interface Leaving {
  readonly route: NodeRoute;
  readonly entry: OpenExternal;
  readonly seq: number;
}

export class Handovers {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #onNews: () => void;
  #leaving: readonly Leaving[] = [];
  /** Messages whose receiver was looked for before they were written. */
  readonly #aheadOf = new WeakSet<OutboxRow>();

  constructor(journal: Journal, world: World, onNews: () => void) {
    this.#journal = journal;
    this.#world = world;
    this.#onNews = onNews;
  }

  /** Rejects when it is not known where the receiver is: the message stays. */
  async deliver(id: string, row: OutboxRow, message: ToNode): Promise<void> {
    if (message.verb === "start") return this.#start(id, row, message.key);
    const state = this.#journal.committed;
    if (state)
      await this.#world.nodes?.cancel(state.origin, { key: message.key, reason: reasonOf(state) }).catch(() => {});
    this.#journal.acknowledge(id, row);
  }

  /**
   * Called before a program's rest is written. Resolves when the receivers of what it asks are found, or are not waited for any
   * longer; `undefined` where it asks nothing new, or too much at once. Never rejects.
   */
  ahead(): Promise<unknown> | undefined {
    const { outbox } = this.#journal;
    if (outbox.size === 0 || outbox.size > FEW_OWED) return undefined;
    const staged = [...outbox].filter(([id, row]) => this.#isNew(id, row));
    if (staged.length === 0) return undefined;
    for (const [, row] of staged) this.#aheadOf.add(row);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const giveUp = this.#world.later(AHEAD_MS, resolve);
    const found = Promise.all(staged.map(([id, row]) => this.#lookAhead(id, row)));
    return Promise.race([found, late]).finally(giveUp);
  }

  #isNew(id: string, row: OutboxRow): boolean {
    const { message, attempts } = row;
    const isStart = message.to === "node" && message.verb === "start";
    return isStart && attempts === 0 && !this.#journal.isCommitted(id) && !this.#aheadOf.has(row);
  }

  /** Without a receiver it is written as it is, and its message is sent as any other. */
  async #lookAhead(id: string, row: OutboxRow): Promise<void> {
    const { state } = this.#journal;
    if (!state || row.message.to !== "node") return;
    const found = await this.#world.nodes?.locate(state.origin).catch(() => undefined);
    const isStaged = this.#journal.outbox.get(id) === row && !this.#journal.isCommitted(id);
    const entry = this.#unsent(row.message.key);
    const { state: now } = this.#journal;
    if (found?.ok && isStaged && entry && now && !isHeld(now))
      this.#beginSending(id, row, { entry, route: found.value });
  }

  async #start(id: string, row: OutboxRow, key: string): Promise<void> {
    const { state } = this.#journal;
    const before = this.#unsent(key);
    const { nodes } = this.#world;
    if (!state || !before) return this.#journal.acknowledge(id, row);
    const found = await nodes?.locate(state.origin);
    const entry = this.#unsent(key);
    if (!entry) return this.#journal.acknowledge(id, row);
    if (this.#journal.state && isHeld(this.#journal.state)) return;
    if (!found?.ok) return this.#notLocated(entry, found ?? NO_NODES);
    this.#beginSending(id, row, { entry, route: found.value });
    await this.#journal.flush();
    this.sendCommitted();
  }

  /** The log says so from here on; nothing leaves before that is on disk. */
  #beginSending(id: string, row: OutboxRow, { route, entry }: Pick<Leaving, "route" | "entry">): void {
    const { key, attempt } = entry;
    const named = route.instance === undefined ? {} : { instance: route.instance };
    const begun = this.#journal.dispatch({ type: "begin_sending", key, attempt, ...named }, "system");
    this.#journal.acknowledge(id, row);
    const seq = this.#journal.state?.seq ?? 0;
    if (begun.ok) this.#leaving = [...this.#leaving, { route, entry, seq }];
  }

  /** Hands over what the log on disk says is on its way. */
  sendCommitted(): void {
    const { seq: written = 0 } = this.#journal.committed ?? {};
    const ready = this.#leaving.filter(({ seq }) => seq <= written);
    if (ready.length === 0) return;
    this.#leaving = this.#leaving.filter(({ seq }) => seq > written);
    for (const { route, entry } of ready) if (this.#isOnItsWay(entry)) void this.#handOver(route, entry);
  }

  /** What of this key may be sent now; nothing when it was sent, or is not needed any more. */
  #unsent(key: string): OpenExternal | undefined {
    const { state } = this.#journal;
    const entry = this.#journal.index().entries.get(key);
    const isOpen = isOpenExternal(entry) && entry.sent === undefined && !entry.withdrawn;
    return isOpen && state && !isTerminal(state.status) ? entry : undefined;
  }

  #isOnItsWay({ key, attempt }: OpenExternal): boolean {
    const { committed } = this.#journal;
    const entry = this.#journal.index().entries.get(key);
    const isOpen = isOpenExternal(entry) && entry.attempt === attempt && entry.sent === "sending" && !entry.withdrawn;
    return isOpen && committed !== undefined && !isTerminal(committed.status);
  }

  async #handOver(route: NodeRoute, entry: OpenExternal): Promise<void> {
    const { key, attempt, untilMs } = entry;
    const origin = this.#journal.state?.origin;
    if (!origin) return;
    const handover = { origin, key, attempt, token: attemptToken(entry), input: this.#inputOf(entry), untilMs };
    const sent = await route
      .send(handover)
      .catch((error: unknown): Sent => ({ how: "unknown", message: String(error) }));
    await this.#heard(entry, sent);
  }

  async #heard(entry: OpenExternal, sent: Sent): Promise<void> {
    const { key, attempt } = entry;
    switch (sent.how) {
      case "accepted":
        return this.#accepted(entry);
      case "finished": {
        const { usage } = sent;
        const paid = usage === undefined ? {} : { usage };
        const outcome = await this.#rowOf(entry, sent.outcome);
        return this.#finish({ type: "finish_external", of: { key, attempt }, outcome, ...paid });
      }
      case "unreached":
        return this.#write({ type: "note_sent", key, attempt, unsent: this.#later(entry, sent.message) });
      case "unknown":
        return this.#world.log("warn", "what came of a call of a remote agent is not known: its report is awaited", {
          execution_id: this.#journal.state?.origin.id,
          key,
          error: sent.message,
        });
    }
  }

  /** What is larger than a row is put into the file store. */
  async #rowOf({ key, attempt }: OpenExternal, outcome: Outcome): Promise<Outcome> {
    if (!outcome.ok) return outcome;
    const text = JSON.stringify(outcome.value);
    const { origin } = this.#journal.state ?? {};
    if (fitsRow(text) || !origin) return outcome;
    const bytes = new TextEncoder().encode(text);
    const stored = { size: bytes.length, digest: this.#world.digest(text) };
    this.#write({ type: "store_external", of: { key, attempt }, digest: stored.digest });
    await this.#journal.flush();
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#world.writeFile(resultKey(origin), bytes);
        return { ok: true, value: null, stored };
      } catch (error) {
        if (tries < MOST_WRITES) continue;
        const message = `the result has ${stored.size} bytes, and the file store did not take it: ${String(error).slice(0, 200)}`;
        return { ok: false, error: entryError("value_too_large", message) };
      }
    }
  }

  #notLocated(entry: OpenExternal, refusal: Refusal): void {
    const { key, attempt } = entry;
    const { code, detail } = refusal;
    if (isForNow(code)) return this.#write({ type: "note_sent", key, attempt, unsent: this.#later(entry, detail) });
    const error = entryError(code === "not_found" ? "target_not_found" : "agent_error", detail, { code });
    this.#write({ type: "finish_external", of: { key, attempt }, outcome: { ok: false, error } });
  }

  #later({ failures }: OpenExternal, message: string) {
    const wait = backoffMs(DISPATCH_BACKOFF, failures + 1, this.#world.random());
    return { message: message.slice(0, 500), retryAtMs: this.#world.now() + wait };
  }

  /** An end that no row takes is an end all the same: left open, its report would be awaited, which does not come. */
  #finish(command: Parameters<Journal["dispatch"]>[0] & { readonly type: "finish_external" }): void {
    const written = this.#journal.dispatch(command, "system");
    if (!isUnwritable(written)) return this.#written();
    const { type, of } = command;
    const error = entryError(written.code, `what the node answered fits into no log: ${written.detail}`);
    this.#write({ type, of, outcome: { ok: false, error } });
  }

  /**
   * That it is awaited is in the log already, and the report that follows is written at once: an acceptance shares that commit. A crash
   * before it leaves what a cut connection leaves.
   */
  #accepted({ key, attempt }: OpenExternal): void {
    this.#journal.dispatch({ type: "note_sent", key, attempt }, "system");
    this.#journal.flushSoon();
  }

  #write(command: Parameters<Journal["dispatch"]>[0]): void {
    this.#journal.dispatch(command, "system");
    this.#written();
  }

  #written(): void {
    void this.#journal.flush();
    this.#onNews();
  }

  /** What the program asked, or what its execution was asked itself. A part of the event. */
  #inputOf({ startedSeq }: OpenExternal): Json {
    const asked = this.#journal.event(startedSeq);
    const given = asked?.type === "step.started" ? asked.data.input : undefined;
    return given ?? parsedInputOf(this.#journal) ?? sentInput(this.#journal.event(1));
  }
}

function reasonOf({ status }: ExecutionState): string {
  return isTerminal(status) ? `the execution is ${status}` : "it lost its race";
}

const NO_NODES: Refusal = { ok: false, code: "not_found", detail: "no remote agents are known here" };

function sentInput(created: Event | undefined): Json {
  return created?.type === "execution.created" ? created.data.input : null;
}
