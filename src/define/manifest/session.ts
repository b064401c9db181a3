/**
 * An agent's memory of a session: read before a run, written after it, in the memory of the session that callers reach too
 * (docs/memory.md). A run is no worse for a memory that does not answer: it is told so, and goes on.
 */
import type { RememberedRun } from "../../domain/manifest/session-memory.ts";
import { NOTHING, remembering, SessionMemory } from "../../domain/manifest/session-memory.ts";
import { isA } from "../../domain/values/thrown.ts";
import { StepError } from "../errors.ts";
import type { ProgramContext } from "../program-context.ts";

const SESSION = { scope: "session" } as const;

/** Of one run. `fault`: why it knows nothing, or is not remembered. */
export class SessionOf {
  readonly #ctx: ProgramContext;
  readonly #key: string;
  readonly isOn: boolean;
  fault: string | undefined;

  /** `isAsked`: the run is to remember. Without a session there is nothing to remember by. */
  constructor(ctx: ProgramContext, agent: string, isAsked: boolean) {
    this.#ctx = ctx;
    this.#key = `agents/${agent}`;
    this.isOn = isAsked && ctx.sessionId !== undefined;
  }

  /** What the runs before this one left. */
  async recall(): Promise<SessionMemory> {
    if (!this.isOn) return NOTHING;
    return (await this.#unlessRefused(() => this.#read())) ?? NOTHING;
  }

  /** Reads anew: what a run that began later has written by now is kept. Of two that write at the same time one may be lost. */
  async remember(run: RememberedRun): Promise<void> {
    if (!this.isOn) return;
    await this.#unlessRefused(async () => {
      const before = await this.#read();
      await this.#ctx.memory.set(this.#key, remembering(before, run), SESSION);
    });
  }

  async #read(): Promise<SessionMemory> {
    // Whatever a caller has put there instead is no memory of ours.
    return SessionMemory.safeParse(await this.#ctx.memory.get(this.#key, SESSION)).data ?? NOTHING;
  }

  async #unlessRefused<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      if (!isA(error, StepError) || error.code !== "memory_refused") throw error;
      this.fault = `the memory of the session: ${error.message}`;
      return undefined;
    }
  }
}
