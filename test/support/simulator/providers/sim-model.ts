/** Models of the little platform: a provider that a program brings, or one that answers by a script. */
import type { ModelRequest } from "../../../../src/define/context.ts";
import type { TurnReply } from "../../../../src/domain/model/conversation.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import type { ModelPort } from "../../../../src/engine/model-port.ts";
import { echo, scriptedReply } from "./scripted-reply.ts";

/** Who answers turns, where a program wants to say what they cost. */
export interface Provider {
  readonly estimate: ModelPort["estimate"];
  /** A turn of an execution has reached it, and is worked on: whether anybody still hears the answer is another matter. */
  answer(id: string, request: ModelRequest): TurnReply;
}

type Send = (label: string, work: () => TurnReply) => Promise<TurnReply>;

export function providedModel(id: string, provider: Provider, send: Send): ModelPort {
  return {
    estimate: (request) => provider.estimate(request),
    generate: (request) => send("turn", () => provider.answer(id, request)),
  };
}

/** `paid`: what the model was really asked, whoever still heard the answer. */
export function scriptedModel(
  script: Script | undefined,
  paid: { turns: number; tokens: number },
  send: Send,
): ModelPort {
  return {
    estimate: () => ({ inputTokens: 10, costUsd: 0.01 }),
    generate: (request, options) => {
      const chosen = script ?? options.script;
      return send(`turn ${JSON.stringify(request.messages)}`, () => {
        paid.turns += 1;
        paid.tokens += 12;
        return {
          ...(chosen ? scriptedReply(chosen, request) : echo(request)),
          inputTokens: 5,
          outputTokens: 7,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          costUsd: 0.004,
          model: "simulated",
          simulated: true,
        };
      });
    },
  };
}
