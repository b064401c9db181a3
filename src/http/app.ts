/** What every route sees: the services behind it, and who calls. */
import type { Context, Hono } from "hono";
import type { Caller } from "../domain/caller.ts";
import type { Approvals } from "../operations/approvals.ts";
import type { Executions } from "../operations/executions.ts";
import type { KeyHolder, KeyRing } from "../operations/key-ring.ts";
import type { Keys } from "../operations/keys.ts";
import type { Catalog, ExecutionDoor, Registry, RunRegistry } from "../operations/ports.ts";
import type { Runs } from "../operations/runs.ts";
import type { Sessions } from "../operations/sessions.ts";
import type { StreamTokens } from "../operations/tokens.ts";
import type { RateLimit } from "./rate-limit.ts";

/** Who may come in, and how often. */
export interface Access {
  readonly keyRing: KeyRing;
  readonly keys: Keys;
  readonly streamTokens: StreamTokens;
  readonly tokenSecret: () => Promise<string>;
  readonly rateLimit: RateLimit;
}

export interface Services {
  readonly executions: Executions;
  readonly approvals: Approvals;
  readonly door: ExecutionDoor;
  readonly catalog: Catalog;
  readonly registry: Registry;
  readonly runs: Runs;
  readonly sessions: Sessions;
  readonly runRegistry: RunRegistry;
  readonly feedShards: (tenant: string) => Promise<readonly WebSocket[]>;
  readonly access: Access;
  readonly mode: "open" | "keys";
  /** Who answers a turn that names no model. */
  readonly model: "scripted" | "anthropic" | "openai";
  readonly version: string;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
  readonly newRequestId: () => string;
}

export interface Vars {
  requestId: string;
  /** Set for every route but the open ones. */
  holder: KeyHolder;
  caller: Caller;
  services: Services;
}
export type App = Hono<{ Variables: Vars }>;
export type C = Context<{ Variables: Vars }>;
