/**
 * Messages that sockets of a conversation bring: checked, and their executions started, one after the other. Starting is safe to repeat:
 * the same id of the same caller is the same execution, and the room says each execution's message once. So a crash between the start
 * and the room's own log loses nothing, and says nothing twice.
 */
import * as z from "zod";
import { ChatSend, MOST_MESSAGE } from "../../contract/stream/chat-frames.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import { issueWords } from "../../domain/values/field-errors.ts";
import { parseStrictJson } from "../../domain/values/strict-json.ts";
import type { KeysInForce } from "../sockets/keys-in-force.ts";
import type { ChatRoom } from "./chat-room.ts";
import type { MemoryReaders } from "./memory-readers.ts";

/** Messages that one socket may send in a minute. */
const MOST_A_MINUTE = 60;
/** UTF-16 units of a frame: the text, escaped as JSON at its worst. */
const MOST_FRAME = 6 * MOST_MESSAGE + 1_024;

interface MessageToStart {
  readonly sessionId: string;
  readonly agent: string;
  readonly id: string;
  readonly text: string;
}

/** Starts the answer to a message, and gives the id of its execution. */
export type StartAnswer = (caller: Principal, message: MessageToStart) => Promise<Result<string>>;

interface Parts {
  readonly readers: MemoryReaders;
  readonly keys: KeysInForce;
  readonly start: StartAnswer;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const Named = z.object({ id: z.string().max(128) });

export class ChatMessages {
  readonly #parts: Parts;
  readonly #sent = new WeakMap<WebSocket, { sinceMs: number; count: number }>();
  #last: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves when it is taken or refused, which its sender is told. One that passes a limit waits for no other message. */
  async take(socket: WebSocket, message: string, chat: ChatRoom): Promise<void> {
    const frame = message.length > MOST_FRAME ? undefined : parsed(message);
    const refused =
      this.#overLimit(socket, message) ??
      (frame === undefined ? undefined : unkept(message)) ??
      (await this.#inTurn(socket, frame, chat).catch((error: unknown) => this.#broken(error)));
    if (!refused) return;
    const { data: named } = Named.safeParse(frame);
    const { code, detail } = refused;
    this.#parts.readers.tell(socket, {
      ...{ type: "refused", ...(named ? { message_id: named.id } : {}) },
      ...{ code, message: detail },
    });
  }

  /** The refusal of a start that may have begun: the same id finds it. */
  #broken(error: unknown): Refusal {
    this.#parts.log({
      level: "warn",
      message: "a message of a conversation could not be started",
      error: String(error),
    });
    return refuse("unavailable", "the message could not be started now: send it again with the same id");
  }

  #inTurn(socket: WebSocket, frame: unknown, chat: ChatRoom): Promise<Refusal | undefined> {
    const taken = this.#last.then(() => this.#takeOne(socket, frame, chat));
    this.#last = taken.then(
      () => {},
      () => {},
    );
    return taken;
  }

  async #takeOne(socket: WebSocket, frame: unknown, chat: ChatRoom): Promise<Refusal | undefined> {
    const { readers, keys, start } = this.#parts;
    const { data: sent, error } = ChatSend.safeParse(frame, { error: issueWords });
    if (!sent) return refuse("invalid_input", wrong(error.issues[0]));
    const caller = readers.senderOf(socket);
    if (!caller) return undefined;
    if (!hasScope(caller, "execute"))
      return refuse("forbidden_scope", 'to send a message a key needs the scope "execute"');
    const leave = await keys.leaveOf(caller.key);
    if (!leave.ok) return leave;
    const { id, text } = sent;
    const { sessionId, agent } = chat;
    const started = await start(caller, { sessionId, agent, id, text });
    if (!started.ok) return started;
    chat.say({ executionId: started.value, text, messageId: id });
    readers.tell(socket, { type: "taken", message_id: id, execution_id: started.value });
    return undefined;
  }

  #overLimit(socket: WebSocket, message: string): Refusal | undefined {
    if (this.#isTooMany(socket)) return refuse("rate_limited", `a socket may send ${MOST_A_MINUTE} messages a minute`);
    if (message.length <= MOST_FRAME) return undefined;
    return refuse("invalid_input", `a message has at most ${MOST_MESSAGE} characters`);
  }

  #isTooMany(socket: WebSocket): boolean {
    const now = Date.now();
    const known = this.#sent.get(socket);
    const counted = known && now - known.sinceMs < 60_000 ? known : { sinceMs: now, count: 0 };
    counted.count += 1;
    this.#sent.set(socket, counted);
    return counted.count > MOST_A_MINUTE;
  }
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** JSON that no body may have either: half of a character would be refused by each model that is told of it from then on. */
function unkept(message: string): Refusal | undefined {
  const strict = parseStrictJson(message);
  return strict.ok ? undefined : refuse("invalid_input", strict.detail);
}

function wrong(issue: z.core.$ZodIssue | undefined): string {
  const form = 'send {"type":"message","id":"…","text":"…"}';
  const field = issue?.path.join(".");
  return field ? `${field}: ${issue?.message}; ${form}` : form;
}
