/** Polls of agents: where they look, how long they wait, and for whom a key speaks. */
import { describe, expect, it } from "vitest";
import { WorkQuery } from "../../../../src/contract/plan-executions/requests.ts";
import { mayActAs, refuseToActAs } from "../../../../src/domain/execution/access.ts";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { ReportWork, Reserved, TakeWork } from "../../../../src/domain/execution/work-command.ts";
import type { PollingAgent } from "../../../../src/domain/node/polling-agent.ts";
import type { WorkAnswer } from "../../../../src/domain/read-models/plan-view.ts";
import type { Result } from "../../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import { AgentWork } from "../../../../src/operations/polling-agents/agent-work.ts";
import { LongPolls } from "../../../../src/operations/stream/long-polls.ts";

const LARRY: PollingAgent = {
  ...{ id: "larry", name: "Larry", role: "Contractor", owner: "ann", isActive: true, createdAtMs: 0 },
  ...{ pollEndpoint: null, webhookUrl: null, webhookSecret: null, lastHeartbeatMs: null },
  capabilities: [
    { action: "send_email", params: [], idempotent: null },
    { action: "manage_csv", params: [], idempotent: true },
  ],
};
const OWN: Principal = { tenant: "t", subject: "agent:larry", scopes: ["agent"] };
const USER: Principal = { tenant: "t", subject: "ann", scopes: ["execute"] };

const nothing = (executionId: string): WorkAnswer => ({
  ...{ executionId, planId: "p", task: undefined, isNews: false, forcePause: false, forceCancel: false },
});
const news = (executionId: string): WorkAnswer => ({ ...nothing(executionId), isNews: true });

interface Scene {
  readonly agent?: PollingAgent;
  readonly executions?: readonly string[];
  readonly reserved?: readonly Reserved[];
  readonly answer?: (executionId: string, now: number) => Result<WorkAnswer>;
  /** What a poll that waits hears, one after the other, each after so many milliseconds; then nothing. */
  readonly heard?: readonly (readonly ["woken" | "over", number])[];
}

function scene({
  agent = LARRY,
  executions = ["a", "b"],
  reserved = [],
  answer = (id) => accept(nothing(id)),
  heard = [],
}: Scene = {}) {
  const toHear = [...heard];
  const seen = {
    asked: [] as string[],
    commands: [] as TakeWork[],
    reports: [] as ReportWork[],
    waits: [] as number[],
    pauses: [] as number[],
    lookedUp: [] as string[],
    closed: 0,
  };
  let nowMs = 0;
  const work = new AgentWork({
    directory: {
      workFor: async (caller, id) => {
        if (id !== agent.id) return refuse("not_found", "there is no such agent");
        return mayActAs(caller, agent) ? accept({ agent, executions, reserved }) : refuseToActAs(id);
      },
      waitForWork: async () =>
        accept({
          next: async (ms) => {
            seen.waits.push(ms);
            const [word, afterMs] = toHear.shift() ?? (["late", ms] as const);
            nowMs += Math.min(afterMs, ms);
            return afterMs > ms ? "late" : word;
          },
          close: () => {
            seen.closed += 1;
          },
        }),
    },
    client: {
      takeWork: async (_caller, id, command) => {
        seen.asked.push(id);
        seen.commands.push(command);
        return answer(id, nowMs);
      },
      reportWork: async (_caller, _id, commands) => {
        seen.reports.push(...commands);
        return accept([]);
      },
    },
    polls: new LongPolls(DEFAULT_LIMITS),
    agents: {
      agent: async (_caller, id) => {
        seen.lookedUp.push(id);
        return accept(id === agent.id ? agent : undefined);
      },
    },
    newId: (prefix) => `${prefix}_1`,
    newGateId: (id) => `gate_:${id}.1`,
    random: () => 0.5,
    now: () => nowMs,
    pause: async (ms) => {
      seen.pauses.push(ms);
      nowMs += ms;
    },
  });
  const poll = (query: object = {}, caller = OWN, id = "larry") => work.poll(caller, id, WorkQuery.parse(query));
  return { work, poll, seen };
}

