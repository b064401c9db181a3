/** Presence of nodes: what a heartbeat costs, when a silent node is asked, and what a restart takes away. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { directoryName } from "../../src/actors/rpc/directory-name.ts";
import type { Registration } from "../../src/domain/node/node.ts";
import type { NodeRegistry } from "../../src/operations/nodes/ports.ts";
import { meterObjects, peekCounted } from "../support/billing/meter.ts";
import { FakeNetwork } from "../support/nodes/fake-node.ts";
import { call } from "../support/workers/modes.ts";

/** So far ahead that no alarm comes by itself. */
const START = Date.UTC(2050, 0, 1);
let network = new FakeNetwork();
/** The directory of the tenant that open mode acts for. */
const directory = () => {
  const { NODES: nodes } = env;
  if (!nodes) throw new Error("the directory of nodes is not bound");
  return nodes.get(nodes.idFromName(directoryName("local")));
};
const at = (seconds: number) => vi.setSystemTime(START + seconds * 1_000);
const look = () => runDurableObjectAlarm(directory());
const nodeOf = async (id: string) => (await call("GET", `/api/v1/nodes/${id}`)).body;
const healthOf = async (id: string) => (await nodeOf(id)).health_status;

beforeEach(() => {
  network = new FakeNetwork();
  vi.useFakeTimers({ toFake: ["Date"] });
  at(0);
  vi.spyOn(globalThis, "fetch").mockImplementation(network.fetch);
});
afterEach(async () => {
  const { nodes } = (await call("GET", "/api/v1/nodes?show_all=true")).body as unknown as { nodes: { id: string }[] };
  for (const { id } of nodes) await call("DELETE", `/api/v1/nodes/${id}`);
  // Without nodes the alarm that still stands is the last one.
  await look();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("10,000 heartbeats of nodes that flap write nothing, and one look writes what is so then", async () => {
  const ids = ["busy-1", "busy-2", "busy-3"];
  for (const id of ids) await network.add({ id, sdk: "python" }).start(call);
  const written = await runInDurableObject(directory(), async (instance, state) => {
    meterObjects(state.storage);
    const actor = instance as unknown as NodeRegistry;
    const caller = { tenant: "local", subject: "local", scopes: ["admin" as const] };
    const before = peekCounted();
    for (let count = 0; count < 10_000; count += 1) {
      const lifecycle = (["ready", "degraded", "offline", undefined] as const)[count % 4];
      const beat = { lifecycle, healthScore: count % 101, instanceId: `instance-${count}` };
      const heard = await actor.hear(caller, ids[count % 3] ?? "", { version: "1.0.0", beat });
      if (!heard.ok) throw new Error(heard.detail);
    }
    const after = peekCounted();
    return { rows: after.rowsWritten - before.rowsWritten, alarms: after.alarms - before.alarms };
  });
  // The alarm stands since the first registration.
  expect(written).toEqual({ rows: 0, alarms: 0 });
  const before = peekCounted();
  await look();
  expect(peekCounted().rowsWritten - before.rowsWritten).toBe(3);
});

test("a node that registers again with the same words costs no write", async () => {
  const node = network.add({ id: "again" });
  await node.start(call);
  await look();
  const before = await runInDurableObject(directory(), (_instance, { storage }) => {
    meterObjects(storage);
    return peekCounted();
  });
  for (let count = 0; count < 20; count += 1)
    expect(
      (await call("POST", "/api/v1/nodes/register", { ...node.registration, lifecycle_status: "ready" })).status,
    ).toBe(201);
  expect(peekCounted().rowsWritten - before.rowsWritten).toBe(0);
});

test("a node that sends heartbeats is never asked; a silent one is, and answers", async () => {
  const node = network.add({ id: "silent" });
  await node.start(call);
  for (const seconds of [30, 60, 90]) {
    at(seconds);
    await node.beat(call);
    await look();
  }
  expect(node.looks).toBe(0);
  at(136);
  await look();
  expect([node.looks, await healthOf("silent")]).toEqual([1, "active"]);
});

test("three looks without an answer make it inactive, and its next heartbeat makes it active", async () => {
  const node = network.add({ id: "lost" });
  await node.start(call);
  node.serving = false;
  const seen: unknown[] = [];
  for (const seconds of [46, 57, 68]) {
    at(seconds);
    await look();
    seen.push(await healthOf("lost"));
  }
  expect(seen).toEqual(["active", "active", "inactive"]);
  await node.beat(call);
  expect(await healthOf("lost")).toBe("active");
});

test("an inactive node is asked on, and is active once it answers", async () => {
  const node = network.add({ id: "back" });
  await node.start(call);
  node.serving = false;
  for (const seconds of [46, 57, 68]) {
    at(seconds);
    await look();
  }
  node.serving = true;
  at(100);
  await look();
  expect(node.looks).toBe(0);
  at(129);
  await look();
  expect([node.looks, await healthOf("back")]).toEqual([1, "active"]);
});

test("another node at the address is no answer, and neither is an error", async () => {
  const taken = network.add({ id: "taken" });
  await taken.start(call);
  taken.statusId = "somebody-else";
  for (const seconds of [46, 57, 68]) {
    at(seconds);
    await look();
  }
  expect([taken.looks, await healthOf("taken")]).toEqual([3, "inactive"]);
});

test("what is heard while a look is under way counts, and not the look", async () => {
  const node = network.add({ id: "slow" });
  await node.start(call);
  at(46);
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    await node.beat(call, "degraded");
    throw new TypeError("refused");
  });
  await look();
  await abortAllDurableObjects();
  expect(await nodeOf("slow")).toMatchObject({ health_status: "degraded", lifecycle_status: "degraded" });
});

