/** Which subtasks a poll leaves to agents of the role that they ask for: while such an agent would take them, and no longer. */
import { beforeEach, describe, expect, it } from "vitest";
import { AgentDesk } from "../../../../src/actors/nodes/agent-desk.ts";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { AgentRecord } from "../../../../src/domain/node/polling-agent.ts";
import { agentSubject } from "../../../../src/domain/node/polling-agent.ts";
import type { PlanTask } from "../../../../src/domain/plan/plan.ts";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import { workOfferOf } from "../../../../src/engine/work/work-offer.ts";
import { Vault } from "../../../../src/vault/vault.ts";
import { ObjectStorage } from "../../../support/object-storage.ts";
import { plan, subtask, task } from "../../../support/plans/made.ts";
import { LEASE_MS, OnePlan } from "../../../support/plans/one-plan.ts";

const MARK: Principal = { tenant: "t", subject: "mark", scopes: ["execute"] };
const own = (id: string): Principal => ({ tenant: "t", subject: agentSubject(id), scopes: ["agent"] });

const ROLES: Readonly<Record<string, string>> = { ana: "Analyst", dev: "Developer" };

/** `a` is for an analyst, `d` for a developer, `b` for anybody. */
const THREE = [
  task("t1", { assigneeRole: "Analyst", subtasks: [subtask("a")] }),
  task("t2", { assigneeRole: "Developer", priority: 2, subtasks: [subtask("d")] }),
  task("t3", { priority: 3, subtasks: [subtask("b")] }),
];

/** A tenant with one execution of a plan. */
class Tenant {
  readonly #disk = new ObjectStorage();
  /** Agents of which a poll waits, and since when. */
  readonly waiting = new Map<string, number>();
  readonly one: OnePlan;
  now = 1_000_000;
  #desk: AgentDesk;

  constructor({ tasks = THREE, ...more }: { readonly agentId?: string; readonly tasks?: PlanTask[] } = {}) {
    this.one = new OnePlan(plan(tasks), more);
    this.#desk = this.#open();
    for (const [id, role] of Object.entries(ROLES))
      this.#desk.add(MARK, id, { record: record(id, role), isActive: true });
    this.tell();
  }

  #open(): AgentDesk {
    const sockets = () =>
      [...this.waiting].map(([id, sinceMs]) => ({
        ...{ id, readyState: 1, send: () => {} },
        deserializeAttachment: () => sinceMs,
      }));
    const tagOf = (socket: unknown) => `poll:${(socket as { readonly id: string }).id}`;
    const ctx = {
      storage: this.#disk.storage,
      waitUntil: () => {},
      getTags: (socket: WebSocket) => ["of any execution", tagOf(socket)],
      getWebSockets: (tag = "of any execution") =>
        sockets().filter((socket) => tag === "of any execution" || tagOf(socket) === tag),
    } as unknown as DurableObjectState;
    return new AgentDesk({
      ...{ ctx, limits: DEFAULT_LIMITS, now: () => this.now, log: () => {} },
      sealer: new Vault({ sealing: undefined, opening: new Map() }).sealerOf("tests"),
      outbound: async () => ({ ok: true, status: 204, headers: new Map(), body: "" }),
    });
  }

  get desk(): AgentDesk {
    return this.#desk;
  }

  /** The directory's process dies. */
  reopen(): void {
    this.#desk = this.#open();
  }

  /** The directory hears where the execution stands. */
  tell(): void {
    const { journal } = this.one;
    const message = journal.state && workOfferOf(journal, journal.state);
    if (message) this.#desk.hear(message.offer);
  }

  /** As the router polls for an agent. Returns the subtask that it is given. */
  async poll(id: string, { caller = own(id), named }: { caller?: Principal; named?: readonly string[] } = {}) {
    const hints = this.#desk.workFor(caller, id, named);
    if (!hints.ok || hints.value.executions.length === 0) return undefined;
    const { reserved, agent } = hints.value;
    const actions = Object.fromEntries(
      agent.isActive ? (named ?? ["send_email"]).map((action) => [action, false]) : [],
    );
    const { task: given } = await this.one.poll(id, actions, { role: agent.role, reserved });
    this.tell();
    return given?.id;
  }

  reservedFor(id: string) {
    const hints = this.#desk.workFor(own(id), id, undefined);
    return hints.ok ? hints.value.reserved : hints.code;
  }

  async done(agent: string, id: string): Promise<void> {
    await this.one.report(agent, "task_complete", { taskId: id });
    this.tell();
  }
}

function record(id: string, role: string): AgentRecord {
  return {
    ...{ name: id, role, pollEndpoint: null, webhookUrl: null, webhookSecret: null },
    capabilities: [{ action: "send_email", params: {}, idempotent: false }],
  };
}

let tenant: Tenant;
beforeEach(() => {
  tenant = new Tenant();
});

