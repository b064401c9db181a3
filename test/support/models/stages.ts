/** The three providers as stages for one suite: the same plan becomes an answer on a wire, or a step of a script. */
import type { StopReason, TurnReply } from "../../../src/domain/model/conversation.ts";
import type { ModelOptions, Models } from "../../../src/models/models.ts";
import { createModels } from "../../../src/models/models.ts";
import { startAnthropicServer } from "./anthropic-server.ts";
import { startOpenAiServer } from "./openai-server.ts";
import type { Planned, Reaction, Recorded, WireServer } from "./wire-server.ts";

export interface Stage {
  readonly models: Models;
  /** The same models, which wait so many milliseconds for a byte. */
  patient(silenceMs: number): Models;
  readonly requests: readonly Recorded[];
  plan(...reactions: Reaction[]): void;
  close(): Promise<void>;
}

export interface StageKind {
  readonly name: string;
  readonly model: string;
  /** Title of a test → why it does not apply here. */
  readonly skips: Readonly<Record<string, string>>;
  open(): Promise<Stage>;
}

export const KEY = "sk-ant-planned-0123456789";

function overWire(server: WireServer, options: ModelOptions): Stage {
  return {
    models: createModels(options),
    patient: (silenceMs) => createModels({ ...options, silenceMs }),
    requests: server.requests,
    plan: server.plan,
    close: server.close,
  };
}

/** A plan in the words of a script. */
function toStep({ text, tools, stopReason }: Planned) {
  return {
    reply: {
      ...(text ? { text: text.join("") } : {}),
      tools: (tools ?? []).map(({ name, json }) => ({ name, input: JSON.parse(json.join("") || "{}") })),
      ...(stopReason ? { stopReason: stopReason as StopReason } : {}),
    },
  };
}

const NO_WIRE = "nothing is sent, so nothing on the way can go wrong";

export const STAGES: readonly StageKind[] = [
  {
    name: "anthropic",
    model: "claude-sonnet-5-5",
    skips: {},
    open: async () => {
      const server = await startAnthropicServer();
      return overWire(server, { anthropicKey: KEY, anthropicBaseUrl: server.url });
    },
  },
  {
    name: "openai",
    model: "local-model",
    skips: {
      "tells the stop reason stop_sequence": "this wire says stop for it",
      "tells the stop reason pause_turn": "this wire has no such word",
    },
    open: async () => {
      const server = await startOpenAiServer();
      return overWire(server, { openaiKey: KEY, openaiBaseUrl: `${server.url}/v1`, defaultModel: "local-model" });
    },
  },
  {
    name: "scripted",
    model: "scripted",
    skips: {
      "is not refused for a blank answer that came before": NO_WIRE,
      "counts what is read from the cache": "it has no cache",
      "counts what is written to the cache": "it has no cache",
      "tells which model answered": "it is always itself",
      "keeps what a tool call is written in, when that is no JSON": "a script holds objects",
      "shows its key and nothing else": NO_WIRE,
      "puts the pieces of a tool's input together, wherever they are cut": "a script holds objects",
      "asks once, whatever comes back": NO_WIRE,
      "lets go of the connection when it is called off": NO_WIRE,
      "gives up an answer that falls silent": NO_WIRE,
      "gives up an answer that never begins": NO_WIRE,
      "waits as long as something comes": NO_WIRE,
      "knows an answer that was cut": NO_WIRE,
      "knows an answer that ended too early": NO_WIRE,
      "knows an error in the middle of an answer": NO_WIRE,
      "knows a server that is not there": NO_WIRE,
      "classifies answers with an error status": NO_WIRE,
      "reads retry-after": NO_WIRE,
      "reads an error that is no JSON": NO_WIRE,
      "survives a reader that throws": "the same code, tested with the others",
    },
    open: async () => {
      const steps: ReturnType<typeof toStep>[] = [];
      const models = createModels({ script: steps });
      return {
        models,
        patient: () => models,
        requests: [],
        plan: (...reactions) => {
          for (const reaction of reactions) if (!("status" in reaction)) steps.push(toStep(reaction));
        },
        close: async () => {},
      };
    },
  },
];

/** The reply's tool calls, in short. */
export function callsOf({ content }: TurnReply) {
  return content.flatMap((block) => (block.type === "tool_use" ? [block] : []));
}