test("a serverless node and one whose looks were ended are never asked", async () => {
  const serverless = network.add({ id: "serverless" });
  await call("POST", "/api/v1/nodes/register-serverless", { invocation_url: serverless.baseUrl });
  const unwatched = network.add({ id: "unwatched" });
  await unwatched.start(call);
  expect((await call("DELETE", "/api/v1/nodes/unwatched/monitoring")).body).toMatchObject({ success: true });
  at(200);
  await look();
  expect([serverless.looks, unwatched.looks]).toEqual([0, 0]);
  // Its own time to live is over: nothing was heard of it.
  at(301);
  expect([await healthOf("serverless"), await healthOf("unwatched")]).toEqual(["active", "inactive"]);
});

test("after a death of the process nodes are known, and count as there until they have been asked", async () => {
  const [here, gone] = [network.add({ id: "here" }), network.add({ id: "gone" })];
  for (const node of [here, gone]) await node.start(call);
  gone.serving = false;
  await abortAllDurableObjects();
  // An hour without this process: no node could be heard.
  at(3_600);
  expect([await healthOf("here"), await healthOf("gone")]).toEqual(["active", "active"]);
  for (const seconds of [3_601, 3_612, 3_623]) {
    at(seconds);
    await look();
  }
  expect([await healthOf("here"), await healthOf("gone")]).toEqual(["active", "inactive"]);
  await abortAllDurableObjects();
  expect(await healthOf("gone")).toBe("inactive");
});

test("the alarm stands while a node is there, once a half minute at most, and ends with the last node", async () => {
  const alarm = () => runInDurableObject(directory(), (_instance, { storage }) => storage.getAlarm());
  const node = network.add({ id: "alarmed" });
  await node.start(call);
  expect(await alarm()).toBe(START + 45_000);
  await look();
  expect(await alarm()).toBe(START + 45_000);
  at(44);
  await look();
  expect(await alarm()).toBe(START + 74_000);
  await call("DELETE", "/api/v1/nodes/alarmed");
  await look();
  expect(await alarm()).toBeNull();
});

test("a method refuses a caller of another tenant than the object's", async () => {
  await network.add({ id: "own" }).start(call);
  const foreign = { tenant: "rival", subject: "local", scopes: ["admin" as const] };
  const stub = directory() as unknown as NodeRegistry;
  expect(await stub.one(foreign, "own")).toMatchObject({ ok: false, code: "not_found" });
  expect(await stub.register(foreign, {} as Registration)).toMatchObject({ ok: false, code: "not_found" });
});
