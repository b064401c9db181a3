/** The kit for agents that poll, against a server in memory: what is done, in which order it is told, and what is left when it dies. */
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { ActionContext } from "../../../src/agent/index.ts";
import { ActionError, Blocked, createPollingAgent } from "../../../src/agent/index.ts";
import { ReportRequest } from "../../../src/contract/plan-executions/requests.ts";
import { problem, ScriptedServer } from "../../support/agent/scripted-server.ts";
import { ended, greet, lines, started, stopAgents, until } from "../../support/agent/started-agent.ts";

afterEach(stopAgents);

describe("an agent", () => {
  it("registers what it can do, and polls for that", async () => {
    const server = new ScriptedServer();
    await started(
      server,
      greet(async () => ({}), { idempotent: true }),
      { role: "Contractor", rateLimitPerMin: 500 },
    );
    await until(() => expect(server.asked.length).toBeGreaterThan(1));
    expect(server.asked[0]).toMatchObject({
      ...{ method: "POST", path: "/api/agents/register" },
      body: {
        ...{ id: "larry", role: "Contractor", rate_limit_per_min: 500 },
        capabilities: [{ action: "greet", idempotent: true, params: { properties: { name: { type: "string" } } } }],
      },
    });
    const poll = server.asked[1];
    expect([poll?.path, poll?.query.get("supported_actions"), poll?.query.get("wait")]).toEqual([
      "/api/agents/larry/work",
      "greet",
      "25",
    ]);
  });

  it("uses the key that it is registered with, and hands it on; no line of the log holds one", async () => {
    const server = new ScriptedServer();
    server.interfere = ({ path }) =>
      path.endsWith("/register") ? Response.json({ id: "larry", key: "errand_own" }, { status: 201 }) : undefined;
    const heard: string[] = [];
    server.give();
    await started(
      server,
      greet(async () => ({})),
      { onKey: (key) => void heard.push(key) },
    );
    await ended(server);
    expect(heard).toEqual(["errand_own"]);
    expect(server.keys.slice(0, 2)).toEqual(["Bearer errand_secret", "Bearer errand_own"]);
    expect(lines.join("\n")).not.toMatch(/errand_/);
  });

  it("acts for an agent that is registered already with the key that it has", async () => {
    const server = new ScriptedServer();
    server.interfere = ({ path }) => (path.endsWith("/register") ? problem(409, "id_taken") : undefined);
    server.give();
    await started(
      server,
      greet(async () => ({})),
    );
    await ended(server);
  });

  it("says once that the server does not answer, and once that it does again", async () => {
    const server = new ScriptedServer();
    let refused = 0;
    server.interfere = () => {
      refused += 1;
      if (refused <= 4) throw new TypeError("no network");
      return undefined;
    };
    server.give();
    await started(
      server,
      greet(async () => ({})),
    );
    await ended(server);
    expect(lines.filter((line) => line.includes("answer"))).toEqual([
      expect.stringMatching(/^http:\/\/errand\.test does not answer, and is asked until it does: .*no network/),
      "http://errand.test answers again",
    ]);
  });

  it("says what a person may choose where it is blocked", async () => {
    const server = new ScriptedServer();
    server.answers = ({ event_type }) =>
      event_type === "task_error" ? { next_step_options: ["approve_phone_call", "skip_task"] } : {};
    server.give();
    const run = async () => {
      throw new Blocked("It bounced");
    };
    await started(server, greet(run));
    await until(() =>
      expect(lines).toContain("Task task_1_a is blocked, and a person decides: approve_phone_call, skip_task"),
    );
  });

  it("ends when the server refuses its key for good", async () => {
    const server = new ScriptedServer();
    server.interfere = ({ path }) => (path.endsWith("/work") ? problem(401, "unauthorized") : undefined);
    const agent = await started(
      server,
      greet(async () => ({})),
    );
    await expect(agent.done).rejects.toThrow("unauthorized");
  });

  it("ends when its registration is refused for good", async () => {
    const server = new ScriptedServer();
    server.interfere = () => problem(401, "unauthorized");
    const { fetch } = server;
    const agent = createPollingAgent({
      ...{ url: "http://errand.test", id: "larry", fetch, signals: false },
      actions: { greet: { input: z.object({}), run: async () => ({}) } },
    });
    await expect(agent.start()).rejects.toThrow("unauthorized");
    await expect(agent.done).rejects.toThrow("unauthorized");
  });

  it("hears signals while it works, and none after it was stopped", async () => {
    const counts = () => [process.listenerCount("SIGTERM"), process.listenerCount("SIGINT")];
    const before = counts();
    const agent = await started(
      new ScriptedServer(),
      greet(async () => ({})),
      { signals: true },
    );
    expect(counts()).toEqual(before.map((count) => count + 1));
    await agent.stop();
    expect(counts()).toEqual(before);
  });

  it("needs an action", () => {
    expect(() => createPollingAgent({ url: "http://x", id: "x", actions: {} })).toThrow("at least one action");
  });
});

