/** Pushes of work to agents with an address: who is told, how often, signed with what, and that nothing waits for them. */
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { WorkPushes } from "../../../../src/actors/nodes/work-pushes.ts";
import type { PollingAgent } from "../../../../src/domain/node/polling-agent.ts";
import type { WorkOffer } from "../../../../src/domain/node/work-offer.ts";
import type { OutboundAnswer, OutboundFailure, OutboundRequest } from "../../../../src/domain/values/outbound.ts";

const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;

const agent = (id: string, more: Partial<PollingAgent> = {}): PollingAgent => ({
  ...{ id, name: id, role: null, owner: "ann", isActive: true, createdAtMs: 0, lastHeartbeatMs: null },
  ...{ pollEndpoint: null, webhookUrl: `https://agents.example.com/${id}`, webhookSecret: SECRET, capabilities: [] },
  ...more,
});
const offer: WorkOffer = {
  ...{ tenant: "t", executionId: "exec_1", seq: 7, isOpen: true, createdAtMs: 0 },
  ...{ actions: ["send_email"], ready: 1, roles: [], agents: [], lapses: [] },
};

function pushes(answer: () => Promise<OutboundAnswer | OutboundFailure> | OutboundAnswer | OutboundFailure) {
  const sent: OutboundRequest[] = [];
  const logged: unknown[] = [];
  const behind: Promise<unknown>[] = [];
  const clock = { nowMs: Date.UTC(2026, 10, 27) };
  const made = new WorkPushes({
    outbound: async (request) => {
      sent.push(request);
      return answer();
    },
    now: () => clock.nowMs,
    behind: (work) => void behind.push(work),
    log: (entry) => void logged.push(entry),
  });
  return { made, sent, logged, clock, settled: () => Promise.all(behind) };
}

const taken = (): OutboundAnswer => ({ ok: true, status: 204, headers: new Map(), body: "" });

describe("an agent with an address", () => {
  it("is told that there is work, signed, and not what it is", async () => {
    const { made, sent, clock, settled } = pushes(taken);
    clock.nowMs = Date.now();
    made.tell(offer, [agent("larry"), agent("moe", { webhookUrl: null })]);
    await settled();
    expect(sent.map(({ url }) => url)).toEqual(["https://agents.example.com/larry"]);
    const [{ body = "", headers = {} } = {}] = sent;
    expect(new Webhook(SECRET).verify(body, { ...headers })).toEqual({
      ...{ event: "work.available", agent_id: "larry", execution_id: "exec_1", poll: "/api/agents/larry/work" },
      timestamp: new Date(clock.nowMs).toISOString(),
    });
  });

  it("is told once, until it has polled or a minute has passed", async () => {
    const { made, sent, clock, settled } = pushes(taken);
    const tell = async () => {
      made.tell(offer, [agent("larry")]);
      await settled();
      return sent.length;
    };
    expect([await tell(), await tell()]).toEqual([1, 1]);
    made.polled("larry");
    expect([await tell(), await tell()]).toEqual([2, 2]);
    clock.nowMs += 60_000;
    expect(await tell()).toBe(3);
  });

  it("that does not answer keeps no more than four connections, and is in the log", async () => {
    let answer = (_answer: OutboundFailure) => {};
    const { made, sent, logged, settled } = pushes(
      () =>
        new Promise<OutboundFailure>((resolve) => {
          const before = answer;
          answer = (failure) => {
            before(failure);
            resolve(failure);
          };
        }),
    );
    made.tell(
      offer,
      ["a", "b", "c", "d", "e", "f"].map((id) => agent(id)),
    );
    expect(sent).toHaveLength(4);
    answer({ ok: false, kind: "unreachable", detail: "nobody is there" } as OutboundFailure);
    await settled();
    expect(logged).toHaveLength(4);
    made.tell(offer, [agent("e")]);
    expect(sent).toHaveLength(5);
  });
});
