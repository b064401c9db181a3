/** Runs agents of a runtime on the real engine, in the simulator, with people who decide by what an approval shows. */
import { offer } from "../../src/define/offer.ts";
import { agentsOf } from "../../src/define/roles/role-functions.ts";
import type { Runtime } from "../../src/define/roles/runtime.ts";
import type { Event } from "../../src/domain/execution/event.ts";
import type { Origin } from "../../src/domain/execution/origin.ts";
import { isTerminal } from "../../src/domain/execution/status.ts";
import type { Json } from "../../src/domain/values/json.ts";
import type { Ran } from "./executions.ts";
import { goOn, lookAt } from "./executions.ts";
import { KeptRecords } from "./memory/kept-records.ts";
import { truthful } from "./simulator/people/people.ts";
import type { Person } from "./simulator/sim-world.ts";
import { SimWorld } from "./simulator/sim-world.ts";

export interface Answer {
  readonly decision: "approved" | "rejected" | "request_changes";
  readonly feedback?: string;
}

/** What a person says to an approval that shows this; `undefined`: nothing. */
export type Decides = (payload: Shown) => Answer | undefined;
export interface Shown {
  readonly kind?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly input?: Json;
  readonly [key: string]: Json | undefined;
}

export interface RoleRun {
  readonly decides?: Decides;
  readonly services?: Readonly<Record<string, unknown>>;
  readonly origin?: Partial<Origin>;
  readonly people?: readonly Person[];
  /** What a deployment finds: replace `now`, and call `world.deploy()`. */
  readonly code?: { now: Runtime };
  readonly memory?: KeptRecords;
  /** In which order things happen; default 7. */
  readonly seed?: number;
  readonly until?: (world: SimWorld) => boolean;
}

export const approves: Decides = () => ({ decision: "approved" });

/** A function of a runtime's agent, and what it is given. */
export interface RoleCall {
  readonly to: string;
  readonly input: Json;
}

export function roleWorld(runtime: Runtime, { to, input }: RoleCall, options: RoleRun = {}): SimWorld {
  const { decides, services = {}, origin = {}, people = [], memory = new KeptRecords(), seed = 7 } = options;
  const { code = { now: runtime } } = options;
  const agents = () => offer({ agents: agentsOf(code.now), definitions: [], services });
  const world = new SimWorld({
    ...{ seed, agents, services, memory },
    people: [truthful, ...people, ...(decides ? [deciderBy(decides)] : [])],
  });
  world.start(to, input, { kind: "execution", ...origin });
  return world;
}

export async function runRole(runtime: Runtime, call: RoleCall, options: RoleRun = {}): Promise<Ran> {
  const world = roleWorld(runtime, call, options);
  await goOn(world, options.until);
  return lookAt(world);
}

/** Stops a run where a person is asked: with nobody there the clock would go on until the question expires. */
export const whenAsked = (world: SimWorld): boolean =>
  [...world.stores.values()].some(({ view }) => view.gates.size > 0 && !isTerminal(view.state?.status ?? "pending"));

/** Decides what is open, in every execution. */
export function deciderBy(decides: Decides): Person {
  return (world) =>
    [...world.stores].flatMap(([id, { view }]) => {
      if (!view.state || isTerminal(view.state.status)) return [];
      return [...view.gates.values()].flatMap((gate) => {
        const answer = gate.kind === "pause" ? decides(shownIn(view.events, gate.openedSeq)) : undefined;
        if (!answer) return [];
        const command = { type: "decide_gate", gateId: gate.gateId, by: "ann", ...answer } as const;
        return [{ to: id, label: `ann: ${answer.decision} ${gate.gateId}`, run: () => world.dispatch(id, command) }];
      });
    });
}

function shownIn(events: readonly Event[], openedSeq: number): Shown {
  const opened = events[openedSeq - 1];
  return opened?.type === "gate.opened" ? ((opened.data.payload ?? {}) as Shown) : {};
}
