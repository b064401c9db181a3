/**
 * Any server that speaks chat completions: OpenAI, and the many that speak it too (Ollama, vLLM, gateways). Plain
 * `fetch`, streamed; a server that answers in one piece all the same is understood.
 */
import { TurnFailure } from "../domain/model/conversation.ts";
import { aborted, causes, connectionFailure, cutStream, statusFailure, streamFailure } from "./failures.ts";
import { inputBound } from "./input-bound.ts";
import { ChatAnswer, ChatCompletion } from "./openai-reply.ts";
import { toChatCompletion } from "./openai-request.ts";
import type { Provider, ProviderReply, Turn, TurnOptions } from "./provider.ts";
import { deltaFeed } from "./provider.ts";
import { eventData } from "./server-sent-events.ts";
import type { Fetch } from "./silence.ts";

const NAME = "openai";
const BASE_URL = "https://api.openai.com/v1";
/** The end that this wire says by a word of its own. */
const DONE = Symbol("[DONE]");

export interface OpenAiOptions {
  /** Servers of one's own may need none. */
  readonly key?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly fetch: Fetch;
}

export function openAiCompatible(options: OpenAiOptions): Provider {
  return { ask: (turn, turnOptions) => ask(options, turn, turnOptions) };
}

async function ask(
  options: OpenAiOptions,
  turn: Turn,
  { signal, traceparent, onDelta }: TurnOptions,
): Promise<ProviderReply> {
  const answer = new ChatAnswer(deltaFeed(onDelta));
  let begun = false;
  try {
    const response = await post(options, turn, { signal, traceparent });
    if (!response.ok) throw await refused(response);
    begun = true;
    for await (const completion of completions(response)) {
      if (completion === DONE) answer.close();
      else take(answer, completion);
    }
  } catch (error) {
    if (signal.aborted) throw aborted(NAME, error);
    throw toFailure(error, begun);
  }
  const worst = { inputTokens: inputBound(turn, null), outputTokens: turn.maxTokens };
  const reply = answer.reply(turn, { ...worst, cacheReadTokens: 0, cacheWriteTokens: 0 });
  if (!reply) throw cutStream(NAME);
  return reply;
}

function post(
  { key, baseUrl = BASE_URL, fetch }: OpenAiOptions,
  turn: Turn,
  { signal, traceparent }: Pick<TurnOptions, "signal" | "traceparent">,
): Promise<Response> {
  const base = baseUrl.replace(/\/+$/, "");
  const limit = base === BASE_URL ? "max_completion_tokens" : "max_tokens";
  return fetch(`${base}/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(traceparent ? { traceparent } : {}),
    },
    body: JSON.stringify(toChatCompletion(turn, limit)),
    signal,
  });
}

async function* completions(response: Response): AsyncGenerator<unknown> {
  if (response.headers.get("content-type")?.includes("application/json")) {
    yield await response.json();
    yield DONE;
    return;
  }
  if (!response.body) return;
  for await (const data of eventData(response.body)) {
    if (data.trim() === "[DONE]") {
      yield DONE;
      return;
    }
    yield JSON.parse(data);
  }
}

function take(answer: ChatAnswer, said: unknown): void {
  const completion = ChatCompletion.parse(said);
  const { error } = completion;
  if (error) throw streamFailure(NAME, wordOf(error), error.message ?? "no reason given");
  answer.take(completion);
}

async function refused(response: Response): Promise<TurnFailure> {
  const text = await response.text().catch(() => "");
  const error = readError(text);
  const { status, headers } = response;
  const message = error?.message ?? (text || "no reason given");
  return statusFailure({ provider: NAME, status, headers, message, type: error && wordOf(error) });
}

type ErrorBody = NonNullable<ChatCompletion["error"]>;

function readError(text: string): ErrorBody | undefined {
  try {
    return ChatCompletion.safeParse(JSON.parse(text)).data?.error ?? undefined;
  } catch {
    return undefined;
  }
}

/** The code is the finer word of the two, and not always there. */
function wordOf({ code, type }: ErrorBody): string | undefined {
  return typeof code === "string" ? code : (type ?? undefined);
}

function toFailure(error: unknown, begun: boolean): TurnFailure {
  const own = causes(error).find((cause) => cause instanceof TurnFailure);
  return own ?? (begun ? cutStream(NAME, error) : connectionFailure(NAME, error));
}
