/** Webhooks of executions: what is told, how often, what the log says of it; through crashes and hosts that fail. */
import { describe, expect, it } from "vitest";
import { isTerminal } from "../../../src/domain/execution/status.ts";
import type { Webhook, WebhookEvent } from "../../../src/domain/execution/webhook.ts";
import { summaryOfState } from "../../../src/domain/read-models/run-member.ts";
import type { Posted, WebhookMessage } from "../../../src/engine/message.ts";
import { promisesHold } from "../../support/simulator/checks/promises-hold.ts";
import { seeded } from "../../support/simulator/random.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { charge, run, types, worldOf } from "../../support/simulator/small-world.ts";

const webhook = (...more: WebhookEvent[]): Webhook => ({
  address: "https://h.example.com/",
  events: ["execution.completed", "execution.failed", ...more],
  signed: false,
  headerNames: [],
  sealed: "{}",
});

const OK: Posted = { ok: true, httpStatus: 200, durationMs: 1 };
const DOWN: Posted = { ok: false, error: "no answer came", durationMs: 10_000 };
const NO: Posted = { ok: false, error: "it answered 500", httpStatus: 500, durationMs: 1 };

interface Asked {
  readonly asked?: Webhook;
  readonly host?: Host;
  readonly deadlineMs?: number;
}

function told(programs: Programs, { asked = webhook(), host = () => OK, ...extra }: Asked = {}) {
  const world = worldOf({ now: programs }, { webhook: asked, ...extra });
  const came: { readonly message: WebhookMessage; readonly atMs: number }[] = [];
  world.webhookHost = (message, draw) => {
    if (message.to === "webhook") came.push({ message, atMs: world.now });
    return host(came.length, draw);
  };
  return { world, came };
}
type Host = (nth: number, draw: number) => Posted;

const events = (came: readonly { message: WebhookMessage }[]) => came.map(({ message }) => message.notice.event);
const deliveries = (world: SimWorld) => world.root.view.state?.webhook?.deliveries;

/** As the index heard it last. */
function failingIn(world: SimWorld): boolean {
  const heard = world.registry.get(ROOT)?.at(-1);
  return heard !== undefined && (summaryOfState(heard).attributes ?? "").includes('$webhook=\\"failing\\"');
}

const main: Programs["main"] = (ctx) => ctx.sleep(1e9);
const fails: Programs["main"] = async () => {
  throw new Error("no");
};

describe("every end is told", () => {
  const ends: [
    string,
    { readonly main: Programs["main"]; readonly event: WebhookEvent; readonly deadlineMs?: number },
  ][] = [
    ["succeeded", { main: async () => "done", event: "execution.completed" }],
    ["failed", { main: fails, event: "execution.failed" }],
    ["cancelled", { main, event: "execution.failed" }],
    ["timeout", { main, event: "execution.failed", deadlineMs: 2_000_000 }],
  ];
  it.each(ends)("%s", async (status, { event, ...programs }) => {
    const { deadlineMs } = programs;
    const { world, came } = told({ main: programs.main }, deadlineMs === undefined ? {} : { deadlineMs });
    await run(world, () => world.root.view.state?.suspended !== undefined || isOver(world));
    if (status === "cancelled") world.dispatch(ROOT, { type: "cancel", by: "eve" });
    await run(world);
    expect(world.root.view.state?.status).toBe(status);
    expect(events(came)).toEqual([event]);
    expect(types(world).at(-1)).toBe("webhook.delivered");
    expect(world.root.view.state?.webhook).toMatchObject({ total: 1, failed: 0 });
    expect(deliveries(world)).toMatchObject([{ event, status: "delivered", attempts: 1 }]);
  });

  it("what it gives is in the notice, as its owner reads it", async () => {
    const { world, came } = told({ main: async () => ({ mail: "ann@example.com" }) });
    await run(world);
    expect(came[0]?.message.notice).toMatchObject({ status: "succeeded", output: { mail: "ann@example.com" } });
  });

  it("nothing is told of an execution that asked for nothing", async () => {
    const world = worldOf({ now: { main: async () => "done" } });
    let posts = 0;
    world.webhookHost = () => {
      posts += 1;
      return OK;
    };
    await run(world);
    expect([posts, types(world).filter((type) => type.startsWith("webhook"))]).toEqual([0, []]);
  });

  it("a wait is told where it was asked for", async () => {
    const programs: Programs = { main: async (ctx) => ctx.pause({ name: "ok", payload: { answer: "approved" } }) };
    const asked = told(programs, { asked: webhook("execution.waiting") });
    await run(asked.world);
    expect(events(asked.came).sort()).toEqual(["execution.completed", "execution.waiting"]);
    const waited = asked.came.find(({ message }) => message.notice.event === "execution.waiting");
    expect(waited?.message.notice).toMatchObject({ status: "waiting", reason: "waiting_for_approval" });
    const unasked = told(programs);
    await run(unasked.world);
    expect(events(unasked.came)).toEqual(["execution.completed"]);
  });
});

