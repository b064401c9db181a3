/** A log that grows by commands, as the journal grows it, without a store: for tests of the domain alone. */
import type { Command } from "../../src/domain/command.ts";
import { consequencesOf } from "../../src/domain/consequences.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Decided } from "../../src/domain/decided.ts";
import type { Outcome } from "../../src/domain/entry.ts";
import type { EntryIndex } from "../../src/domain/entry-index.ts";
import { emptyIndex, foldEntry } from "../../src/domain/entry-index.ts";
import { valueIn, valueSeqOf } from "../../src/domain/entry-value.ts";
import type { Event, Origin } from "../../src/domain/event.ts";
import { evolve } from "../../src/domain/evolve.ts";
import { gateChangeOf } from "../../src/domain/evolve-gate.ts";
import type { OpenGate } from "../../src/domain/gate.ts";
import { changeGates, openGatesOf } from "../../src/domain/gate.ts";
import type { InvariantReport } from "../../src/domain/invariants.ts";
import { checkInvariants } from "../../src/domain/invariants.ts";
import type { Offer } from "../../src/domain/offer.ts";
import { filledOffer, offersOf } from "../../src/domain/reuse.ts";
import type { ExecutionState } from "../../src/domain/state.ts";
import { outlivesEnd } from "../../src/domain/timer.ts";

export const ORIGIN: Origin = {
  id: "exec_1",
  tenant: "t",
  owner: "ann",
  agent: "a",
  fn: "f",
  kind: "reasoner",
  version: "1",
  runId: "run",
  owned: false,
  digest: "d",
  limits: {},
  timeoutMs: 1_000_000,
};

/** One log in memory with a clock in the hand: decide, stamp, fold; nothing else of the engine. */
export class Log {
  readonly events: Event[] = [];
  readonly index: EntryIndex = emptyIndex();
  readonly timers = new Map<string, number>();
  readonly gates = new Map<string, OpenGate>();
  state: ExecutionState | undefined;
  now = 1_000;

  /** The events a command added, as types; the refusal's code when it was refused. */
  tell(...commands: readonly Command[]): string[] {
    return commands.flatMap((command) => {
      const decided = this.dispatch(command);
      return decided.ok ? decided.events.map(({ type }) => type) : [decided.code];
    });
  }

  dispatch(command: Command): Decided {
    const decided = decide(
      { state: this.state, index: () => this.index, gates: openGatesOf(this.gates) },
      command,
      this.now,
    );
    if (!decided.ok) return decided;
    for (const event of decided.events) {
      const seq = this.events.length + 1;
      this.#append({ ...event, seq, atMs: this.now, actor: "test", v: 1 } as Event);
    }
    return decided;
  }

  #append(event: Event): void {
    const before = this.state;
    const after = evolve(before, event);
    if (!after) throw new Error(`${event.type} cannot be the first event`);
    this.state = after;
    this.events.push(event);
    foldEntry(this.index, event);
    const { setTimers, clearTimers } = consequencesOf(event, {
      ...{ before, after, index: () => this.index, gates: openGatesOf(this.gates) },
    });
    changeGates(this.gates, gateChangeOf(event, after));
    const ending = () => [...this.timers.keys()].filter((name) => !outlivesEnd(name));
    for (const name of clearTimers === "all" ? ending() : clearTimers) this.timers.delete(name);
    for (const { name, atMs } of setTimers) this.timers.set(name, atMs);
  }

  /** What an entry ended with. */
  outcome(key: string): Outcome | undefined {
    const entry = this.index.entries.get(key);
    const seq = entry && valueSeqOf(entry);
    const event = seq === undefined ? undefined : this.events[seq - 1];
    return event && valueIn(event, key)?.outcome;
  }

  /** What it offers to an execution that follows it. */
  offers(rule: Parameters<typeof offersOf>[1]): Offer[] {
    return offersOf(this.index, rule).map((place) => filledOffer(place, (seq) => this.events[seq - 1]));
  }

  /** `digest`: the one that this log's digests were made with, where they are no made-up words. */
  check(digest?: (text: string) => string): InvariantReport[] {
    const { events, state, timers, now } = this;
    if (!state) return [];
    const gates = [...this.gates.values()];
    const beside = { timers, gates, outbox: new Map(), chain: { ok: true, head: "" } as const };
    return checkInvariants({ events, state, now, alarmAtMs: now, ...beside, ...(digest ? { digest } : {}) });
  }

  violations(): string[] {
    return this.check().flatMap(({ promise, verdict, detail }) =>
      verdict === "violated" ? [`${promise}: ${detail}`] : [],
    );
  }
}

/** An execution that runs, with these limits or other words about itself. */
export function running(origin: Partial<Origin> = {}): Log {
  const log = new Log();
  log.tell({ type: "create", origin: { ...ORIGIN, ...origin }, input: null }, { type: "begin" });
  return log;
}