describe("a subtask that asks for a role", () => {
  it("is left to an agent of it that is there and can do it, whoever polls first", async () => {
    tenant.waiting.set("ana", tenant.now);
    expect(await tenant.poll("dev")).toBe("d");
    await tenant.done("dev", "d");
    expect(await tenant.poll("dev")).toBe("b");
    await tenant.done("dev", "b");
    expect(await tenant.poll("dev")).toBeUndefined();
    expect(await tenant.poll("ana")).toBe("a");
    expect(tenant.one.broken()).toEqual([]);
  });

  it("goes to any agent where none of the role is there, or none of it does the action", async () => {
    expect(await tenant.poll("dev")).toBe("d");
    await tenant.poll("ana", { named: ["draft_document"] });
    await tenant.done("dev", "d");
    expect(await tenant.poll("dev")).toBe("b");
    await tenant.done("dev", "b");
    expect(await tenant.poll("dev")).toBe("a");
  });

  it("goes to another when the agent of its role has died: a third of a lease after its last poll", async () => {
    await tenant.poll("ana", { named: ["draft_document"] });
    await tenant.poll("ana");
    // What it was given is taken back: it never began.
    tenant.one.pass(LEASE_MS);
    tenant.tell();
    tenant.now += 1;
    const held = async () => tenant.poll("dev");
    expect(await held()).toBe("d");
    await tenant.done("dev", "d");
    expect(await held()).toBe("b");
    await tenant.done("dev", "b");
    tenant.now += LEASE_MS / 3 - 1;
    expect(await held()).toBeUndefined();
    tenant.now += 1;
    expect(await held()).toBe("a");
    expect(tenant.one.broken()).toEqual([]);
  });

  it("goes to another while the agent of its role holds something and does not wait, and is left to it again when that is done", async () => {
    const subtasks = ["a1", "a2", "a3"].map((id) => subtask(id));
    tenant = new Tenant({ tasks: [task("t1", { assigneeRole: "Analyst", subtasks })] });
    expect(await tenant.poll("ana")).toBe("a1");
    expect(await tenant.poll("dev")).toBe("a2");
    await tenant.done("dev", "a2");
    await tenant.done("ana", "a1");
    expect(await tenant.poll("dev")).toBeUndefined();
    expect(await tenant.poll("ana")).toBe("a3");
  });

  it("goes to another when the agent of its role gets no new work, or was removed", async () => {
    await tenant.poll("ana", { named: ["draft_document"] });
    tenant.waiting.set("ana", tenant.now);
    expect(tenant.reservedFor("dev")).toEqual([{ role: "Analyst", actions: ["send_email"] }]);
    tenant.desk.change(MARK, "ana", { isActive: false });
    expect(tenant.reservedFor("dev")).toEqual([]);
    tenant.desk.change(MARK, "ana", { isActive: true });
    expect(tenant.reservedFor("dev")).toHaveLength(1);
    tenant.desk.remove("ana");
    expect(tenant.reservedFor("dev")).toEqual([]);
  });

  it("goes to another when the agent of its role is drained", async () => {
    await tenant.poll("ana");
    tenant.one.pass(LEASE_MS);
    tenant.tell();
    const lapse = (n: number) => ({ agent: "ana", subtask: `s${n}`, atMs: tenant.now + n * 60_000 });
    const { journal } = tenant.one;
    const offer = journal.state && workOfferOf(journal, journal.state)?.offer;
    if (!offer) throw new Error("nothing is offered");
    tenant.waiting.set("ana", tenant.now);
    expect(tenant.reservedFor("dev")).toHaveLength(1);
    tenant.desk.hear({
      ...offer,
      executionId: "exec_2",
      ready: 0,
      actions: [],
      asks: [],
      lapses: [0, 1, 2].map(lapse),
    });
    tenant.now += 120_000;
    expect(tenant.reservedFor("dev")).toEqual([]);
  });

  it("is left to nobody by a directory that began anew, but for polls that wait", async () => {
    await tenant.poll("ana", { named: ["draft_document"] });
    tenant.reopen();
    tenant.tell();
    expect(tenant.reservedFor("dev")).toEqual([]);
    tenant.waiting.set("ana", tenant.now);
    expect(tenant.reservedFor("dev")).toHaveLength(1);
  });

  it("is left to no agent whose poll lost its router: none waits so long", () => {
    tenant.waiting.set("ana", tenant.now);
    tenant.now += 40_000;
    expect(tenant.reservedFor("dev")).toHaveLength(1);
    tenant.now += 1;
    expect(tenant.reservedFor("dev")).toEqual([]);
  });

  it("is not left to an agent for which a user polls, whose key may not be given it", async () => {
    tenant.desk.workFor(MARK, "ana", undefined);
    expect(await tenant.poll("dev")).toBe("d");
    await tenant.done("dev", "d");
    expect(await tenant.poll("dev")).toBe("b");
    await tenant.done("dev", "b");
    expect(await tenant.poll("dev")).toBe("a");
  });

  it("of an execution for one agent goes to that one", async () => {
    tenant = new Tenant({ agentId: "dev" });
    tenant.waiting.set("ana", tenant.now);
    expect(await tenant.poll("ana")).toBeUndefined();
    expect(await tenant.poll("dev")).toBe("d");
    await tenant.done("dev", "d");
    expect(await tenant.poll("dev")).toBe("b");
    await tenant.done("dev", "b");
    expect(await tenant.poll("dev")).toBe("a");
  });
});
