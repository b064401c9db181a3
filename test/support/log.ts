/** A log that grows by commands, as the journal grows it, without a store: for tests of the domain alone. */
import { decide } from "../../src/domain/decide/decide.ts";
import type { Decided } from "../../src/domain/decide/decided.ts";
import type { OpenApproval } from "../../src/domain/execution/approval.ts";
import { changeApprovals, openApprovalsOf } from "../../src/domain/execution/approval.ts";
import type { Command } from "../../src/domain/execution/command.ts";
import type { Outcome } from "../../src/domain/execution/entry.ts";
import { valueIn, valueSeqOf } from "../../src/domain/execution/entry-value.ts";
import type { Event } from "../../src/domain/execution/event.ts";
import type { Origin } from "../../src/domain/execution/origin.ts";
import type { ReusableResult } from "../../src/domain/execution/reusable-result.ts";
import type { ExecutionState } from "../../src/domain/execution/state.ts";
import { outlivesEnd } from "../../src/domain/execution/timer.ts";
import { approvalChangeOf } from "../../src/domain/fold/approval.ts";
import type { EntryIndex } from "../../src/domain/fold/entry-index.ts";
import { emptyIndex, foldEntry } from "../../src/domain/fold/entry-index.ts";
import { evolve } from "../../src/domain/fold/evolve.ts";
import { reactionsOf } from "../../src/domain/fold/reactions.ts";
import { filledResult, reusableOf } from "../../src/domain/fold/reuse.ts";
import type { InvariantReport } from "../../src/domain/invariants/invariants.ts";
import { checkInvariants } from "../../src/domain/invariants/invariants.ts";

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
  readonly gates = new Map<string, OpenApproval>();
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
      { state: this.state, index: () => this.index, approvals: openApprovalsOf(this.gates) },
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
    const { setTimers, clearTimers } = reactionsOf(event, {
      ...{ before, after, index: () => this.index, approvals: openApprovalsOf(this.gates) },
    });
    changeApprovals(this.gates, approvalChangeOf(event, after));
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
  offers(rule: Parameters<typeof reusableOf>[1]): ReusableResult[] {
    return reusableOf(this.index, rule).map((place) => filledResult(place, (seq) => this.events[seq - 1]));
  }

  /** `digest`: the one that this log's digests were made with, where they are no made-up words. */
  check(digest?: (text: string) => string): InvariantReport[] {
    const { events, state, timers, now } = this;
    if (!state) return [];
    const gates = [...this.gates.values()];
    const beside = { timers, approvals: gates, outbox: new Map(), chain: { ok: true, head: "" } as const };
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
