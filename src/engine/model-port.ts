/** The way from a turn to a model. */
import type { ModelReply, ModelRequest } from "../define/context.ts";
import type { Delta } from "../domain/model/conversation.ts";
import type { Script } from "../domain/model/script.ts";

interface GenerateOptions {
  readonly signal: AbortSignal;
  /** W3C Trace Context of the execution's start, for the provider. */
  readonly traceparent?: string | undefined;
  readonly onDelta?: ((delta: Delta) => void) | undefined;
  /** What the scripted model answers, which calls no provider; all other models never see it. */
  readonly script?: Script | undefined;
}

/** A model behind the engine. An implementation makes no retries of its own: the journal owns them. */
export interface ModelPort {
  /** Tokens the request will read, at most, and what the whole turn may cost; `null` when the price is unknown. */
  estimate(request: ModelRequest): { readonly inputTokens: number; readonly costUsd: number | null };
  /** Rejects with a `TurnFailure`. `onDelta` hears the text while it is written. */
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelReply>;
}