describe("a poll", () => {
  it("asks the executions in their order, until one has something", async () => {
    const { poll, seen } = scene({
      executions: ["a", "b", "c"],
      answer: (id) => accept(id === "b" ? news(id) : nothing(id)),
    });
    expect(await poll()).toEqual(accept(news("b")));
    expect(seen.asked).toEqual(["a", "b"]);
    expect(seen.commands[0]).toMatchObject({
      ...{ agentId: "larry", role: "Contractor", actions: { send_email: false, manage_csv: true } },
    });
  });

  it("says what is left to agents of other roles", async () => {
    const reserved = [{ role: "Analyst", actions: ["send_email"] }];
    const { poll, seen } = scene({ reserved });
    await poll();
    expect(seen.commands.map((command) => command.reserved)).toEqual([reserved, reserved]);
  });

  it("names only actions that the agent registered, and none of an inactive one", async () => {
    const { poll, seen } = scene();
    await poll({ supported_actions: "manage_csv,fly" });
    expect(seen.commands[0]?.actions).toEqual({ manage_csv: true });
    const inactive = scene({ agent: { ...LARRY, isActive: false } });
    await inactive.poll();
    expect(inactive.seen.commands[0]?.actions).toEqual({});
  });

  it("gets the work of the others when one execution cannot answer, and hears of that when there is none", async () => {
    const unreadable = refuse("unreadable", "its log cannot be read");
    const some = scene({ answer: (id) => (id === "a" ? unreadable : accept(news(id))) });
    expect(await some.poll()).toEqual(accept(news("b")));
    const none = scene({ answer: (id) => (id === "a" ? unreadable : accept(nothing(id))) });
    expect(await none.poll()).toEqual(unreadable);
    const strange = scene({ answer: (id) => refuse(id === "a" ? "not_found" : "gone", "not for you") });
    expect(await strange.poll()).toEqual(accept(undefined));
  });

  it("that waits looks when it is woken, and lets go of its socket", async () => {
    const { poll, seen } = scene({
      executions: ["a"],
      answer: (id, now) => accept(now >= 700 ? news(id) : nothing(id)),
      heard: [
        ["woken", 300],
        ["woken", 400],
      ],
    });
    expect(await poll({ wait: "25" })).toEqual(accept(news("a")));
    // At once, in vain, and with something.
    expect([seen.asked.length, seen.waits, seen.closed]).toEqual([3, [10_000, 10_000], 1]);
  });

  it("that hears nothing looks each ten seconds, until its time is over", async () => {
    const { poll, seen } = scene({ executions: ["a"] });
    expect(await poll({ wait: "25" })).toEqual(accept(undefined));
    expect([seen.asked.length, seen.waits, seen.closed]).toEqual([3, [10_000, 10_000, 5_000], 1]);
  });

  it("goes on when its directory went away in the middle", async () => {
    const { poll, seen } = scene({
      executions: ["a"],
      answer: (id, now) => accept(now >= 2_000 ? news(id) : nothing(id)),
      heard: [
        ["over", 500],
        ["woken", 800],
      ],
    });
    expect(await poll({ wait: "25" })).toEqual(accept(news("a")));
    expect([seen.pauses, seen.closed]).toEqual([[1_000], 2]);
  });

  it("is for the agent whose key it is, for who registered it, and for an administrator", async () => {
    const { poll, work, seen } = scene();
    const other: Principal = { ...OWN, subject: "agent:moe" };
    expect(await poll({}, other)).toMatchObject({ code: "not_found" });
    expect(await poll({}, USER)).toEqual(accept(undefined));
    expect(await poll({}, USER, "no_such_agent")).toMatchObject({ code: "not_found" });
    const report = { agent_id: "larry", event_type: "heartbeat" } as const;
    expect(await work.report(other, "a", [{ ...report, agent_id: "moe" }, report])).toMatchObject({
      code: "forbidden_scope",
    });
    expect(seen.reports).toEqual([]);
    expect(await work.report(USER, "a", [{ ...report, event_id: "own", lease_id: "l" }, report])).toEqual(accept([]));
    expect(seen.reports).toMatchObject([
      { report: { eventId: "own", agent: "larry" }, leaseId: "l", draw: 0.5, gateId: "gate_:a.1" },
      { report: { eventId: "evt_1" }, leaseId: undefined },
    ]);
    const admin: Principal = { tenant: "t", subject: "ada", scopes: ["admin"] };
    expect(await poll({}, admin)).toEqual(accept(undefined));
    expect(await work.report(admin, "a", [report, { ...report, agent_id: "gone" }])).toEqual(accept([]));
  });

  it("of another user is refused, and so is a report of theirs, before an execution is asked", async () => {
    const { poll, work, seen } = scene();
    const bob: Principal = { tenant: "t", subject: "bob", scopes: ["execute", "read"] };
    expect(await poll({}, bob)).toMatchObject({ code: "forbidden_scope" });
    const report = { agent_id: "larry", event_type: "heartbeat" } as const;
    expect(await work.report(bob, "a", [{ ...report, agent_id: "gone" }, report])).toMatchObject({
      code: "forbidden_scope",
    });
    expect(await poll({}, { ...USER, scopes: ["read"] })).toMatchObject({ code: "not_found" });
    expect(seen).toMatchObject({ asked: [], reports: [] });
    // The agent's own reports ask no directory: there are a thousand a second.
    seen.lookedUp.splice(0);
    await work.report(OWN, "a", [report]);
    expect(seen.lookedUp).toEqual([]);
  });
});
