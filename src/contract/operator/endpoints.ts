/** Endpoints that say how the deployment and its executions do. Those that are open say nothing about any user's work. */
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { answer, entry, V1 } from "../endpoint-parts.ts";
import { Home } from "../home.ts";
import { HealthBody, ReadyBody } from "../replies.ts";
import { MetricsBody, MetricsQuery } from "./figures.ts";
import { OverviewBody } from "./overview.ts";

export const OPERATIONS_ENDPOINTS = {
  home: endpoint({
    id: "home",
    method: "GET",
    path: "/",
    tag: "Operations",
    scope: "open",
    summary: "Where to go on: a page for people, JSON for a caller that takes no HTML",
    answers: { 200: answer("Addresses of this server", Home) },
    faults: [],
  }),
  health: endpoint({
    id: "health",
    method: "GET",
    path: "/health",
    tag: "Operations",
    scope: "open",
    summary: "Ready or not; with a key of scope admin also why, and how the deployment is set up",
    answers: { 200: answer("Ready", HealthBody), 503: answer("Not ready", HealthBody) },
    faults: [],
  }),
  healthV1: endpoint({
    id: "healthV1",
    method: "GET",
    path: `${V1}/health`,
    tag: "Operations",
    scope: "open",
    summary: "Ready or not; with a key of scope admin also why, and how the deployment is set up",
    answers: { 200: answer("Ready", HealthBody), 503: answer("Not ready", HealthBody) },
    faults: [],
  }),
  ready: endpoint({
    id: "ready",
    method: "GET",
    path: "/readyz",
    tag: "Operations",
    scope: "open",
    summary: "Whether requests may be sent here: 503 while the index or the encryption keys are not in order",
    answers: { 200: answer("Ready", ReadyBody), 503: answer("Not ready", ReadyBody) },
    faults: [],
  }),
  readyV1: endpoint({
    id: "readyV1",
    method: "GET",
    path: `${V1}/health/ready`,
    tag: "Operations",
    scope: "open",
    summary: "The same as /readyz",
    answers: { 200: answer("Ready", ReadyBody), 503: answer("Not ready", ReadyBody) },
    faults: [],
  }),
  prometheus: endpoint({
    id: "prometheus",
    method: "GET",
    path: "/metrics",
    tag: "Operations",
    scope: "open",
    summary:
      "Whether the deployment is ready, in Prometheus' text format; with a key of scope admin how full the index is, and the tenant's executions of 24 hours",
    answers: { 200: { ...answer("Metrics", z.string()), media: "text/plain" } },
    faults: [],
  }),
  metrics: endpoint({
    id: "metrics",
    method: "GET",
    path: `${V1}/metrics`,
    tag: "Operations",
    scope: "read",
    summary:
      "Success rate, durations, tokens and cost by target and day: of your executions; for an administrator the tenant's",
    query: MetricsQuery,
    answers: { 200: answer("The figures of the newest 10,000 executions of the span", MetricsBody) },
    faults: [...entry, "invalid_input"],
  }),
  operations: endpoint({
    id: "operations",
    method: "GET",
    path: `${V1}/operations`,
    tag: "Operations",
    scope: "admin",
    summary:
      "How far the index is behind, what is overdue or stands still, dead letters, and what the sweeper did last",
    answers: { 200: answer("How it does", OverviewBody) },
    faults: entry,
  }),
  openapi: endpoint({
    id: "openapi",
    method: "GET",
    path: `${V1}/openapi.json`,
    tag: "Operations",
    scope: "open",
    summary: "This description",
    answers: { 200: answer("OpenAPI 3.1", z.record(z.string(), z.unknown())) },
    faults: [],
  }),
  docs: endpoint({
    id: "docs",
    method: "GET",
    path: "/docs",
    tag: "Operations",
    scope: "open",
    summary: "The same description as a page for people; with a curl for each target; each fault has its anchor there",
    answers: { 200: { ...answer("A page that loads nothing from anywhere", z.string()), media: "text/html" } },
    faults: [],
  }),
} as const;
