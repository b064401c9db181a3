/** The kit for agents that poll, against a server in memory: what is done, in which order it is told, and what is left when it dies. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { ActionContext, AgentStore, PollingAgent, PollingAgentOptions } from "../../../src/agent/index.ts";
import { ActionError, Blocked, createPollingAgent, memoryStore, waitFor } from "../../../src/agent/index.ts";
import { ReportRequest } from "../../../src/contract/plan-executions/requests.ts";
import { problem, ScriptedServer } from "../../support/agent/scripted-server.ts";

const TIMING = { firstBackoffMs: 2, maxBackoffMs: 10, answerMs: 2_000 };
const running: PollingAgent[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((agent) => agent.stop({ graceMs: 0 })));
});

type Actions = PollingAgentOptions["actions"];
const lines: string[] = [];

async function started(server: ScriptedServer, actions: Actions, more: Partial<PollingAgentOptions> = {}) {
  lines.length = 0;
  const agent = createPollingAgent({
    ...{ url: "http://errand.test", key: "errand_secret", id: "larry", actions, signals: false, timing: TIMING },
    ...{ fetch: server.fetch, log: ({ message }: { message: string }) => void lines.push(message) },
    ...more,
  } as PollingAgentOptions);
  running.push(agent);
  await agent.start();
  return agent;
}

const greet = (run: (params: { name?: string }, ctx: ActionContext) => Promise<never> | Promise<object>, more = {}) =>
  ({ greet: { input: z.object({ name: z.string().optional() }), run, ...more } }) as unknown as Actions;
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 5_000, interval: 5 });
const ended = (server: ScriptedServer, count = 1) =>
  until(() => expect(server.events.filter(({ event_id }) => event_id.endsWith(":end"))).toHaveLength(count));

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

describe("a lease", () => {
  /** Runs until it is aborted, and says when. */
  const untilAborted = (log: string[]) => async (_params: object, ctx: ActionContext) => {
    await new Promise<void>((resolve) => ctx.signal.addEventListener("abort", () => resolve(), { once: true }));
    log.push("aborted");
    throw ctx.signal.reason;
  };

  it("is renewed at a third of it, for work that takes three times as long", async () => {
    const server = new ScriptedServer();
    server.give({ seconds: 0.3 });
    await started(
      server,
      greet(async () => new Promise((resolve) => setTimeout(() => resolve({}), 900))),
    );
    await ended(server);
    const beats = server.events.filter(({ event_type }) => event_type === "heartbeat").length;
    expect(beats).toBeGreaterThanOrEqual(5);
    expect(server.told()).toEqual(["task_started", "task_complete"]);
  });

  it("is given back with the end: no heartbeat comes behind it", async () => {
    const server = new ScriptedServer();
    server.interfere = async ({ body }) => {
      if (!JSON.stringify(body ?? "").includes("task_complete")) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 150));
      return undefined;
    };
    server.give({ seconds: 0.1 });
    await started(
      server,
      greet(async () => ({})),
    );
    await ended(server);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.events.map(({ event_type }) => event_type)).toEqual(["task_started", "task_complete"]);
    expect(lines.filter((line) => line.includes("aborted"))).toEqual([]);
  });

  it("that is lost aborts the work first; then what became of it is reported, as in doubt", async () => {
    const server = new ScriptedServer();
    const log: string[] = [];
    server.answers = ({ event_type }) => {
      if (event_type === "task_error") log.push("reported");
      return event_type === "heartbeat" ? { applied: false, reason: "lease lost" } : {};
    };
    server.give({ seconds: 0.1 });
    await started(server, greet(untilAborted(log)));
    await ended(server);
    expect(log).toEqual(["aborted", "reported"]);
    expect(server.last("task_error")).toMatchObject({ error_type: "in_doubt", human_review_required: true });
  });

  it("that ends while the server is away aborts the work too", async () => {
    const server = new ScriptedServer();
    const log: string[] = [];
    server.interfere = ({ body }) => {
      const isBeat = JSON.stringify(body ?? "").includes("heartbeat");
      if (isBeat && log.length === 0) throw new TypeError("no network");
      return undefined;
    };
    server.give({ seconds: 0.2 });
    await started(server, greet(untilAborted(log), { idempotent: true }));
    await ended(server);
    expect(server.last("task_error")).toMatchObject({ error_type: "lease_lost", human_review_required: false });
  });

  it("of an execution that is cancelled aborts the work", async () => {
    const server = new ScriptedServer();
    const log: string[] = [];
    server.answers = ({ event_type }) => (event_type === "heartbeat" ? { force_cancel: true } : {});
    server.give({ seconds: 0.1 });
    await started(server, greet(untilAborted(log)));
    await ended(server);
    expect(server.last("task_error")).toMatchObject({
      ...{ error_type: "in_doubt", message: "It is not known whether this was done: the execution is cancelled." },
    });
  });

  it("of an hour hears of it all the same, soon", async () => {
    const server = new ScriptedServer();
    server.answers = ({ event_type }) => (event_type === "heartbeat" ? { force_cancel: true } : {});
    server.give({ seconds: 3_600 });
    await started(server, greet(untilAborted([])), { heartbeatMs: 30 });
    await ended(server);
    expect(server.last("task_error")).toMatchObject({ error_message: expect.stringContaining("cancelled") });
  });

  it.each([
    ["tried again where it may be done twice", { idempotent: true }, "timeout", false],
    ["in doubt where it may not", {}, "in_doubt", true],
  ])("of work that takes longer than its subtask may is given up, and is %s", async (_what, ...[more, type, asks]) => {
    const server = new ScriptedServer();
    server.give({ timeout_hours: 0.1 / 3_600 });
    await started(server, greet(untilAborted([]), more));
    await ended(server);
    expect(server.last("task_error")).toMatchObject({ error_type: type, human_review_required: asks });
  });
});

