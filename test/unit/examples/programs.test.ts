import { describe, expect, it } from "vitest";
import type { Json, Verdict } from "../../../src/define/index.ts";
import { approvals } from "../../../src/examples/approvals.ts";
import { clock } from "../../../src/examples/clock.ts";
import { escalationAgent } from "../../../src/examples/escalation-agent.ts";
import type { LedgerService } from "../../../src/examples/ledger.ts";
import { ledger } from "../../../src/examples/ledger.ts";
import { supportAgent } from "../../../src/examples/support-agent.ts";
import { memoryContext, run } from "./memory-context.ts";

const frustrated = { sentiment: "frustrated", confidence: 0.92, recommendation: "escalate" };

describe("support-agent", () => {
  const input = { message: "This is the third time I am calling!", conversation_history: [] };

  it("answers under its plain name and under the router's prefix alike", async () => {
    expect(await run(supportAgent, "analyze_sentiment", { input })).toEqual(frustrated);
    expect(await run(supportAgent, "support_analyze_sentiment", { input: { message: input.message } })).toEqual(
      frustrated,
    );
  });

  it.each([{ message: "" }, { message: "x".repeat(10_001) }, { message: "Hello", mood: "good" }, {}])(
    "refuses the input %#",
    async (wrong) => {
      await expect(run(supportAgent, "analyze_sentiment", { input: wrong })).rejects.toThrow(
        "input of analyze_sentiment",
      );
    },
  );

  it("opens a ticket for a customer who must not wait", async () => {
    const ctx = memoryContext({ agents: [supportAgent, escalationAgent] });
    const result = await run(supportAgent, "triage", { input: { customer_id: "c-7", message: input.message }, ctx });
    expect(result).toEqual({
      sentiment: frustrated,
      ticket: {
        ticket_id: "tkt_g0000000",
        customer_id: "c-7",
        queue: "escalations",
        priority: "high",
        created_at: "2026-01-01T00:00:00.000Z",
        due_at: "2026-01-01T04:00:00.000Z",
      },
    });
  });

  it("opens no ticket for a question", async () => {
    const ctx = memoryContext({ agents: [supportAgent, escalationAgent] });
    const result = await run(supportAgent, "triage", {
      input: { customer_id: "c-7", message: "Do you ship to Norway?" },
      ctx,
    });
    expect(result).toEqual({
      sentiment: { sentiment: "neutral", confidence: expect.any(Number), recommendation: "reply" },
    });
    expect(ctx.asked).not.toContain("call escalation-agent.create_ticket");
  });
});

describe("escalation-agent", () => {
  it.each([
    ["urgent", "2026-01-01T01:00:00.000Z"],
    ["high", "2026-01-01T04:00:00.000Z"],
    ["normal", "2026-01-02T00:00:00.000Z"],
    ["low", "2026-01-04T00:00:00.000Z"],
  ])("makes a ticket of %s priority due at %s", async (priority, due_at) => {
    const input = { customer_id: "c-7", sentiment: frustrated, priority };
    expect(await run(escalationAgent, "create_ticket", { input })).toMatchObject({ priority, due_at });
  });
});

describe("clock", () => {
  it("gives a message back after the seconds asked for", async () => {
    expect(await run(clock, "remind", { input: { message: "tea", seconds: 90 } })).toEqual({
      message: "tea",
      asked_at: "2026-01-01T00:00:00.000Z",
      reminded_at: "2026-01-01T00:01:30.000Z",
    });
  });

  it("refuses more than a year", async () => {
    await expect(run(clock, "remind", { input: { message: "tea", seconds: 31_536_001 } })).rejects.toThrow(
      "input of remind",
    );
  });
});

describe("approvals", () => {
  const changes = (feedback: string): Verdict => ({ decision: "request_changes", feedback });
  const decide = async (...verdicts: Verdict[]) => {
    const ctx = memoryContext({ verdicts });
    return {
      result: await run(approvals, "demo", { input: { claim: "claim-12345", amount: 250 }, ctx }),
      pauses: ctx.pauses,
    };
  };

  it("tells the decision, the option and the feedback", async () => {
    const { result } = await decide({
      decision: "approved",
      option: "pay_half",
      feedback: "half is covered",
      decidedBy: "ana",
    });
    expect(result).toEqual({
      claim: "claim-12345",
      decision: "approved",
      option: "pay_half",
      feedback: "half is covered",
      decided_by: "ana",
      rounds: 1,
    });
  });

  it("asks again with the changes that were requested", async () => {
    const { result, pauses } = await decide(changes("add a receipt"), { decision: "rejected" });
    expect(result).toMatchObject({ decision: "rejected", feedback: null, rounds: 2 });
    expect(pauses[1]).toEqual({ claim: "claim-12345", amount: 250, round: 2, changes_requested: "add a receipt" });
  });

  it("stops after three rounds of changes", async () => {
    const { result, pauses } = await decide(changes("a"), changes("b"), changes("c"));
    expect(result).toMatchObject({ decision: "request_changes", feedback: "c", rounds: 3 });
    expect(pauses).toHaveLength(3);
  });
});

describe("ledger", () => {
  const input = { transfer_id: "t-1", from: "alice", to: "bob", amount: 1250 };

  /** Answers like the demo bank: `/notify` says 503 as often as told. */
  function bank({ refusals }: { refusals: number }): LedgerService & { readonly posted: [string, Json][] } {
    const posted: [string, Json][] = [];
    let left = refusals;
    return {
      posted,
      async post(path, body) {
        posted.push([path, body]);
        if (path !== "/notify") return { reference: `${path.slice(1)}-${posted.length}` };
        if (left-- > 0) throw new Error("/notify answered 503");
        return { notified: true };
      },
    };
  }

  const transfer = (service: LedgerService, more: object = {}) =>
    run(ledger, "transfer", {
      input: { ...input, ...more },
      ctx: { ...memoryContext(), services: { ledger: service } },
    });

  it("reserves, transfers and notifies, trying the shaky notice again", async () => {
    const service = bank({ refusals: 2 });
    expect(await transfer(service)).toEqual({
      reserved: "reserve-1",
      reference: "transfer-2",
      notified: true,
      notify_attempts: 3,
    });
    expect(service.posted.map(([path]) => path)).toEqual(["/reserve", "/transfer", "/notify", "/notify", "/notify"]);
    expect(service.posted.every(([, body]) => body === input || JSON.stringify(body) === JSON.stringify(input))).toBe(
      true,
    );
  });

  it("gives up on the notice after five tries", async () => {
    const service = bank({ refusals: 9 });
    await expect(transfer(service)).rejects.toThrow("503");
    expect(service.posted).toHaveLength(7);
  });

  it("tries a transfer that failed no second time", async () => {
    const posted: string[] = [];
    const service: LedgerService = {
      async post(path) {
        posted.push(path);
        if (path === "/transfer") throw new Error("/transfer answered 500");
        return { reference: "r-1" };
      },
    };
    await expect(transfer(service)).rejects.toThrow("500");
    expect(posted).toEqual(["/reserve", "/transfer"]);
  });

  it.each([{ amount: 0 }, { amount: 12.5 }, { to: "alice" }, { note: "hi" }])("refuses %j", async (wrong) => {
    await expect(transfer(bank({ refusals: 0 }), wrong)).rejects.toThrow("input of transfer");
  });
});
