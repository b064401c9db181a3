/** What every route sees: the services behind it, and who calls. */
import type { Context, Hono } from "hono";
import type { Caller } from "../domain/caller.ts";
import type { Approvals } from "../operations/approvals.ts";
import type { Executions } from "../operations/executions.ts";
import type { Catalog, ExecutionDoor, Registry } from "../operations/ports.ts";

export interface Services {
  readonly executions: Executions;
  readonly approvals: Approvals;
  readonly door: ExecutionDoor;
  readonly catalog: Catalog;
  readonly registry: Registry;
  readonly mode: "open" | "keys";
  readonly model: "scripted" | "anthropic";
  readonly version: string;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
  readonly newRequestId: () => string;
}

export interface Vars {
  requestId: string;
  caller: Caller;
  services: Services;
}
export type App = Hono<{ Variables: Vars }>;
export type C = Context<{ Variables: Vars }>;
