/** The composition of the HTTP side: what every request passes, and the routes. Thin; what decides is in operations/. */
import { Hono } from "hono";
import type { Caller } from "../domain/caller.ts";
import type { Approvals } from "../operations/approvals.ts";
import type { Executions } from "../operations/executions.ts";
import type { Catalog, ExecutionDoor, Registry } from "../operations/ports.ts";
import { identify } from "./access.ts";
import { agentRoutes } from "./agents.ts";
import { answerProblem, problemOfThrown } from "./answer.ts";
import { approvalRoutes } from "./approvals.ts";
import { controlRoutes } from "./control.ts";
import { executionRoutes } from "./executions.ts";
import { operationsRoutes } from "./health.ts";
import { notFound } from "./not-found.ts";
import { requestId } from "./request-id.ts";
import { streamRoutes } from "./streams.ts";

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

export function createServer(servicesOf: (env: unknown) => Services): App {
  const app: App = new Hono<{ Variables: Vars }>();
  app.use("*", requestId(servicesOf));
  app.use("*", identify);
  operationsRoutes(app);
  agentRoutes(app);
  executionRoutes(app);
  controlRoutes(app);
  approvalRoutes(app);
  streamRoutes(app);
  app.notFound(notFound);
  app.onError((error, c) => answerProblem(c, problemOfThrown(error, c)));
  return app;
}
