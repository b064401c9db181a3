import type { EffectOptions, Scratchpad, Try } from "../define/context.ts";
import type { Amount } from "../domain/budget.ts";
import type { Json } from "../domain/json.ts";

/** Runs after the intents of a burst are committed: the moment from which the outside may be touched. */
export type Launch = () => void;

/** Something to do in this process: a step, an effect, a tool or a model turn. */
export interface Work {
  readonly key: string;
  readonly kind: "step" | "effect" | "tool" | "turn";
  readonly name: string;
  readonly input?: Json;
  readonly digest?: string;
  readonly options: EffectOptions;
  readonly perform: (attempt: Try) => unknown;
  /** What the program has on its scratchpad; a try reads through to it. */
  readonly scratchpad?: Scratchpad;
  /** Worst case of one try, set aside before it starts. */
  readonly reserve?: Amount;
  readonly usageOf?: (value: Json) => Amount;
  /** What a try that brought nothing has spent all the same. Default: one turn. */
  readonly spentBy?: (thrown: unknown) => Amount;
  /** False for a turn whose price nobody knows: under a limit in dollars it is refused. */
  readonly priced?: boolean;
}
