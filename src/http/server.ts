/** The composition of the HTTP side: what every request passes, and the routes. Thin; what decides is in operations/. */
import { Hono } from "hono";
import { answerNotServed, guardOpenMode } from "./access.ts";
import { agentRoutes } from "./agents.ts";
import { answerProblem, problemOfThrown } from "./answer.ts";
import type { App, Services, Vars } from "./app.ts";
import { approvalRoutes } from "./approvals.ts";
import { controlRoutes } from "./control.ts";
import { answerOtherOrigins } from "./cors.ts";
import { discoveryRoutes } from "./discovery.ts";
import { docsRoutes } from "./docs.ts";
import { executionRoutes } from "./executions.ts";
import { fileRoutes } from "./files.ts";
import { operationsRoutes } from "./health.ts";
import { keyRoutes } from "./keys.ts";
import { logRoutes } from "./logs.ts";
import { memoryRoutes } from "./memory.ts";
import { memoryFeedRoutes } from "./memory-feed.ts";
import { nodeRoutes } from "./nodes.ts";
import { notFound } from "./not-found.ts";
import { readiness } from "./readiness.ts";
import { requestId } from "./request-id.ts";
import { restartRoutes } from "./restart.ts";
import { runListRoutes } from "./run-lists.ts";
import { runRoutes } from "./runs.ts";
import { streamRoutes } from "./streams.ts";
import { tenantRoutes } from "./tenants.ts";
import { tokenRoutes } from "./tokens.ts";

/** `log` hears of what goes wrong before there are services, which bring their own. */
export function createServer(servicesOf: (env: unknown) => Services, log: Services["log"] = () => {}): App {
  const app: App = new Hono<{ Variables: Vars }>();
  app.use("*", readiness(servicesOf, log));
  app.use("*", requestId);
  app.use("*", guardOpenMode);
  app.use("*", answerOtherOrigins);
  operationsRoutes(app);
  docsRoutes(app);
  agentRoutes(app);
  nodeRoutes(app);
  discoveryRoutes(app);
  runRoutes(app);
  runListRoutes(app);
  executionRoutes(app);
  fileRoutes(app);
  logRoutes(app);
  controlRoutes(app);
  restartRoutes(app);
  approvalRoutes(app);
  streamRoutes(app);
  memoryRoutes(app);
  memoryFeedRoutes(app);
  keyRoutes(app);
  tenantRoutes(app);
  tokenRoutes(app);
  app.notFound((c) => answerNotServed(c, notFound));
  app.onError((error, c) => answerProblem(c, problemOfThrown(error, c)));
  return app;
}
