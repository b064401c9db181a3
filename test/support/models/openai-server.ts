import type { StopReason } from "../../../src/domain/model/conversation.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import type { Dialect, Planned, WireServer } from "./wire-server.ts";
import { startWireServer } from "./wire-server.ts";

const FINISH: Readonly<Record<StopReason, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
  refusal: "content_filter",
};

/** Chat completions: streamed chunks, a last one with the usage and no choice, then `[DONE]`. */
const CHAT_COMPLETIONS: Dialect = {
  path: "/v1/chat/completions",
  frames: (planned) => [
    chunk(planned, { role: "assistant", content: "" }),
    ...(planned.text ?? []).map((content) => chunk(planned, { content })),
    ...(planned.tools ?? []).flatMap(({ id, name, json }, index) => [
      chunk(planned, { tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
      ...json.map((piece) => chunk(planned, { tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
    frame({ ...head(planned), choices: [{ index: 0, delta: {}, finish_reason: finish(planned) }] }),
    frame({ ...head(planned), choices: [], usage: usageOf(planned) }),
    "data: [DONE]",
  ],
  whole: (planned) => ({
    ...head(planned),
    object: "chat.completion",
    choices: [{ index: 0, message: said(planned), finish_reason: finish(planned) }],
    usage: usageOf(planned),
  }),
  errorFrame: (type, message) => frame({ error: { type, message } }),
  errorBody: (type, message) => ({ error: { type, message, param: null, code: type } }),
};

export function startOpenAiServer(): Promise<WireServer> {
  return startWireServer(CHAT_COMPLETIONS);
}

function frame(data: Json): string {
  return `data: ${JSON.stringify(data)}`;
}

function chunk(planned: Planned, delta: Json): string {
  return frame({ ...head(planned), choices: [{ index: 0, delta, finish_reason: null }] });
}

function head({ model = "local-model" }: Planned): { [key: string]: Json } {
  return { id: "chatcmpl_planned", object: "chat.completion.chunk", created: 1_780_000_000, model };
}

function finish({ stopReason, tools = [] }: Planned): string {
  return FINISH[stopReason ?? (tools.length > 0 ? "tool_use" : "end_turn")];
}

function usageOf({ usage }: Planned): Json {
  return {
    prompt_tokens: (usage?.input ?? 11) + (usage?.read ?? 0) + (usage?.write ?? 0),
    completion_tokens: usage?.output ?? 7,
    prompt_tokens_details: { cached_tokens: usage?.read ?? 0, cache_write_tokens: usage?.write ?? 0 },
  };
}

function said({ text = [], tools = [] }: Planned): Json {
  return {
    role: "assistant",
    content: text.join("") || null,
    tool_calls: tools.map(({ id, name, json }) => ({
      id,
      type: "function",
      function: { name, arguments: json.join("") },
    })),
  };
}
