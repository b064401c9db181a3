/**
 * Tenants whose objects lie in one jurisdiction: all that a Worker makes for them it makes there. workerd has one place only, so each
 * namespace is a double that writes down where an object was asked for.
 */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { namespaceOf } from "../../src/actors/platform/jurisdiction.ts";
import { TenantId } from "../../src/domain/execution/key.ts";
import { eventually } from "../support/eventually.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const BINDINGS = ["EXECUTIONS", "PROJECTORS", "NODES", "SCHEDULES", "INTAKES", "MEMORIES", "LIMITERS"] as const;

/** The namespace, with a list of the places that objects were asked for in. */
function recording(namespace: DurableObjectNamespace, made: string[], place = "anywhere"): DurableObjectNamespace {
  const note = <T>(value: T): T => {
    made.push(place);
    return value;
  };
  const double: Partial<DurableObjectNamespace> = {
    newUniqueId: () => note(namespace.newUniqueId()),
    idFromName: (name) => note(namespace.idFromName(name)),
    idFromString: (id) => namespace.idFromString(id),
    get: (...asked) => namespace.get(...asked),
    jurisdiction: (jurisdiction) => recording(namespace, made, jurisdiction),
  };
  return double as DurableObjectNamespace;
}

/** Where each binding was asked for objects, by a tenant that uses all of them. */
async function placesOf(tenant: string): Promise<Record<string, string[]>> {
  const made = new Map(BINDINGS.map((name) => [name, [] as string[]]));
  const bindings = BINDINGS.map((name) => {
    const namespace = env[name];
    if (!namespace) throw new Error(`${name} is not bound`);
    return [name, recording(namespace, made.get(name) ?? [])] as const;
  });
  const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ...Object.fromEntries(bindings) });
  const { key } = await server.newKey({ subject: "ann", scopes: ["admin"], tenant });
  const call = async (what: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [method = "", path = ""] = what.split(" ");
    const answer = await server.call(method, path, { key, headers, ...(body === undefined ? {} : { body }) });
    expect([what, answer.status, answer.body.detail]).toEqual([
      what,
      expect.toSatisfy((code) => code < 300),
      answer.body.detail,
    ]);
    return answer.body;
  };
  const input = { message: "m", seconds: 0 };
  const ids = [
    (await call("POST /api/v1/execute/clock.remind", { input })).execution_id,
    (await call("POST /api/v1/execute/async/clock.remind", { input })).execution_id,
    (await call("POST /api/v1/execute/clock.remind", { input }, { "idempotency-key": "once" })).execution_id,
    (await call("POST /api/v1/execute/clock.remind", { input, id: `chosen_${tenant}` })).execution_id,
  ];
  for (const id of ids)
    await eventually(async () =>
      expect(await call(`GET /api/v1/executions/${id}`)).toMatchObject({ status: "succeeded" }),
    );
  await call("POST /api/v1/memory/set", { key: "k", data: 1, scope: "global" });
  expect(await call("POST /api/v1/memory/get", { key: "k", scope: "global" })).toMatchObject({ data: 1 });
  await call("POST /api/v1/schedules", { schedule_id: "s", target: "clock.remind", input, every: "1h" });
  await call("POST /api/v1/nodes/register", { id: "n", base_url: "https://agents.example.com", reasoners: [] });
  await call("GET /api/v1/nodes/n");
  await call("PUT /api/v1/queues/clock", { limit: 5 });
  await call("GET /api/v1/operations");
  return Object.fromEntries([...made].map(([name, places]) => [name, [...new Set(places)]]));
}

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

test.each([
  ["eu.jurisdiction", "eu"],
  ["us.jurisdiction", "us"],
  ["jurisdiction", "anywhere"],
])("objects of the tenant %s are made there: %s", async (tenant, place) => {
  expect(await placesOf(tenant)).toEqual(Object.fromEntries(BINDINGS.map((name) => [name, [place]])));
});

describe("a jurisdiction", () => {
  test("is told where tenants are listed", async () => {
    const { body } = await new Deployment().call("GET", "/api/v1/tenants?limit=200", { key: ROOT_KEY });
    expect(body.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ tenant: "eu.jurisdiction", jurisdiction: "eu" }),
        expect.objectContaining({ tenant: "jurisdiction", jurisdiction: null }),
      ]),
    );
  });

  test.each(["fedramp.acme", "eu.", "eu.eu.acme", ".acme", "acme.eu", "a.b", "EU.acme"])(
    "is one of those that there are: no tenant is called %s",
    (name) => expect(TenantId.safeParse(name).success).toBe(false),
  );

  test("that the platform refuses places nothing elsewhere; on one machine there is one place", () => {
    const failing = (message: string) =>
      ({
        jurisdiction: () => {
          throw new Error(message);
        },
      }) as unknown as DurableObjectNamespace;
    expect(() => namespaceOf(failing("this account has no such jurisdiction"), "eu.acme")).toThrow("no such");
    // What workerd itself says.
    const own = env.EXECUTIONS;
    expect(namespaceOf(own, "eu.acme").idFromName("a").toString()).toBe(own.idFromName("a").toString());
  });
});
