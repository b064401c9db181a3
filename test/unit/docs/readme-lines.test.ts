/** The program of README, run in the engine against a bank that is a stand-in for `fetch`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { AgentDefinition } from "../../../src/define/agent.ts";
import { blocksOf, ROOT as REPOSITORY } from "../../support/docs/blocks.ts";
import type { Person } from "../../support/simulator/sim-world.ts";
import { SimWorld } from "../../support/simulator/sim-world.ts";
import { run, types } from "../../support/simulator/small-world.ts";

// Below the repository: there the packages are found.
mkdirSync(join(REPOSITORY, "dist"), { recursive: true });
const folder = mkdtempSync(join(REPOSITORY, "dist/readme-"));
let shop: AgentDefinition;

beforeAll(async () => {
  const [lines] = blocksOf("README.md").filter(({ language }) => language === "ts");
  const entry = JSON.stringify(join(REPOSITORY, "src/define/index.ts"));
  const path = join(folder, "lines.ts");
  writeFileSync(path, (lines?.text ?? "").replace('"errand"', entry));
  ({ shop } = (await import(/* @vite-ignore */ path)) as { shop: AgentDefinition });
});
afterEach(() => vi.unstubAllGlobals());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Charge {
  readonly url: string;
  readonly key: string | null;
  readonly body: unknown;
}

/** Refuses so many charges with 500, then takes them. */
function bankThatRefuses(times: number): Charge[] {
  const charges: Charge[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const request = new Request(url, init);
    charges.push({ url, key: request.headers.get("idempotency-key"), body: await request.json() });
    return charges.length <= times ? new Response("busy", { status: 500 }) : new Response("receipt-1");
  });
  return charges;
}

const decides =
  (decision: "approved" | "rejected"): Person =>
  (world) =>
    [...world.stores].flatMap(([id, { view }]) =>
      [...view.gates.values()].map(({ gateId }) => ({
        ...{ to: id, label: `${decision} ${gateId}` },
        run: () => world.dispatch(id, { type: "decide_gate", gateId, decision, by: "ann" }),
      })),
    );

function ordered(cents: number, ...people: Person[]): SimWorld {
  const world = new SimWorld({ seed: 7, people, agents: () => [shop] });
  world.start("shop.order", { item: "lamp", cents });
  return world;
}

const outputOf = (world: SimWorld) =>
  world.root.view.events.flatMap((event) => (event.type === "execution.succeeded" ? [event.data.output] : []))[0];

test("a small order is charged with its body under one key, tried again after a 500, and ends after its sleep", async () => {
  const charges = bankThatRefuses(2);
  const world = ordered(1_000);
  await run(world);
  expect(outputOf(world)).toEqual({ receipt: "receipt-1" });
  expect(charges).toHaveLength(3);
  const [first] = charges;
  expect(first).toEqual({
    url: "https://pay.example/charge",
    key: expect.stringContaining("charge"),
    body: { item: "lamp", total: 1_200 },
  });
  for (const charge of charges) expect(charge).toEqual(first);
  expect(types(world)).not.toContain("gate.opened");
  expect(types(world)).toContain("execution.suspended");
});

test("a large one waits for a person, and is charged when the person approves", async () => {
  const charges = bankThatRefuses(0);
  const world = ordered(100_000);
  await run(world, () => world.root.view.state?.status === "waiting");
  expect([world.root.view.state?.status, charges]).toEqual(["waiting", []]);
  const approved = ordered(100_000, decides("approved"));
  await run(approved);
  expect(outputOf(approved)).toEqual({ receipt: "receipt-1" });
  expect(charges).toHaveLength(1);
});

test("a rejection charges nothing", async () => {
  const charges = bankThatRefuses(0);
  const world = ordered(100_000, decides("rejected"));
  await run(world);
  expect(world.root.view.state?.status).not.toBe("succeeded");
  expect(charges).toEqual([]);
});
