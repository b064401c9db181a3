/**
 * Approvals that a program opens. One under an id that its author chose is claimed in the index first, so that the id leads to
 * this execution and to no other; until then nothing is written. Used by `works.ts`.
 */

import type { OpenApprovalCommand } from "../../domain/execution/approval-command.ts";
import type { EntryError } from "../../domain/execution/entry.ts";
import { entryError } from "../../domain/execution/entry.ts";
import { isErrorCode } from "../../domain/execution/error-code.ts";
import { isUnwritable } from "../../domain/execution/event-text.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { backoffMs, CALL_BACKOFF } from "../../domain/values/backoff.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { FAULTS, refuse } from "../../domain/values/fault.ts";
import type { Journal } from "../journal/journal.ts";
import type { ClaimedApproval, World } from "../ports.ts";
import { traceOf } from "../trace.ts";
import type { StartThunk } from "./activity.ts";
import { intend } from "./intend.ts";

/** Ids that this execution makes belong to no other execution. */
const OWN = /^gate_/;

export class Approvals {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #onDone: () => void;
  readonly #claiming = new Set<string>();

  constructor(journal: Journal, world: World, onDone: () => void) {
    this.#journal = journal;
    this.#world = world;
    this.#onDone = onDone;
  }

  /** How many claims are under way. */
  get claiming(): number {
    return this.#claiming.size;
  }

  has(key: string): boolean {
    return this.#claiming.has(key);
  }

  open(command: OpenApprovalCommand): StartThunk | undefined {
    if (OWN.test(command.gateId)) {
      this.#stage(command);
      return undefined;
    }
    this.#claiming.add(command.key);
    return () => this.#claim(command, 1);
  }

  #claim(command: OpenApprovalCommand, attempt: number): void {
    this.#claimed(command, attempt).catch((error: unknown) => {
      const { key } = command;
      this.#world.log("error", "what came of a claim could not be written", { key, stack: traceOf(error) });
    });
  }

  async #claimed(command: OpenApprovalCommand, attempt: number): Promise<void> {
    const { state } = this.#journal;
    if (!state || isTerminal(state.status)) return this.#done(command.key);
    const claimed: Result<ClaimedApproval> = await this.#world
      .claimApproval(state.origin, command.gateId)
      .catch((error: unknown) => refuse("unavailable", String(error)));
    if (!claimed.ok && FAULTS[claimed.code].retryable) return this.#later(command, attempt);
    if (!claimed.ok) this.#refused(command, claimed);
    else {
      const { untilMs, reasked } = claimed.value;
      const again = reasked ? { reasked } : {};
      // Too late for the claim, or held meanwhile: it is asked again, now or when the execution goes on.
      this.#stage({ ...command, claimedUntilMs: untilMs, ...again });
    }
    await this.#journal.flush();
    this.#done(command.key);
  }

  #later(command: OpenApprovalCommand, attempt: number): void {
    this.#world.later(backoffMs(CALL_BACKOFF, attempt, 0), () => this.#claim(command, attempt + 1));
  }

  #stage(command: OpenApprovalCommand): void {
    const decided = intend(this.#journal, "gate", command);
    // Held, or over: it is asked again. What does not fit the log was answered.
    const isOver = decided.ok || decided.code === "invalid_state" || decided.code === "unavailable";
    if (!isOver && !isUnwritable(decided)) this.#refused(command, decided);
  }

  /** The program hears that no person can be asked like this. */
  #refused({ key, name }: OpenApprovalCommand, { code, detail }: Refusal): void {
    const outcome = { ok: false, error: refusedAs(code, detail) } as const;
    this.#journal.dispatch({ type: "finish_entry", key, kind: "gate", name, attempt: 1, outcome }, "system");
  }

  #done(key: string): void {
    this.#claiming.delete(key);
    this.#onDone();
  }
}

/** A refusal that no program is meant to hear (a deployment that cannot serve) is an error of ours to it. */
function refusedAs(code: Refusal["code"], detail: string): EntryError {
  return isErrorCode(code) ? entryError(code, detail) : entryError("internal_error", detail, { code });
}
