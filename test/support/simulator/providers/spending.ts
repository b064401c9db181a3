/**
 * A model provider that keeps its own books: what each execution really paid, whoever heard the answer. Each turn says in its
 * message what it will cost; so a drawn program is also a drawn bill.
 *
 * At each payment it compares the bill with every execution above: M1 what was paid below it is within its limits;
 * M2 all of it had been set aside on its disk before; M3 nobody above counts in dollars when nobody knows the price (P4).
 */
import type { ModelRequest } from "../../../../src/define/context.ts";
import type { Amount } from "../../../../src/domain/execution/budget.ts";
import { NOTHING, plus } from "../../../../src/domain/execution/budget.ts";
import type { Event } from "../../../../src/domain/execution/event.ts";
import type { ExecutionState } from "../../../../src/domain/execution/state.ts";
import { activeLimit, activeMs } from "../../../../src/domain/execution/state.ts";
import { evolve } from "../../../../src/domain/fold/evolve.ts";
import type { TurnReply } from "../../../../src/domain/model/conversation.ts";
import { TurnFailure } from "../../../../src/domain/model/conversation.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Provider } from "./sim-model.ts";

/** A turn as its message says it. */
export interface Bill {
  /** Unique among the turns of a program. */
  readonly at: string;
  /** What the request is taken for at most, and what it really is. */
  readonly bound: number;
  readonly input: number;
  readonly output: number;
  /** How often the provider fails first, and whether it charges for that. */
  readonly failures: number;
  readonly charged: boolean;
  readonly priced: boolean;
}

interface Payer {
  readonly id: string;
  readonly state: ExecutionState | undefined;
  /** Whether what is paid is drawn from it. */
  readonly draws: boolean;
}

const PRICE = 0.001;
const EPSILON = 1e-6;
const LIMITS = { turns: "maxTurns", tokens: "maxTokens", costUsd: "maxCostUsd", children: "maxChildren" } as const;
const DIMENSIONS = ["turns", "tokens", "costUsd", "children"] as const;

const billOf = ({ messages }: Pick<ModelRequest, "messages">): Bill => JSON.parse(String(messages)) as Bill;

export class Books implements Provider {
  readonly #world: SimWorld;
  /** By execution, with all below it; and what of that is drawn from it. */
  readonly #paid = new Map<string, Amount>();
  readonly #drawn = new Map<string, Amount>();
  /** Requests by the place of their turn in the program. */
  readonly requests = new Map<string, number>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  estimate(request: ModelRequest): { inputTokens: number; costUsd: number | null } {
    const { bound, priced } = billOf(request);
    return { inputTokens: bound, costUsd: priced ? (bound + request.maxTokens) * PRICE : null };
  }

  answer(id: string, request: ModelRequest): TurnReply {
    const { at, input, output, failures, charged, priced } = billOf(request);
    const count = (this.requests.get(at) ?? 0) + 1;
    this.requests.set(at, count);
    const failed = count <= failures;
    const tokens = failed && !charged ? 0 : input + output;
    this.#pay(id, { turns: failed ? 0 : 1, tokens, costUsd: priced ? tokens * PRICE : 0, children: 0 });
    for (const { id: payer, state } of this.#upwards(id))
      if (!priced && state?.limits.maxCostUsd !== undefined)
        this.#world.wrongs.push(`P4: ${payer} counts in dollars, and nobody knows the price of ${at}`);
    if (failed) throw new TurnFailure("overloaded", "not now", { spent: charged ? "unknown" : "nothing" });
    return {
      content: [{ type: "text", text: at }],
      stopReason: "end_turn",
      ...{ inputTokens: input, outputTokens: output, cacheReadTokens: 0, cacheWriteTokens: 0 },
      costUsd: priced ? tokens * PRICE : null,
      model: "simulated",
      simulated: true,
    };
  }

  #pay(id: string, amount: Amount): void {
    for (const { id: payer, state, draws } of this.#upwards(id)) {
      const total = added(this.#paid, payer, amount);
      const aside = draws ? added(this.#drawn, payer, amount) : NOTHING;
      const counted = state ? plus(state.spent, state.reserved) : NOTHING;
      for (const dimension of DIMENSIONS) {
        const limit = state?.limits[LIMITS[dimension]] ?? Number.POSITIVE_INFINITY;
        const wrong = (what: string) => this.#world.wrongs.push(`P4: ${payer} paid more ${dimension} than ${what}`);
        if (total[dimension] > limit + EPSILON) wrong(`${limit}, its limit: ${total[dimension]}`);
        if (aside[dimension] > counted[dimension] + EPSILON)
          wrong(`${counted[dimension]}, which it had set aside: ${aside[dimension]}`);
      }
    }
  }

  /** An execution and all above it, as their disks have them. Below one without any limit nobody draws on it. */
  *#upwards(id: string): Generator<Payer> {
    let draws = true;
    for (let next: string | undefined = id; next !== undefined; ) {
      const { state }: { readonly state: ExecutionState | undefined } = this.#world.store(next).durable;
      yield { id: next, state, draws };
      draws &&= state?.granted !== undefined;
      next = state?.origin.parentId;
    }
  }
}

function added(sums: Map<string, Amount>, id: string, amount: Amount): Amount {
  const sum = plus(sums.get(id) ?? NOTHING, amount);
  sums.set(id, sum);
  return sum;
}

/** What the logs of a world say about its spending that must not be so. */
export function misspent(world: SimWorld, { requests }: Books): string[] {
  const wrongs: string[] = [];
  const begun = new Map<string, number>();
  for (const [id, { view }] of world.stores) {
    wrongs.push(...tooLate(id, view.events), ...tooManyChildren(world, id));
    for (const event of view.events) {
      if (event.type !== "turn.started" || !event.data.input) continue;
      const { at } = billOf(event.data.input as unknown as ModelRequest);
      begun.set(at, (begun.get(at) ?? 0) + 1);
    }
  }
  // A turn that was refused was not begun.
  for (const [at, count] of requests)
    if (count > (begun.get(at) ?? 0))
      wrongs.push(`the turn ${at} reached the model ${count} times, begun ${begun.get(at)}`);
  return wrongs;
}

/** Nothing that costs begins when the active time is over. */
function tooLate(id: string, events: readonly Event[]): string[] {
  const wrongs: string[] = [];
  let state: ExecutionState | undefined;
  for (const event of events) {
    const costs = event.type === "turn.started" || event.type === "child.started";
    const used = state ? activeMs(state, event.atMs) : 0;
    if (costs && state && used > activeLimit(state).limitMs)
      wrongs.push(`${id} began ${event.type} at ${event.seq} after ${used} ms, and has ${activeLimit(state).limitMs}`);
    state = evolve(state, event);
  }
  return wrongs;
}

function tooManyChildren(world: SimWorld, id: string): string[] {
  const limit = world.store(id).view.state?.limits.maxChildren ?? Number.POSITIVE_INFINITY;
  const below = [...world.stores.keys()].filter((other) => isBelow(world, other, id)).length;
  return below > limit ? [`P4: ${id} has ${below} children, and may have ${limit}`] : [];
}

function isBelow(world: SimWorld, id: string, above: string): boolean {
  const parentId = world.store(id).view.state?.origin.parentId;
  return parentId !== undefined && (parentId === above || isBelow(world, parentId, above));
}