describe("what waits for the outside", () => {
  it("takes no place, keeps its lease, and is ended from outside", async () => {
    const server = new ScriptedServer();
    const key = server.give({ seconds: 0.2 });
    const run = async (_params: object, { taskId }: ActionContext) =>
      taskId === "task_1_a" ? waitFor("Waits for an answer", { message: "<1@x>" }) : {};
    const agent = await started(server, greet(run as never));
    await until(() => expect(server.told()).toEqual(["task_started", "task_blocked"]));
    expect(server.last("task_blocked")).toMatchObject({ status: "blocked", human_review_required: false });
    server.give({ task_id: "task_1_b" });
    await until(() => expect(server.told("task_1_b")).toEqual(["task_started", "task_complete"]));
    await until(() => expect(server.last("heartbeat")?.task_id).toBe("task_1_a"));
    expect(await agent.settle(key, { output: { said: "yes" }, message: "She answered" })).toBe(true);
    expect(server.last("task_complete")).toMatchObject({ output_data: { said: "yes" }, message: "She answered" });
    expect(await agent.settle("exec_1/none", { output: {} })).toBe(false);
  });

  it("is blocked when the outside says no", async () => {
    const server = new ScriptedServer();
    const key = server.give();
    const agent = await started(server, greet((async () => waitFor("Waits")) as never));
    await until(() => expect(server.told()).toContain("task_blocked"));
    await agent.settle(key, { error: new Blocked("It bounced", { suggestions: ["Call"] }) });
    expect(server.last("task_error")).toMatchObject({ suggestions: ["Call"], human_review_required: true });
  });
});

