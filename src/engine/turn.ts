import type { AskReply, AskRequest, RetryPolicy } from "../define/context.ts";
import { StepError } from "../define/errors.ts";
import type { Amount } from "../domain/budget.ts";
import { NOTHING } from "../domain/budget.ts";
import { TurnFailure } from "../domain/conversation.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import type { World } from "./ports.ts";
import { storable } from "./storable.ts";
import type { Work } from "./work.ts";

/** Providers are overloaded for minutes, not for seconds: five tries span about one. */
const TRIES: RetryPolicy = {
  maxAttempts: 5,
  backoff: { initialMs: 2_000 },
  retryable: (error) => error instanceof TurnFailure && error.retryable,
};

/** One model turn as work: the worst case is reserved before it, what it really used settles it (P4). */
export function turnWork(world: World, request: AskRequest): Omit<Work, "key" | "scratchpad"> {
  const given = storable(request, "the request of a turn");
  const { inputTokens, costUsd } = world.model?.estimate(request) ?? { inputTokens: 0, costUsd: null };
  const reserve: Amount = { turns: 1, tokens: inputTokens + request.maxTokens, costUsd: costUsd ?? 0, children: 0 };
  return {
    kind: "turn",
    name: request.name ?? "turn",
    input: given,
    digest: world.digest(canonicalJson(given)),
    options: TRIES,
    reserve,
    usageOf,
    spentBy: (thrown) =>
      thrown instanceof TurnFailure && thrown.spent === "unknown" ? reserve : { ...NOTHING, turns: 1 },
    priced: costUsd !== null,
    perform: async ({ signal }) => {
      if (!world.model) throw new StepError("no_model", "no model is configured for this runtime");
      return world.model.ask(request, { signal });
    },
  };
}

function usageOf(value: Json): Amount {
  const reply = value as unknown as AskReply;
  return { turns: 1, tokens: reply.inputTokens + reply.outputTokens, costUsd: reply.costUsd ?? 0, children: 0 };
}
