/**
 * One schedule of a node that takes so many executions at once: its calls may not arrive, their answers may be lost, its reports come late
 * and twice, its processes die, and at any moment an execution, all of them or the limiter crashes. Returns what must never be; nothing
 * when all is right.
 */
import * as z from "zod";
import { defineAgent } from "../../../../src/define/agent.ts";
import type { Context } from "../../../../src/define/context.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import { limitersOf } from "../actors/sim-limiters.ts";
import { decider, resumer } from "../people/people.ts";
import { worker } from "../people/remote-workers.ts";
import { caught } from "../programs/program.ts";
import { seeded } from "../random.ts";
import { SimWorld } from "../sim-world.ts";
import { crashOne, slotsAmiss } from "./limit-schedule.ts";

export interface NodeSchedule {
  readonly seed: number;
  readonly limit: number;
  readonly calls: number;
  /** Of them, those that may be called again when their process is lost. */
  readonly repeatable: boolean;
  /** Of a tick, that it is a crash; that an operator cancels one of the executions. */
  readonly crashes: number;
  readonly cancels: number;
}

const MOST_TICKS = 60_000;

export function nodeScheduleOf(seed: number): NodeSchedule {
  const draw = seeded(seed ^ 0x5107);
  const pick = <T>(...of: readonly T[]) => of[Math.floor(draw() * of.length)] as T;
  return {
    seed,
    limit: pick(1, 1, 2, 3),
    calls: pick(1, 2, 4, 7),
    repeatable: pick(true, false),
    crashes: pick(0, 0.005, 0.02, 0.05),
    cancels: pick(0, 0, 0.01),
  };
}

export async function runNodeSchedule(schedule: NodeSchedule): Promise<readonly string[]> {
  const { seed, limit, repeatable, crashes, cancels } = schedule;
  const world = new SimWorld({ seed, people: [worker, decider, resumer], agents: () => [callerOf(schedule)] });
  const remote = { dispatchMs: 900_000, ...(repeatable ? { idempotent: true } : {}) };
  const node = { id: "node", subject: "nora" };
  world.nodes.offers = { kind: "reasoner", version: "1", node, remote, agentLimit: limit };
  world.start("a.main", null);
  const draw = seeded(seed + 2_000_003);
  const wrongs = new Set<string>();
  for (let tick = 0; await world.tick(); tick += 1) {
    if (tick > MOST_TICKS) return [...wrongs, "it goes on for ever"];
    for (const wrong of [...slotsAmiss(world), ...tooMany(world, limit)]) wrongs.add(wrong);
    if (tick >= 3_000) continue;
    if (draw() < crashes) crashOne(world, draw);
    if (draw() < cancels) cancelOne(world, draw);
  }
  return [...wrongs, ...leftOver(world), ...world.wrongs];
}

/** Calls them all at once. */
function callerOf({ calls, repeatable }: NodeSchedule) {
  const agent = defineAgent({ id: "a", description: "", version: "1" });
  const any = { input: z.unknown(), output: z.unknown() };
  return agent.reasoner("main", any, async (_input: unknown, ctx: Context) =>
    ctx.all(
      Array.from({ length: calls }, (_, n) => `job-${n}`),
      (name) => name,
      (name, branch) => caught(branch.call("node.job", { name, once: repeatable })),
    ),
  );
}

/** Executions that the node may have: sent on disk, and neither ended nor known not to have arrived. */
function tooMany(world: SimWorld, limit: number): string[] {
  const sent = [...world.stores].filter(([, { durable }]) => {
    const { state, events } = durable;
    if (!state?.origin.remote || isTerminal(state.status)) return false;
    const last = events.findLast(({ type }) => type === "external.sending" || type === "external.unsent");
    return last?.type === "external.sending";
  });
  return sent.length > limit ? [`the node has ${sent.length} executions at once, and takes ${limit}`] : [];
}

function cancelOne(world: SimWorld, draw: () => number): void {
  const remote = [...world.stores].filter(([, { view }]) => view.state?.origin.remote);
  const [id] = remote[Math.floor(draw() * remote.length)] ?? [];
  if (id !== undefined) world.dispatch(id, { type: "cancel", by: "ann" });
}

/** All have ended, nothing was done twice, and no slot is taken. */
function leftOver(world: SimWorld): string[] {
  const open = [...world.stores].filter(([, { view }]) => !view.state || !isTerminal(view.state.status));
  const disks = [...limitersOf(world.clock).disks];
  const twice = Object.entries(world.outside.applied()).filter(([, count]) => count > 1);
  return [
    ...open.map(([id, { view }]) => `${id} did not end: ${view.state?.status} ${view.state?.reason}`),
    ...disks.flatMap(([name, { records }]) => (records.size > 0 ? [`${name} leaks ${[...records.keys()]}`] : [])),
    ...twice.map(([name]) => `${name} was done more than once`),
  ];
}
