/** What a little platform is made with. */
import type { AgentDefinition } from "../../../src/define/agent.ts";
import type { MemoryVerbs } from "../../../src/domain/memory/memory-verbs.ts";
import type { Script } from "../../../src/domain/model/script.ts";
import type { Timing } from "../../../src/engine/ports.ts";
import type { Act } from "./people/act.ts";
import type { Provider } from "./providers/sim-model.ts";

export interface SimOptions<World> {
  readonly agents: (world: World) => readonly AgentDefinition[];
  readonly seed: number;
  readonly people?: readonly ((world: World) => readonly Act[])[];
  /** What tools need, beside `outside`: the wire of their execution. */
  readonly services?: Readonly<Record<string, unknown>>;
  readonly provider?: ((world: World) => Provider) | undefined;
  /** What programs remember beyond themselves; no crash touches it. */
  readonly memory?: MemoryVerbs;
  /** What the model answers, instead of what the definition says. */
  readonly script?: Script | undefined;
  /** The platform has no asynchronous context, or loses it everywhere. */
  readonly loses?: "the context";
  /** Time may move although something is pending. */
  readonly hasty?: boolean;
  readonly versions?: number;
  readonly timing?: Partial<Timing>;
  /** The root's acceptance stays staged until its caller is answered. */
  readonly lazily?: boolean;
  readonly beginsAtMs?: number;
}
