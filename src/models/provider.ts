import type { Delta, TurnReply, TurnRequest } from "../domain/model/conversation.ts";
import type { Script } from "../domain/model/script.ts";

/** A turn as a provider gets it: parsed, and with the model decided. */
export type Turn = TurnRequest & { readonly model: string };

export interface TurnOptions {
  readonly signal: AbortSignal;
  /** W3C Trace Context, sent as the header of its name. */
  readonly traceparent?: string | undefined;
  /** Hears the text while it is written. What it throws is not heard: a paid turn is not lost to a reader. */
  readonly onDelta?: ((delta: Delta) => void) | undefined;
  /** Only for the scripted provider, which calls no service. */
  readonly script?: Script | undefined;
}

/** What a provider knows of its answer; the price is the catalog's business. */
export type ProviderReply = Omit<TurnReply, "costUsd">;

/** One way to reach models. Makes one request a turn, and throws nothing but `TurnFailure`. */
export interface Provider {
  ask(turn: Turn, options: TurnOptions): Promise<ProviderReply>;
}

/** Passes pieces of text on with the place where they belong. */
export function deltaFeed(onDelta: TurnOptions["onDelta"]): (text: string) => void {
  let offset = 0;
  let listener = onDelta;
  return (text) => {
    if (text === "") return;
    try {
      listener?.({ offset, text });
    } catch {
      listener = undefined;
    }
    offset += text.length;
  };
}
