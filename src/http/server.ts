/** The composition of the HTTP side: what every request passes, and the routes. Thin; what decides is in operations/. */
import { Hono } from "hono";
import { identify } from "./access.ts";
import { agentRoutes } from "./agents.ts";
import { answerProblem, problemOfThrown } from "./answer.ts";
import type { App, Services, Vars } from "./app.ts";
import { approvalRoutes } from "./approvals.ts";
import { controlRoutes } from "./control.ts";
import { executionRoutes } from "./executions.ts";
import { operationsRoutes } from "./health.ts";
import { notFound } from "./not-found.ts";
import { requestId } from "./request-id.ts";
import { streamRoutes } from "./streams.ts";

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
