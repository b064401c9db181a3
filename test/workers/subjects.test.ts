/** Subjects in any script: a subject is sent on, in a header, with every upgrade request. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

test.each(["ann", "é%41", "日本", "Łukasz 🦊"])("the streams of %s open", async (subject) => {
  const { key } = await server.newKey({ subject, scopes: ["read", "execute"], tenant: "acme-subjects" });
  const id = await server.start(key, "clock.remind", { message: "x", seconds: 3_600 });
  const paths = [
    `/api/v1/executions/${id}/stream`,
    `/api/executions/${id}/stream`,
    "/api/v1/feed",
    "/api/v1/memory/events/ws?scope=global",
    "/api/v1/memory/events/ws",
  ];
  const statuses: Record<string, number> = {};
  for (const path of paths)
    statuses[path] = (await server.call("GET", path, { key, headers: { upgrade: "websocket" } })).status;
  expect(statuses).toEqual(Object.fromEntries(paths.map((path) => [path, 101])));
});
