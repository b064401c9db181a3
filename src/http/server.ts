/** The composition of the HTTP side: what every request passes, and the routes. Thin; what decides is in operations/. */
import { Hono } from "hono";
import { guardOpenMode, refuseStranger } from "./access.ts";
import { agentRoutes } from "./agents.ts";
import { answerProblem, problemOfThrown } from "./answer.ts";
import type { App, Services, Vars } from "./app.ts";
import { approvalRoutes } from "./approvals.ts";
import { controlRoutes } from "./control.ts";
import { conversationRoutes } from "./conversation.ts";
import { docsRoutes } from "./docs.ts";
import { executionRoutes } from "./executions.ts";
import { fileRoutes } from "./files.ts";
import { operationsRoutes } from "./health.ts";
import { keyRoutes } from "./keys.ts";
import { notFound } from "./not-found.ts";
import { requestId } from "./request-id.ts";
import { restartRoutes } from "./restart.ts";
import { runListRoutes } from "./run-lists.ts";
import { runRoutes } from "./runs.ts";
import { streamRoutes } from "./streams.ts";
import { tenantRoutes } from "./tenants.ts";
import { tokenRoutes } from "./tokens.ts";

export function createServer(servicesOf: (env: unknown) => Services): App {
  const app: App = new Hono<{ Variables: Vars }>();
  app.use("*", requestId(servicesOf));
  app.use("*", guardOpenMode);
  operationsRoutes(app);
  docsRoutes(app);
  agentRoutes(app);
  runRoutes(app);
  runListRoutes(app);
  executionRoutes(app);
  fileRoutes(app);
  conversationRoutes(app);
  controlRoutes(app);
  restartRoutes(app);
  approvalRoutes(app);
  streamRoutes(app);
  keyRoutes(app);
  tenantRoutes(app);
  tokenRoutes(app);
  app.notFound(async (c) => (await refuseStranger(c)) ?? notFound(c));
  app.onError((error, c) => answerProblem(c, problemOfThrown(error, c)));
  return app;
}
