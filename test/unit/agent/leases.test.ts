/** The kit for agents that poll: leases that are kept and lost, waits for the outside, and processes that die or are stopped. */
import { afterEach, describe, expect, it } from "vitest";
import type { ActionContext, AgentStore } from "../../../src/agent/index.ts";
import { Blocked, memoryStore, waitFor } from "../../../src/agent/index.ts";
import { ScriptedServer } from "../../support/agent/scripted-server.ts";
import { ended, greet, lines, running, started, stopAgents, until } from "../../support/agent/started-agent.ts";

afterEach(stopAgents);

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

  it("that ended before its start was answered begins nothing: the answer to a report that was sent again is of its first time", async () => {
    const server = new ScriptedServer();
    let begun = 0;
    server.answers = ({ event_type }) => (event_type === "task_started" ? { lease: null } : {});
    server.give();
    await started(
      server,
      greet(async () => {
        begun += 1;
        return {};
      }),
    );
    await until(() => expect(lines.some((line) => line.includes("is left"))).toBe(true));
    expect([begun, server.told()]).toEqual([0, ["task_started"]]);
  });

  it("that is another one by now begins nothing either", async () => {
    const server = new ScriptedServer();
    let begun = 0;
    server.answers = () => ({ lease: { lease_id: "lease_of_later", seconds: 60 } });
    server.give();
    await started(
      server,
      greet(async () => {
        begun += 1;
        return {};
      }),
    );
    await until(() => expect(lines.some((line) => line.includes("is left"))).toBe(true));
    expect([begun, server.told()]).toEqual([0, ["task_started"]]);
  });

  it("that may have ended while its start was under way is asked about before anything begins", async () => {
    const server = new ScriptedServer();
    const log: string[] = [];
    server.answers = ({ event_type }) => {
      log.push(event_type);
      return event_type === "heartbeat" ? { applied: false, reason: "lease lost" } : {};
    };
    server.interfere = async ({ body }) => {
      // The machine sleeps: no timer of it rings meanwhile, and the answer is there when it wakes.
      if (!JSON.stringify(body ?? "").includes("task_started")) return undefined;
      const until = Date.now() + 60;
      while (Date.now() < until);
      return undefined;
    };
    server.give({ seconds: 0.06 });
    await started(
      server,
      greet(async () => ({ begun: log.push("begun") })),
    );
    await until(() => expect(lines.some((line) => line.includes("is left"))).toBe(true));
    expect(log).not.toContain("begun");
  });

  it("is taken for lost when two thirds of it are over without an answer: the server moves its end by thirds", async () => {
    const server = new ScriptedServer();
    let [began, aborted] = [0, 0];
    server.interfere = ({ body }) => {
      if (JSON.stringify(body ?? "").includes("heartbeat") && aborted === 0) throw new TypeError("no network");
      return undefined;
    };
    server.give({ seconds: 0.9 });
    const run = async (params: object, ctx: ActionContext) => {
      began = Date.now();
      ctx.signal.addEventListener("abort", () => {
        aborted = Date.now();
      });
      return untilAborted([])(params, ctx);
    };
    await started(server, greet(run));
    await ended(server);
    expect(aborted - began).toBeLessThan(850);
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

  it("of an execution that is paused is kept, and the next heartbeat says that the pause was heard", async () => {
    const server = new ScriptedServer();
    const release = Promise.withResolvers<object>();
    const isPaused = () => server.events.filter(({ event_type }) => event_type === "heartbeat").length === 2;
    server.answers = ({ event_type }) => (event_type === "heartbeat" && isPaused() ? { force_pause: true } : {});
    server.give();
    await started(
      server,
      greet(async () => release.promise),
      { heartbeatMs: 20 },
    );
    await until(() =>
      expect(server.events.filter(({ event_type }) => event_type === "heartbeat").length).toBeGreaterThan(4),
    );
    release.resolve({});
    await ended(server);
    const beats = server.events.filter(({ event_type }) => event_type === "heartbeat").map(({ status }) => status);
    expect(beats.slice(0, 4)).toEqual(["running", "running", "paused", "running"]);
    expect(server.told()).toEqual(["task_started", "task_complete"]);
    expect(lines.filter((line) => line.includes("is paused"))).toHaveLength(1);
  });

  it("of another execution than the one that is cancelled is kept", async () => {
    const server = new ScriptedServer();
    const release = Promise.withResolvers<object>();
    server.answers = ({ event_type, task_id }) =>
      event_type === "heartbeat" && task_id === "task_1_a" ? { force_cancel: true } : {};
    server.give({ seconds: 0.1 });
    server.give({ task_id: "task_1_b", seconds: 0.1 });
    server.work[1] = { ...server.work[1], execution_id: "exec_2" };
    const run = (params: object, ctx: ActionContext) =>
      ctx.executionId === "exec_2" ? release.promise : untilAborted([])(params, ctx);
    await started(server, greet(run), { concurrency: 2 });
    await ended(server);
    release.resolve({});
    await ended(server, 2);
    expect([server.told(), server.told("task_1_b")]).toEqual([
      ["task_started", "task_error"],
      ["task_started", "task_complete"],
    ]);
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

  it("leaves what it aborts to the next process, where the store has it", async () => {
    const server = new ScriptedServer();
    const store: AgentStore = { ...memoryStore(), isDurable: true };
    server.give();
    const run = async (_params: object, { signal }: ActionContext) =>
      new Promise<object>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const agent = await started(server, greet(run), { store });
    await until(() => expect(server.told()).toEqual(["task_started"]));
    await agent.stop({ graceMs: 10 });
    expect([server.told(), Object.values(await store.load())]).toMatchObject([
      ["task_started"],
      [{ phase: "started" }],
    ]);
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
