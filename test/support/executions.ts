/** Runs one agentic execution on the real engine, in the simulator, with a model that answers by the definition's script. */
import type { ExecutionDefinition } from "../../src/define/execution.ts";
import { offer } from "../../src/define/offer.ts";
import type { AttemptView } from "../../src/domain/execution/attempt.ts";
import type { Event } from "../../src/domain/execution/event.ts";
import type { Origin } from "../../src/domain/execution/origin.ts";
import { checkInvariants } from "../../src/domain/invariants/invariants.ts";
import type { MemoryVerbs } from "../../src/domain/memory/memory-verbs.ts";
import type { Script } from "../../src/domain/model/script.ts";
import type { ConversationView } from "../../src/domain/read-models/conversation-view.ts";
import { conversationOf } from "../../src/domain/read-models/conversation-view.ts";
import type { Json } from "../../src/domain/values/json.ts";
import { viewOf } from "../../src/engine/views/view.ts";
import { truthful } from "./simulator/people/people.ts";
import { ROOT, SimWorld } from "./simulator/sim-world.ts";

export interface Ran {
  readonly status: string | undefined;
  readonly output: Json | undefined;
  readonly error: { readonly code: string; readonly message: string; readonly details?: unknown } | undefined;
  readonly attempts: readonly AttemptView[];
  /** Turns that the model was really asked. */
  readonly turns: number;
  readonly conversation: ConversationView;
  readonly events: readonly Event[];
  readonly world: SimWorld;
}

export interface RunOptions {
  readonly services?: Readonly<Record<string, unknown>>;
  readonly origin?: Partial<Origin>;
  /** Instead of the definition's own. */
  readonly script?: Script;
  /** What a deployment finds: replace `now`, and call `world.deploy()`. Instead of the definition. */
  readonly code?: { now: ExecutionDefinition };
  /** Default none. */
  readonly memory?: MemoryVerbs;
  /** Stop here, before the end. */
  readonly until?: (world: SimWorld) => boolean;
}

export async function runDefinition(
  definition: ExecutionDefinition,
  input: Json,
  { services = {}, origin = {}, script, code = { now: definition }, memory, until = () => false }: RunOptions = {},
): Promise<Ran> {
  const outside = () => world.wire(ROOT);
  const agents = () => offer({ agents: [], definitions: [code.now], services: { outside, ...services } });
  const world = new SimWorld({ seed: 7, people: [truthful], agents, services, script, ...(memory ? { memory } : {}) });
  world.start(`${definition.agent.id}.${definition.key}`, input, { kind: "execution", ...origin });
  await goOn(world, until);
  return lookAt(world);
}

/** Ticks until it is so, or until nothing happens any more. */
export async function goOn(world: SimWorld, until: (world: SimWorld) => boolean = () => false): Promise<void> {
  for (let tick = 0; tick < 5_000; tick += 1) {
    await world.quiet();
    if (until(world) || !(await world.tick())) return;
  }
  throw new Error("still busy");
}

export function lookAt(world: SimWorld): Ran {
  const { events, state, timers, alarmAtMs } = world.root.view;
  const view = viewOf(world.actor(ROOT).journal);
  const alarm = alarmAtMs === undefined ? {} : { alarmAtMs };
  const broken = state ? checkInvariants({ events, state, timers, now: world.now, ...alarm }) : [];
  const wrongs = [
    ...world.wrongs,
    ...broken.filter(({ verdict }) => verdict === "violated").map(({ detail }) => detail),
  ];
  if (wrongs.length > 0) throw new Error(wrongs.join("\n"));
  return {
    status: state?.status,
    output: view?.output,
    error: view?.error,
    attempts: view?.attempts ?? [],
    turns: world.paid.turns,
    conversation: conversationOf(events),
    events,
    world,
  };
}
