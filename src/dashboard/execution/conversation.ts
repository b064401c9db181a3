/** What models were asked and what they said, out of the events: of an agentic execution, or of a program's single turns. Pure. */
import * as z from "zod";
import type { Event } from "../../domain/execution/event.ts";
import { TurnReply, textOf } from "../../domain/model/conversation.ts";
import { conversationOf } from "../../domain/read-models/conversation-view.ts";
import { grownWithEvents, keptByEvents } from "./prefix.ts";
import type { Shown } from "./shown.ts";

const ENDS: ReadonlySet<string> = new Set([
  "execution.succeeded",
  "execution.failed",
  "execution.cancelled",
  "execution.timed_out",
]);

export interface ShownMessage {
  readonly id: string;
  readonly role: "system" | "user" | "assistant";
  /** What it is in the run: "prompt", "feedback", "answer". */
  readonly kind: string;
  readonly text: string;
  readonly model: string | undefined;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly toolResults: readonly {
    readonly id: string;
    readonly name: string;
    readonly text: string;
    readonly isError: boolean;
  }[];
  /** True while it is being written. */
  readonly streaming: boolean;
}

const NONE = { model: undefined, toolCalls: [], toolResults: [], streaming: false } as const;

export function messagesOf({ events, log, at }: Pick<Shown, "events" | "log" | "at">): readonly ShownMessage[] {
  return [...saidIn(events), ...(at === undefined ? inFlight(events, log.texts) : [])];
}

/** What has been said: kept while a turn writes, whose text comes many times a second. */
const saidIn = keptByEvents((events): readonly ShownMessage[] => {
  const agentic = conversationOf(events);
  return agentic.messages.length > 0 ? agenticMessages(agentic) : turnMessages(events);
});

function agenticMessages({ system, messages }: ReturnType<typeof conversationOf>): ShownMessage[] {
  const first =
    system === undefined ? [] : [{ ...NONE, id: "system", role: "system", kind: "system", text: system } as const];
  const rest = messages.map(({ seq, role, kind, text, model, toolCalls, toolResults }, at) => ({
    ...{
      id: `${seq}.${at}`,
      role,
      kind: kind.replaceAll("_", " "),
      text,
      model,
      toolCalls,
      toolResults,
      streaming: false,
    },
  }));
  return [...first, ...rest];
}

const Asked = z.object({ system: z.string().optional(), messages: z.unknown() });
const Plain = z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.unknown() }));

/** Each turn of a program is a conversation of its own. */
function turnMessages(events: readonly Event[]): ShownMessage[] {
  return events.flatMap((event): ShownMessage[] => {
    if (event.type === "turn.started" && event.data.attempt === 1) return askedIn(event.seq, event.data.input);
    if (event.type !== "turn.completed") return [];
    const { success, data: reply } = TurnReply.safeParse(event.data.output);
    if (!success) return [];
    const text = textOf(reply.content);
    return [{ ...NONE, id: `${event.seq}`, role: "assistant", kind: "answer", text, model: reply.model }];
  });
}

function askedIn(seq: number, input: unknown): ShownMessage[] {
  const { success, data: asked } = Asked.safeParse(input);
  if (!success) return [];
  const said = Plain.safeParse(asked.messages);
  const messages = said.success ? said.data : [{ role: "user" as const, content: asked.messages }];
  return [
    ...(asked.system === undefined ? [] : [{ role: "system" as const, text: asked.system }]),
    ...messages.map(({ role, content }) => ({
      role,
      text: typeof content === "string" ? content : JSON.stringify(content),
    })),
  ].map(({ role, text }, at) => ({ ...NONE, id: `${seq}.${at}`, role, kind: role === "user" ? "prompt" : role, text }));
}

interface Texts {
  of(turn: string): { readonly text: string } | undefined;
}

const openTurns = grownWithEvents({
  begin: () => new Set<string>(),
  read: (open, event) => {
    if (event.type === "turn.started") open.add(event.data.key);
    if (event.type === "turn.completed" || event.type === "turn.failed") open.delete(event.data.key);
    if (event.type.startsWith("execution.") && ENDS.has(event.type)) open.clear();
  },
  give: (open): readonly string[] => [...open],
});

function inFlight(events: readonly Event[], texts: Texts): ShownMessage[] {
  return openTurns(events).map((turn) => ({
    ...{ ...NONE, id: `turn ${turn}`, role: "assistant", kind: "writing", streaming: true },
    text: texts.of(turn)?.text ?? "",
  }));
}
