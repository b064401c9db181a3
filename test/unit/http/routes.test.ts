import { expect, test } from "vitest";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../../src/contract/endpoints.ts";
import { honoPath } from "../../../src/http/access/route.ts";
import { createServer } from "../../../src/http/server.ts";

const rows = Object.values(ENDPOINTS) as readonly Endpoint[];

test("the server answers every row of the endpoint table and nothing else: what is not in it has no scope", () => {
  const app = createServer(() => {
    throw new Error("nobody calls here");
  });
  const served = app.routes.filter(({ path }) => path !== "/*").map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(served)].sort()).toEqual(rows.map(({ method, path }) => `${method} ${honoPath(path)}`).sort());
});

test("only what says nothing about anybody's work is answered without a key", () => {
  const open = rows.filter(({ scope }) => scope === "open").map(({ id }) => id);
  expect(open).toEqual(["home", "health", "healthV1", "ready", "readyV1", "prometheus", "openapi", "docs"]);
});
