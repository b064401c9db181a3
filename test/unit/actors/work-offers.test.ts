/** Hints where agents may find work: whom they name, in which order, and what of them outlives the object. */
import { describe, expect, it } from "vitest";
import { WorkOffers } from "../../../src/actors/parts/work-offers.ts";
import type { PollingAgent } from "../../../src/domain/node/polling-agent.ts";
import type { WorkOffer } from "../../../src/domain/node/work-offer.ts";
import { Vault } from "../../../src/vault/vault.ts";
import { ObjectStorage } from "../../support/object-storage.ts";

const agent = (id: string, isActive = true): PollingAgent => ({
  ...{ id, name: id, role: null, owner: "ann", isActive, createdAtMs: 0, lastHeartbeatMs: null },
  ...{ pollEndpoint: null, webhookUrl: null, capabilities: [] },
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
      offers.hear({ ...usual, executionId, ...more });
    },
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
});
