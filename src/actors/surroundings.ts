import type { Tombstone } from "../domain/read-models/tombstone.ts";
import type { Result } from "../domain/values/fault.ts";
import type { Limits } from "../domain/values/limits.ts";
import type { Timing } from "../engine/ports.ts";
import type { ExecutionClient } from "../operations/ports.ts";
import type { Vault } from "../vault/vault.ts";
import type { QueueReports } from "./executions/place-in-queue.ts";
import type { ProgramWatch } from "./executions/watched-programs.ts";
import type { PlatformWorld } from "./platform/world.ts";
import type { AskKey } from "./sockets/keys-in-force.ts";

/** What the composition root knows and the actor does not. */
export interface ExecutionSurroundings<Env> {
  readonly timing: (env: Env) => Timing;
  readonly watch: (env: Env) => ProgramWatch;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
  readonly world: (env: Env, executionId: string) => PlatformWorld;
  /** The way to the parent that a start names. */
  readonly dispatch: (env: Env) => ExecutionClient["dispatch"];
  /** What seals its rows; a refusal says what is wrong with the configured keys. */
  readonly vault: (env: Env) => Result<Vault>;
  /** What the index knows of an execution whose object is gone; rejects while it does not answer. */
  readonly tombstone: (env: Env, tenant: string, id: string) => Promise<Tombstone | undefined>;
  readonly limits: (env: Env) => Limits;
  /** Where an execution stands that waits for a slot. */
  readonly queueReport: QueueReports<Env>;
  /** Whether the keys of its readers are in force. */
  readonly askKey: (env: Env) => AskKey;
}
