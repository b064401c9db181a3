/**
 * An agent's memory of a session: read before a run, written after it, in the memory of the session that callers reach too
 * (docs/memory.md). A run is no worse for a memory that does not answer: it is told so, and goes on.
 */
import type { RememberedRun } from "../../domain/manifest/session-memory.ts";
import { NOTHING, remembering, SessionMemory } from "../../domain/manifest/session-memory.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import { isA } from "../../domain/values/thrown.ts";
import { StepError } from "../errors.ts";
import type { ProgramContext } from "../program-context.ts";

const SESSION = { scope: "session" } as const;

/** Most tries while other runs write between the look and the write. */
const MOST_TRIES = 20;

/** Whatever a caller has put there instead is no memory of ours. */
function memoryIn(found: Json | undefined): SessionMemory {
  return SessionMemory.safeParse(found).data ?? NOTHING;
}

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

  /** Writes over just what it has read: of runs that end at the same time each is kept. */
  async remember(run: RememberedRun): Promise<void> {
    const { sessionId: id } = this.#ctx;
    if (!this.isOn || id === undefined) return;
    await this.#unlessRefused(async () => {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const found = await this.#found();
        const data = toJson(remembering(memoryIn(found), run));
        const record = { scope: "session", id, key: this.#key } as const;
        if (await this.#ctx.records.write(record, { data, expects: found ?? null })) return;
      }
      this.fault = "the memory of the session: too many runs wrote to it at once, and this one is not remembered";
    });
  }

  async #read(): Promise<SessionMemory> {
    return memoryIn(await this.#found());
  }

  #found(): Promise<Json | undefined> {
    return this.#ctx.memory.get<Json>(this.#key, SESSION);
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
