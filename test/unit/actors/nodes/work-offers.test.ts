/** Hints where agents may find work: whom they name, in which order, and what of them outlives the object. */
import { describe, expect, it } from "vitest";
import { WorkOffers } from "../../../../src/actors/nodes/work-offers.ts";
import type { PollingAgent } from "../../../../src/domain/node/polling-agent.ts";
import type { WorkOffer } from "../../../../src/domain/node/work-offer.ts";
import { Vault } from "../../../../src/vault/vault.ts";
import { ObjectStorage } from "../../../support/object-storage.ts";

const agent = (id: string, isActive = true): PollingAgent => ({
  ...{ id, name: id, role: null, owner: "ann", isActive, createdAtMs: 0, lastHeartbeatMs: null },
  ...{ pollEndpoint: null, webhookUrl: null, webhookSecret: null, capabilities: [] },
});
const [larry, moe] = [agent("larry"), agent("moe")];
const does = new Set(["send_email"]);

function directory() {
  const disk = new ObjectStorage();
  const sealer = new Vault({ sealing: undefined, opening: new Map() }).sealerOf("tests");
  let offers: WorkOffers;
  const open = () => {
    offers = new WorkOffers(disk.storage as DurableObjectStorage, sealer);
  };
  open();
  let seq = 0;
  return {
    open,
    hear: (executionId: string, more: Partial<WorkOffer> = {}) => {
      seq += 1;
      const usual = { tenant: "t", isOpen: true, actions: ["send_email"], agents: [], createdAtMs: seq, seq };
      const none = { ready: 1, roles: [], lapses: [] };
      offers.hear({ ...usual, ...none, executionId, ...more });
    },
    lapses: (id: string, nowMs: number) => offers.lapsesOf(id, nowMs),
    drained: (id: string, nowMs: number) => offers.lapsesOf(id, nowMs).drainedUntilMs,
    named: (who: PollingAgent, actions: ReadonlySet<string> = does) => offers.for(who, actions),
  };
}

describe("an offer", () => {
  it("names executions with something that the agent can do, each in its turn", () => {
    const { hear, named } = directory();
    for (const id of ["a", "b", "c"]) hear(id);
    hear("other", { actions: ["fly"] });
    hear("moe's", { agentId: "moe" });
    expect([named(larry), named(larry), named(larry)]).toEqual([
      ["a", "b", "c"],
      ["b", "c", "a"],
      ["c", "a", "b"],
    ]);
    expect(named(moe)).toContain("moe's");
    expect(named(agent("larry", false))).toEqual([]);
  });

  it("sends an agent first to what it has not begun, or has to hear of, also an inactive one", () => {
    const { hear, named } = directory();
    hear("a");
    hear("b", { actions: [], agents: ["larry"] });
    expect([named(larry), named(agent("larry", false)), named(moe)]).toEqual([["b", "a"], ["b"], ["a"]]);
  });

  it("that is older than what is known is let go by, also after the end", () => {
    const { hear, named } = directory();
    hear("a", { seq: 9, actions: [] });
    hear("a", { seq: 8 });
    expect(named(larry)).toEqual([]);
    hear("a", { seq: 10, isOpen: false, actions: [] });
    hear("a", { seq: 9 });
    expect(named(larry)).toEqual([]);
  });

  it("outlives the object: then each agent asks, until its execution speaks again", () => {
    const { hear, named, open } = directory();
    hear("a", { actions: ["fly"] });
    hear("b", { agentId: "moe" });
    open();
    expect([named(larry), named(moe)]).toEqual([["a"], ["b", "a"]]);
    hear("a", { actions: ["fly"] });
    expect(named(larry)).toEqual([]);
  });

  it("of an execution that has ended names it to those who have to hear of that, and does not outlive the object", () => {
    const { hear, named, open } = directory();
    hear("a", { actions: [], agents: ["larry", "moe"] });
    hear("a", { isOpen: false, actions: [], agents: ["larry", "moe"] });
    hear("a", { isOpen: false, actions: [], agents: ["larry"] });
    expect([named(larry), named(moe)]).toEqual([["a"], []]);
    open();
    expect([named(larry), named(moe)]).toEqual([[], []]);
  });

  it("keeps a thousand that have ended for agents that never ask again", () => {
    const { hear, named } = directory();
    const end = (id: string) => hear(id, { isOpen: false, actions: [], agents: [id === "first" ? "moe" : "larry"] });
    end("first");
    for (let at = 1; at < 1_000; at += 1) end(`a${at}`);
    expect(named(moe)).toEqual(["first"]);
    end("last");
    expect(named(moe)).toEqual([]);
    expect(named(larry)).toHaveLength(20);
  });
});