describe("a process that dies", () => {
  /** A process that is gone: it says nothing more, and its store stays. */
  async function died(server: ScriptedServer, store: AgentStore, run: () => Promise<object>) {
    let isDead = false;
    const fetch: typeof server.fetch = (input, init) => (isDead ? new Promise(() => {}) : server.fetch(input, init));
    const agent = await started(server, greet(run), { store, fetch });
    running.pop();
    return {
      agent,
      die: () => {
        isDead = true;
      },
    };
  }
  const durable = (): AgentStore => ({ ...memoryStore(), isDurable: true });

  it.each([
    ["is done again where it may be", { idempotent: true }, ["task_started", "task_complete"], 2],
    [
      "is reported where it is known to have happened",
      { checkOutcome: async () => ({ happened: true, output: { found: 1 } }) },
      ["task_started", "task_complete"],
      1,
    ],
    [
      "is done where it is known not to have happened",
      { checkOutcome: async () => ({ happened: false }) },
      ["task_started", "task_complete"],
      2,
    ],
    [
      "goes to a person where nobody can tell",
      { checkOutcome: async () => undefined },
      ["task_started", "task_error"],
      1,
    ],
    ["goes to a person where nobody was asked", {}, ["task_started", "task_error"], 1],
  ])("leaves what it began, which %s", async (_what, ...[more, told, runs]) => {
    const server = new ScriptedServer();
    const store = durable();
    let count = 0;
    server.give();
    const first = await died(server, store, async () => {
      count += 1;
      first.die();
      return new Promise(() => {});
    });
    await until(() => expect(count).toBe(1));
    const run = async (_params: object, ctx: ActionContext) => ({ runs: ++count, interrupted: ctx.isInterrupted });
    await started(server, greet(run, more as object), { store });
    await ended(server);
    expect([server.told(), count]).toEqual([told, runs]);
    expect(await store.load()).toEqual({});
  });

  it("leaves a report, which the next one sends, and nothing is done twice", async () => {
    const server = new ScriptedServer();
    const store = durable();
    let count = 0;
    server.give();
    const first = await died(server, store, async () => {
      first.die();
      return { count: ++count };
    });
    await until(async () => expect(Object.values(await store.load())).toMatchObject([{ phase: "ended" }]));
    await started(
      server,
      greet(async () => ({ count: ++count })),
      { store },
    );
    await ended(server);
    expect([server.told(), count]).toEqual([["task_started", "task_complete"], 1]);
  });

  it("leaves a wait, which the next one keeps", async () => {
    const server = new ScriptedServer();
    const store = durable();
    const key = server.give();
    const first = await died(server, store, (async () => waitFor("Waits")) as never);
    await until(() => expect(server.told()).toContain("task_blocked"));
    first.die();
    const agent = await started(
      server,
      greet(async () => ({})),
      { store },
    );
    await agent.settle(key, { output: { late: true } });
    expect(server.last("task_complete")).toMatchObject({ output_data: { late: true } });
  });

  it.each([
    ["its start", 1, async () => ({}), ["task_started", "task_complete"]],
    ["that it waits", 2, async () => waitFor("Waits"), ["task_started", "task_blocked"]],
  ])("before it told %s leaves that to the next one, which tells it", async (_what, ...[last, run, told]) => {
    const server = new ScriptedServer();
    const store = durable();
    server.give();
    let reports = 0;
    server.interfere = ({ path }) => {
      if (!path.endsWith("/events")) return undefined;
      reports += 1;
      if (reports !== last) return undefined;
      first.die();
      return new Promise(() => {});
    };
    const first = await died(server, store, run as never);
    await until(() => expect(reports).toBe(last));
    await started(server, greet(run as never, { idempotent: true }), { store });
    await until(() => expect(server.told()).toEqual(told));
  });

  it("leaves alone what was given to others meanwhile", async () => {
    const server = new ScriptedServer();
    const store = durable();
    let count = 0;
    server.give();
    const first = await died(server, store, async () => {
      count += 1;
      first.die();
      return new Promise(() => {});
    });
    await until(() => expect(count).toBe(1));
    server.answers = () => ({ applied: false, reason: "the lease is over" });
    await started(
      server,
      greet(async () => ({ count: ++count }), { idempotent: true }),
      { store },
    );
    await until(async () => expect(await store.load()).toEqual({}));
    expect([count, server.told()]).toEqual([1, ["task_started"]]);
  });
});

describe("an agent that is stopped", () => {
  it("takes nothing new, lets what runs end, and reports it", async () => {
    const server = new ScriptedServer();
    const release = Promise.withResolvers<void>();
    server.give();
    const agent = await started(
      server,
      greet(async () => release.promise.then(() => ({ done: 1 }))),
    );
    await until(() => expect(server.told()).toEqual(["task_started"]));
    const stopped = agent.stop();
    server.give({ task_id: "task_1_b" });
    release.resolve();
    await stopped;
    await agent.done;
    expect([server.told(), server.told("task_1_b")]).toEqual([["task_started", "task_complete"], []]);
  });

  it("aborts what takes too long, and says that it is in doubt, as no process comes after it", async () => {
    const server = new ScriptedServer();
    server.give();
    const run = async (_params: object, { signal }: ActionContext) =>
      new Promise<object>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const agent = await started(server, greet(run));
    await until(() => expect(server.told()).toEqual(["task_started"]));
    await agent.stop({ graceMs: 10 });
    expect(server.last("task_error")).toMatchObject({ error_type: "in_doubt", human_review_required: true });
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
