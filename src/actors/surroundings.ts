import type { Result } from "../domain/fault.ts";
import type { Limits } from "../domain/limits.ts";
import type { Tombstone } from "../domain/tombstone.ts";
import type { Tempo } from "../engine/ports.ts";
import type { ExecutionDoor } from "../operations/ports.ts";
import type { Vault } from "../vault/vault.ts";
import type { PlatformWorld } from "./doors/world.ts";
import type { AskKey } from "./parts/keys-in-force.ts";
import type { ProgramWatch } from "./parts/watched-programs.ts";

/** What the composition root knows and the actor does not. */
export interface ExecutionSurroundings<Env> {
  readonly tempo: (env: Env) => Tempo;
  readonly watch: (env: Env) => ProgramWatch;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
  readonly world: (env: Env, executionId: string) => PlatformWorld;
  /** The way to the parent that a start names. */
  readonly tell: (env: Env) => ExecutionDoor["tell"];
  /** What seals its rows; a refusal says what is wrong with the configured keys. */
  readonly vault: (env: Env) => Result<Vault>;
  /** What the index knows of an execution whose object is gone; rejects while it does not answer. */
  readonly tombstone: (env: Env, tenant: string, id: string) => Promise<Tombstone | undefined>;
  readonly limits: (env: Env) => Limits;
  /** Whether the keys of its readers are in force. */
  readonly askKey: (env: Env) => AskKey;
}
