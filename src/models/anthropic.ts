/**
 * Claude through Anthropic's SDK. One request a turn and no retry: the journal owns both (a request is not idempotent,
 * so only the journal keeps a turn from being paid twice). What the SDK reads from its environment by itself is given
 * explicitly here, so that a Worker and a laptop behave alike.
 */
import { BaseAnthropic } from "@anthropic-ai/sdk/client";
import { APIConnectionError, APIConnectionTimeoutError, APIError } from "@anthropic-ai/sdk/core/error";
import { Messages } from "@anthropic-ai/sdk/resources/messages/messages";
import { TurnFailure } from "../domain/model/conversation.ts";
import { AnthropicAnswer } from "./anthropic-reply.ts";
import { toAnthropic } from "./anthropic-request.ts";
import { aborted, causes, connectionFailure, cutStream, statusFailure, streamFailure } from "./failures.ts";
import type { Provider, ProviderReply, Turn, TurnOptions } from "./provider.ts";
import { deltaFeed } from "./provider.ts";
import type { Fetch } from "./silence.ts";

const NAME = "anthropic";
const BASE_URL = "https://api.anthropic.com";

export interface AnthropicOptions {
  readonly key: string;
  readonly baseUrl?: string | undefined;
  readonly fetch: Fetch;
}

export function anthropic({ key, baseUrl, fetch }: AnthropicOptions): Provider {
  const client = new BaseAnthropic({
    apiKey: key,
    baseURL: baseUrl ?? BASE_URL,
    fetch,
    maxRetries: 0,
    logLevel: "off",
    openTelemetry: false,
  });
  const messages = new Messages(client);
  return { ask: (turn, options) => ask(messages, turn, options) };
}

async function ask(
  messages: Messages,
  turn: Turn,
  { signal, traceparent, onDelta }: TurnOptions,
): Promise<ProviderReply> {
  const answer = new AnthropicAnswer(turn.model, deltaFeed(onDelta));
  let begun = false;
  try {
    const stream = await messages.create(toAnthropic(turn), { signal, headers: traceparent ? { traceparent } : {} });
    begun = true;
    for await (const event of stream) answer.take(event);
  } catch (error) {
    if (signal.aborted) throw aborted(NAME, error);
    throw toFailure(error, begun);
  }
  // The SDK ends its stream quietly when it is aborted, and when the connection ends in good order but too early.
  const reply = answer.reply();
  if (reply) return reply;
  throw signal.aborted ? aborted(NAME, signal.reason) : cutStream(NAME);
}

function toFailure(error: unknown, begun: boolean): TurnFailure {
  const own = causes(error).find((cause) => cause instanceof TurnFailure);
  if (own) return own;
  if (error instanceof APIConnectionTimeoutError)
    return new TurnFailure("timeout", `${NAME} took too long to answer`, { spent: "unknown", cause: error });
  if (error instanceof APIConnectionError) return connectionFailure(NAME, error);
  if (!(error instanceof APIError)) return begun ? cutStream(NAME, error) : refusedHere(error);
  const { status, headers, type } = error;
  const message = error.apiMessage ?? error.message;
  if (status === undefined || !headers) return streamFailure(NAME, type, message);
  return statusFailure({ provider: NAME, status, headers, message, type });
}

/** The SDK itself found the request impossible: nothing was sent. */
function refusedHere(error: unknown): TurnFailure {
  const message = error instanceof Error ? error.message : String(error);
  return new TurnFailure("invalid_request", `the request could not be made: ${message}`, { cause: error });
}
