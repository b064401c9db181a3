/**
 * The port to models, over as many providers as are configured. It reads the request, picks the provider by the name of
 * the model, and puts a price on the answer.
 *
 * - One call is one request to one provider: no retry, no other provider instead.
 * - What a turn uses, in tokens and in dollars, is never more than `estimate` said of it.
 * - A turn without a reply is a `TurnFailure`. A request that cannot be read is one too, and reaches no provider.
 * - Without any provider configured the scripted one answers every model, and says so; with one configured it answers
 *   only under its own name, so that a missing key is never mistaken for an answer.
 */
import * as z from "zod";
import type { Delta, TurnReply } from "../domain/model/conversation.ts";
import { TurnFailure, TurnRequest } from "../domain/model/conversation.ts";
import type { ProviderName } from "../domain/model/provider-name.ts";
import type { Script } from "../domain/model/script.ts";
import { TurnDraft } from "../domain/model/turn-draft.ts";
import type { ModelPort } from "../engine/model-port.ts";
import { anthropic } from "./anthropic.ts";
import { costOf, worstCost } from "./cost.ts";
import { inputBound, rawBound } from "./input-bound.ts";
import { openAiCompatible } from "./openai-compatible.ts";
import type { Provider } from "./provider.ts";
import { scripted } from "./scripted.ts";
import type { Fetch } from "./silence.ts";
import { DEFAULT_SILENCE_MS, watchedFetch } from "./silence.ts";
import type { Chosen, Configured, Usual } from "./usual.ts";
import { chooseModel, usualModel } from "./usual.ts";

export interface ModelOptions extends Configured {
  /** Default the API of Anthropic. */
  readonly anthropicBaseUrl?: string | undefined;
  /** Up to and without `/chat/completions`; default the API of OpenAI. A server of one's own may need no key. */
  readonly openaiBaseUrl?: string | undefined;
  readonly script?: Script | undefined;
  /** Milliseconds between two pieces of a scripted answer, so that a person sees it being written. Default 0. */
  readonly scriptedPaceMs?: number | undefined;
  /** Milliseconds without a byte after which an answer is given up. Default two minutes. */
  readonly silenceMs?: number | undefined;
  readonly fetch?: Fetch | undefined;
}

type ModelRequest = Parameters<ModelPort["generate"]>[0];
interface GenerateOptions {
  readonly signal: AbortSignal;
  readonly traceparent?: string | undefined;
  readonly onDelta?: ((delta: Delta) => void) | undefined;
  readonly script?: Script | undefined;
}

export interface Models extends ModelPort {
  /** Who answers a request that names no model. */
  readonly usual: Usual;
  generate(request: ModelRequest, options: GenerateOptions): Promise<TurnReply>;
}

type Providers = Readonly<Partial<Record<ProviderName, Provider>>>;

export function createModels(options: ModelOptions = {}): Models {
  const providers = configured(options);
  const choose = (asked: string | undefined) => chooseModel(options, asked);
  return {
    usual: usualModel(options),
    estimate: (request) => estimate(request, choose(request.model)),
    generate: async (request, askOptions) => {
      const chosen = choose(request.model);
      const provider = providers[chosen.provider];
      if (!provider) throw new TurnFailure("authentication", `no key is configured for ${chosen.model}`);
      const turn = { ...parsed(request), model: chosen.model };
      const reply = await provider.ask(turn, askOptions);
      return checked({ ...reply, costUsd: costOf(chosen.price, reply) });
    },
  };
}

function configured(options: ModelOptions): Providers {
  const { anthropicKey, anthropicBaseUrl, openaiKey, openaiBaseUrl, script, silenceMs } = options;
  // The platform's fetch must be called as a plain function: workerd refuses it with another `this`.
  const plain: Fetch = options.fetch ?? ((input, init) => fetch(input, init));
  const watched = watchedFetch(plain, silenceMs ?? DEFAULT_SILENCE_MS);
  return {
    scripted: scripted({ script, paceMs: options.scriptedPaceMs }),
    ...(anthropicKey
      ? { anthropic: anthropic({ key: anthropicKey, baseUrl: anthropicBaseUrl || undefined, fetch: watched }) }
      : {}),
    ...(openaiKey || openaiBaseUrl
      ? { openai: openAiCompatible({ key: openaiKey, baseUrl: openaiBaseUrl || undefined, fetch: watched }) }
      : {}),
  };
}

function estimate(request: ModelRequest, { price, contextWindow }: Chosen): ReturnType<ModelPort["estimate"]> {
  const { success, data } = TurnDraft.safeParse(request);
  const inputTokens = success ? inputBound(data, contextWindow) : rawBound(request);
  return { inputTokens, costUsd: worstCost(price, { inputTokens, maxTokens: request.maxTokens }) };
}

function parsed(request: ModelRequest): TurnRequest {
  const { success, data, error } = TurnRequest.safeParse(request);
  if (!success) throw new TurnFailure("invalid_request", `the request has no valid form: ${z.prettifyError(error)}`);
  return data;
}

/** Counters that are none would make a budget meaningless: an answer without them counts as its worst case. */
function checked(reply: TurnReply): TurnReply {
  const counted = [reply.inputTokens, reply.outputTokens, reply.cacheReadTokens, reply.cacheWriteTokens];
  if (counted.every((count) => Number.isInteger(count) && count >= 0)) return reply;
  throw new TurnFailure("server_error", "the provider's answer does not say what it used", { spent: "unknown" });
}
