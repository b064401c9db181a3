/** Requests a minute of agents that poll: one limit for all isolates, which outlives each of them and the object that counts. */
import { describe, expect, it } from "vitest";
import { RequestWindows } from "../../../../src/actors/nodes/request-windows.ts";
import type { KeyHolder } from "../../../../src/operations/access/api-key-authenticator.ts";
import { RateLimit } from "../../../../src/operations/access/rate-limit.ts";
import { AgentQuota } from "../../../../src/operations/polling-agents/agent-quota.ts";
import { Vault } from "../../../../src/vault/vault.ts";
import { ObjectStorage } from "../../../support/object-storage.ts";

class HandClock {
  nowMs = 1_000_000;
  readonly now = () => this.nowMs;
}

const holder = (rateLimitPerMin: number, subject = "agent:larry"): KeyHolder => ({
  caller: { tenant: "acme", subject, scopes: ["agent"] },
  ...{ keyHash: `hash of ${subject}`, rateLimitPerMin, operator: false },
});

function deployment() {
  const clock = new HandClock();
  const disk = new ObjectStorage();
  const sealer = new Vault({ sealing: undefined, opening: new Map() }).sealerOf("tests");
  const opened = () => new RequestWindows(disk.storage as DurableObjectStorage, sealer);
  let windows = opened();
  let asked = 0;
  /** `aheadMs`: how far its clock is ahead of that of the object. */
  const isolate = (aheadMs = 0) =>
    new AgentQuota({
      memory: new RateLimit(clock.now),
      now: () => clock.nowMs + aheadMs,
      windows: {
        takeRequests: async (_caller, agent, wanted) => {
          asked += 1;
          if (asked > 1_000) throw new Error("it asks without end");
          if (agent === "unreached") throw new Error("not reached");
          return agent === "gone" ? undefined : windows.take(agent, wanted, clock.now());
        },
      },
    });
  return {
    ...{ clock, isolate, disk },
    asked: () => asked,
    forget: (agent: string) => windows.forget(agent),
    restart: () => {
      windows = opened();
    },
  };
}

/** How many of so many requests are let through. */
async function passed(quota: AgentQuota, who: KeyHolder, count: number): Promise<number> {
  let through = 0;
  for (let sent = 0; sent < count; sent += 1) if (((await quota.count(who))?.remaining ?? 0) >= 0) through += 1;
  return through;
}

describe("the limit of an agent", () => {
  it("is 100 requests in the minute and no more, and the refusal says when to come again", async () => {
    const { clock, isolate, asked, disk } = deployment();
    const one = isolate();
    expect(await passed(one, holder(100), 100)).toBe(100);
    clock.nowMs += 20_000;
    expect(await one.count(holder(100))).toEqual({ limit: 100, remaining: -1, resetS: 40 });
    expect(await passed(one, holder(100), 50)).toBe(0);
    // Ten at a time, and then it is known to be spent: it is neither asked about nor written down.
    expect([asked(), disk.rowsWritten]).toEqual([10, 1 + 10]);
    clock.nowMs += 40_000;
    expect(await passed(one, holder(100), 3)).toBe(3);
  });

  it("is one for all isolates, and outlives the object that counts", async () => {
    const { isolate, restart } = deployment();
    const [one, two] = [isolate(), isolate()];
    expect(await passed(one, holder(20), 9)).toBe(9);
    restart();
    expect(await passed(two, holder(20), 30)).toBe(10);
    // What the first took and did not spend is its own.
    expect(await passed(one, holder(20), 30)).toBe(1);
    restart();
    expect(await passed(isolate(), holder(20), 5)).toBe(0);
  });

  it("counts requests that come together, and asks once for them", async () => {
    const { isolate, asked } = deployment();
    const one = isolate();
    const counted = await Promise.all(Array.from({ length: 15 }, () => one.count(holder(100))));
    expect(new Set(counted.map((quota) => quota?.remaining)).size).toBe(15);
    expect(asked()).toBe(2);
  });

  it("begins anew for an agent that is registered anew, and with a clock that is set back", async () => {
    const { clock, isolate, forget } = deployment();
    expect(await passed(isolate(), holder(5), 9)).toBe(5);
    forget("larry");
    expect(await passed(isolate(), holder(5), 9)).toBe(5);
    clock.nowMs -= 86_400_000;
    expect(await passed(isolate(), holder(5), 9)).toBe(5);
  });

  it.each([-86_400_000, -5_000, 59_000, 86_400_000])(
    "holds for an isolate whose clock is %d ms ahead, which asks no more often than another",
    async (aheadMs) => {
      const { clock, isolate, asked } = deployment();
      const one = isolate(aheadMs);
      expect(await passed(one, holder(100), 120)).toBe(100);
      expect(asked()).toBe(10);
      const { resetS = 0 } = (await one.count(holder(100))) ?? {};
      expect(resetS >= 1 && resetS <= 60).toBe(true);
      clock.nowMs += 61_000;
      expect(await passed(one, holder(100), 3)).toBe(3);
    },
  );

  it("is counted in memory while nothing else counts, and that of a user is so always", async () => {
    const { isolate, asked } = deployment();
    for (const agent of ["agent:gone", "agent:unreached"]) expect(await passed(isolate(), holder(5, agent), 9)).toBe(5);
    const before = asked();
    expect(await passed(isolate(), holder(5, "olga"), 9)).toBe(5);
    expect(asked()).toBe(before);
  });

  it("is no more than what is left to the keys that made it", async () => {
    const { isolate, asked } = deployment();
    const made: KeyHolder = { ...holder(100), drawsOn: [{ hash: "parent", perMin: 3 }] };
    expect(await passed(isolate(), made, 9)).toBe(3);
    expect(asked()).toBe(1);
  });
});