describe("a subtask", () => {
  it("is announced, done with its params, and reported with what came of it", async () => {
    const server = new ScriptedServer();
    const key = server.give({ params: { name: "Carol" } });
    let seen: unknown;
    const run = async ({ name }: { name?: string }, ctx: ActionContext) => {
      seen = [ctx.idempotencyKey, ctx.attempt, ctx.executionId, server.told()];
      ctx.say(`Greeted ${name}`);
      return { greeted: name };
    };
    await started(server, greet(run));
    await ended(server);
    expect(seen).toEqual([key, 1, "exec_1", ["task_started"]]);
    expect(server.told()).toEqual(["task_started", "task_complete"]);
    expect(server.last("task_complete")).toMatchObject({
      ...{ agent_id: "larry", task_id: "task_1_a", lease_id: "lease_1", status: "success" },
      ...{ output_data: { greeted: "Carol" }, message: "Greeted Carol" },
    });
    expect(lines).toContain("Reporting event: task_complete for task task_1_a");
  });

  it("whose start the server does not take is not done", async () => {
    const server = new ScriptedServer();
    let runs = 0;
    server.answers = ({ event_type }) =>
      event_type === "task_started" ? { applied: false, reason: "given away" } : {};
    server.give();
    await started(
      server,
      greet(async () => ({ runs: ++runs })),
    );
    await until(() => expect(lines).toContain("Task task_1_a is left: given away"));
    expect([runs, server.told()]).toEqual([0, ["task_started"]]);
  });

  it.each([
    ["params that do not fit", { params: { name: 7 } }, "validation_error", true, /name: .*string/],
    ["an action that it does not have", { action: "fly" }, "validation_error", true, /no action "fly"/],
  ])("with %s goes to a person", async (_what, ...[given, type, asks, message]) => {
    const server = new ScriptedServer();
    server.give(given as object);
    await started(
      server,
      greet(async () => ({})),
    );
    await ended(server);
    expect(server.told()).toEqual(["task_error"]);
    expect(server.last("task_error")).toMatchObject({
      ...{ error_type: type, human_review_required: asks, error_message: expect.stringMatching(message as RegExp) },
    });
  });

  it.each([
    ["an error", new Error("no line"), { error_type: "action_error", human_review_required: false }],
    [
      "its own kind of error",
      new ActionError("slow", { type: "timeout" }),
      { error_type: "timeout", human_review_required: false },
    ],
    ["an error that stays", new ActionError("no", { retriable: false }), { human_review_required: true }],
    [
      "a block",
      new Blocked("It bounced", { suggestions: ["Call her"], blocking: false }),
      {
        ...{ error_type: "external_dependency_blocked", human_review_required: true },
        ...{ suggestions: ["Call her"], blocking: false, error_message: "It bounced" },
      },
    ],
  ])("that ends with %s is reported as such", async (_what, error, told) => {
    const server = new ScriptedServer();
    server.give();
    await started(
      server,
      greet(async () => Promise.reject(error)),
    );
    await ended(server);
    expect(server.last("task_error")).toMatchObject(told);
    expect(JSON.stringify(server.last("task_error"))).not.toContain(".ts:");
  });

  it("that ends with more words than the server takes is reported with those that it takes", async () => {
    const server = new ScriptedServer();
    server.give();
    const long = "x".repeat(3_000);
    const suggestions = ["", ...Array.from({ length: 12 }, (_one, at) => `${at}${long}`)];
    const error = new Blocked(long, { type: long, suggestions });
    await started(
      server,
      greet(async () => Promise.reject(error)),
    );
    await ended(server);
    expect(ReportRequest.safeParse(server.last("task_error")).error?.issues).toBeUndefined();
    expect(server.last("task_error")?.suggestions).toHaveLength(10);
  });

  it("tells how far it is, together with what comes after it", async () => {
    const server = new ScriptedServer();
    server.give();
    const run = async (_params: object, ctx: ActionContext) => {
      for (let n = 1; n <= 40; n += 1) ctx.progress(`${n} of 40`, { done: n });
      return {};
    };
    await started(server, greet(run));
    await ended(server);
    const progress = server.events.filter(({ event_type }) => event_type === "task_progress");
    expect(progress.map(({ output_data }) => output_data?.done)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    expect(server.batches.length).toBeLessThan(6);
    expect(server.told().at(-1)).toBe("task_complete");
  });
});

describe("many reports", () => {
  it.each([
    ["at most 500 of them", { count: 1_100, data: {}, batches: [500, 500, 101] }],
    ["and at most a megabyte", { count: 5, data: { text: "x".repeat(400_000) }, batches: [2, 2, 2] }],
  ])("go together, %s", async (_what, { count, data, batches }) => {
    const server = new ScriptedServer();
    server.give();
    const run = async (_params: object, ctx: ActionContext) => {
      for (let n = 1; n <= count; n += 1) ctx.progress(`${n}`, data);
      return {};
    };
    await started(server, greet(run));
    await ended(server);
    expect(server.batches.slice(1)).toEqual(batches);
  });
});

describe("a server that does not answer", () => {
  it("is told again until it has the event, which stays the same one, and not before it wants", async () => {
    const server = new ScriptedServer();
    const times: number[] = [];
    server.interfere = ({ path }) => {
      if (!path.endsWith("/events")) return undefined;
      times.push(Date.now());
      if (times.length === 1) throw new TypeError("fetch failed");
      return times.length === 2 ? problem(429, "rate_limited", { "retry-after": "0.2" }) : undefined;
    };
    server.give();
    await started(
      server,
      greet(async () => ({})),
    );
    await ended(server);
    expect(server.told()).toEqual(["task_started", "task_complete"]);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(199);
  });

  it("that took the event, and whose answer was lost, has it once", async () => {
    const server = new ScriptedServer();
    let lost = 0;
    const { fetch } = server;
    const losing: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (String(input).endsWith("/events") && lost++ % 2 === 0) throw new TypeError("connection reset");
      return answer;
    };
    server.give();
    await started(
      server,
      greet(async () => ({})),
      { fetch: losing },
    );
    await ended(server);
    expect(server.told()).toEqual(["task_started", "task_complete"]);
    await until(() => expect(server.batches.length).toBe(4));
  });

  it("that refuses a progress aborts nothing, and one that refuses an end hears at once that a person has to look", async () => {
    const server = new ScriptedServer();
    server.interfere = ({ body }) =>
      JSON.stringify(body ?? "").includes("too much") ? problem(413, "payload_too_large") : undefined;
    server.give();
    let isAborted: boolean | undefined;
    const run = async (_params: object, { progress, signal }: ActionContext) => {
      progress("50 %", { data: "too much" });
      await until(() => expect(lines.join()).toContain("its progress was refused"));
      isAborted = signal.aborted;
      return { data: "too much" };
    };
    const agent = await started(server, greet(run));
    await until(() => expect(server.told()).toEqual(["task_started", "task_error"]));
    expect(isAborted).toBe(false);
    expect(server.last("task_error")).toMatchObject({
      ...{ error_type: "in_doubt", human_review_required: true },
      error_message: expect.stringContaining("the server refused its report: "),
    });
    await until(() => expect(agent.working).toEqual([]));
  });

  it("that refuses one event of many takes the others", async () => {
    const server = new ScriptedServer();
    server.interfere = ({ body }) =>
      JSON.stringify(body ?? "").includes("bad") ? problem(400, "invalid_input") : undefined;
    server.give();
    const run = async (_params: object, ctx: ActionContext) => {
      ctx.progress("good");
      ctx.progress("bad");
      return {};
    };
    const agent = await started(server, greet(run));
    await ended(server);
    expect(server.told()).toEqual(["task_started", "task_progress", "task_complete"]);
    expect(agent.working).toEqual([]);
  });
});

describe("several at once", () => {
  it("are as many as it is told, and not more", async () => {
    const server = new ScriptedServer();
    for (let n = 0; n < 6; n += 1) server.give({ task_id: `task_${n}` });
    let [now, most] = [0, 0];
    const run = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 30));
      now -= 1;
      return {};
    };
    await started(server, greet(run), { concurrency: 3 });
    await ended(server, 6);
    expect(most).toBe(3);
  });
});