const isOver = (world: SimWorld) => isTerminal(world.root.view.state?.status ?? "pending");

describe("a host that fails", () => {
  it("is tried five times, 5 s doubling, and then it is given up", async () => {
    const { world, came } = told({ main: async () => "done" }, { host: () => DOWN });
    await run(world);
    const waits = came.slice(1).map(({ atMs }, at) => atMs - (came[at]?.atMs ?? 0));
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(came.map(({ message }) => message.notice.retryCount)).toEqual([0, 1, 2, 3, 4]);
    const failed = world.root.view.events.filter(({ type }) => type === "webhook.failed");
    expect(failed.map(({ data }) => "givenUp" in data)).toEqual([false, false, false, false, true]);
    expect(world.root.view.state?.webhook).toMatchObject({ total: 1, failed: 1 });
    // The index has its row: what it acknowledged is written with the next commit.
    expect([...world.root.view.outbox.keys()]).toEqual(["registry"]);
    expect(failingIn(world)).toBe(true);
  });

  it("is asked once where its address is refused", async () => {
    const { world, came } = told({ main: async () => 1 }, { host: () => ({ ...DOWN, isFinal: true }) });
    await run(world);
    expect(came).toHaveLength(1);
    expect(deliveries(world)).toMatchObject([{ status: "failed", attempts: 1 }]);
  });

  it("is told again when a person wants it, with tries of its own", async () => {
    let isUp = false;
    const { world, came } = told({ main: async () => 1 }, { host: () => (isUp ? OK : NO) });
    await run(world);
    expect(failingIn(world)).toBe(true);
    isUp = true;
    world.dispatch(ROOT, { type: "retry_delivery", by: "ann" });
    await run(world);
    expect(came).toHaveLength(6);
    expect(deliveries(world)).toMatchObject([{ status: "delivered", attempts: 6 }]);
    expect(world.root.view.state?.webhook?.failed).toBe(0);
    expect(failingIn(world)).toBe(false);
  });
});

describe("through crashes", () => {
  const programs: Programs = {
    main: async (ctx, world) => {
      await charge(ctx, world);
      await ctx.pause({ name: "ok", payload: { answer: "approved" } });
      return ctx.step("sum", () => 3);
    },
  };

  it.each(Array.from({ length: 60 }, (_, seed) => seed))("each end arrives or is given up (seed %i)", async (seed) => {
    const draw = seeded(seed);
    const { world, came } = told(programs, {
      asked: webhook("execution.waiting"),
      host: (_nth, luck) => (luck < 0.4 ? OK : luck < 0.7 ? NO : DOWN),
    });
    for (let tick = 0; tick < 3_000; tick += 1) {
      await world.quiet();
      if (draw() < 0.08) world.crash();
      else if (draw() < 0.02) world.evict();
      if (!(await world.tick())) break;
    }
    expect(isOver(world)).toBe(true);
    const { state, outbox } = world.root.view;
    expect([...outbox.keys()].filter((id) => id.startsWith("webhook"))).toEqual([]);
    for (const { seq, status, attempts } of state?.webhook?.deliveries ?? []) {
      const arrived = came.filter(({ message }) => message.seq === seq).length;
      expect(arrived).toBeGreaterThanOrEqual(attempts);
      expect(status === "delivered" || (status === "failed" && attempts === 5)).toBe(true);
    }
    expect(state?.webhook?.deliveries.some(({ event }) => event !== "execution.waiting")).toBe(true);
    expect([...world.wrongs, ...promisesHold.wrongs(world)]).toEqual([]);
  });
});