const MINUTE_MS = 60_000;
const lapse = (subtask: string, minute: number, who = "larry") => ({ agent: who, subtask, atMs: minute * MINUTE_MS });

describe("an agent whose leases end without a word", () => {
  it("gets nothing new for half an hour after the third subtask, wherever these were", () => {
    const { hear, drained } = directory();
    hear("a", { lapses: [lapse("a1", 1), lapse("a2", 5, "moe")] });
    hear("b", { lapses: [lapse("b1", 2)] });
    expect(drained("larry", 3 * MINUTE_MS)).toBeUndefined();
    hear("b", { lapses: [lapse("b1", 2), lapse("b2", 9)] });
    expect([drained("larry", 10 * MINUTE_MS), drained("moe", 10 * MINUTE_MS)]).toEqual([39 * MINUTE_MS, undefined]);
    expect(drained("larry", 39 * MINUTE_MS)).toBeUndefined();
  });

  it("is told of with how many these were, and since when it gets nothing new", () => {
    const { hear, lapses } = directory();
    expect(lapses("larry", 0)).toEqual({ lapses: 0 });
    hear("a", { lapses: [lapse("a1", 1), lapse("a2", 5), lapse("m1", 5, "moe")] });
    expect(lapses("larry", 6 * MINUTE_MS)).toEqual({ lapses: 2 });
    hear("b", { lapses: [lapse("b1", 9), lapse("b2", 9.5)] });
    const told = { lapses: 3, drainedSinceMs: 9 * MINUTE_MS, drainedUntilMs: 39 * MINUTE_MS };
    expect(lapses("larry", 10 * MINUTE_MS)).toEqual(told);
    expect(lapses("larry", 39 * MINUTE_MS)).toEqual({ lapses: 3 });
  });

  it("is not drained for one death with three leases, nor for one subtask three times", () => {
    const { hear, drained } = directory();
    hear("a", { lapses: [lapse("a1", 1), lapse("a2", 1.2), lapse("a3", 1.4)] });
    hear("b", { lapses: [lapse("b1", 10), lapse("b1", 20), lapse("b1", 30)] });
    expect(drained("larry", 31 * MINUTE_MS)).toBeUndefined();
  });

  it("is free again once an execution has heard of it, or has ended", () => {
    const { hear, drained } = directory();
    const all = [lapse("a1", 1), lapse("a2", 3), lapse("a3", 5)];
    hear("a", { lapses: all });
    expect(drained("larry", 6 * MINUTE_MS)).toBe(35 * MINUTE_MS);
    hear("a", { lapses: [] });
    expect(drained("larry", 6 * MINUTE_MS)).toBeUndefined();
    hear("a", { lapses: all });
    hear("a", { lapses: all, isOpen: false });
    expect(drained("larry", 6 * MINUTE_MS)).toBeUndefined();
  });
});

it("what many agents let end costs a look at one of them no more than its own, and is forgotten with their executions", () => {
  const { hear, drained } = directory();
  const costOf = (id: string) => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round += 1) {
      const startedAtMs = performance.now();
      for (let look = 0; look < 200; look += 1) drained(id, 10 * MINUTE_MS);
      best = Math.min(best, performance.now() - startedAtMs);
    }
    return best;
  };
  hear("own", { lapses: [1, 3, 5].map((minute) => lapse(`l${minute}`, minute)) });
  const alone = costOf("larry");
  for (let at = 0; at < 2_000; at += 1)
    hear(`e${at}`, { lapses: Array.from({ length: 10 }, (_one, n) => lapse(`s${n}`, n * 2, `other_${at}`)) });
  expect(drained("larry", 10 * MINUTE_MS)).toBe(35 * MINUTE_MS);
  expect(drained("other_7", 20 * MINUTE_MS)).toBe(48 * MINUTE_MS);
  // 20,000 of others would cost hundreds of times as much.
  expect(costOf("larry")).toBeLessThan(Math.max(alone, 1) * 20);
  hear("e7", { isOpen: false });
  hear("own", { lapses: [] });
  expect([drained("larry", 10 * MINUTE_MS), drained("other_7", 20 * MINUTE_MS)]).toEqual([undefined, undefined]);
});
