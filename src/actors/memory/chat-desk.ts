/** The conversations of a memory's object: one room where it holds a thread, and none where it holds anything else. */
import type { ActorPlace } from "../../domain/memory/entry.ts";
import type { ExecutionClient } from "../../operations/ports.ts";
import type { KeysInForce } from "../sockets/keys-in-force.ts";
import type { StartAnswer } from "./chat-messages.ts";
import { ChatMessages } from "./chat-messages.ts";
import { ChatRoom } from "./chat-room.ts";
import type { OpenMemory } from "./memory-opening.ts";
import type { MemoryReaders } from "./memory-readers.ts";

/** What the composition root knows of executions. */
export interface ChatPort {
  readonly client: () => Promise<Pick<ExecutionClient, "stream">>;
  readonly start: StartAnswer;
}

interface Parts {
  readonly readers: MemoryReaders;
  readonly keys: KeysInForce;
  readonly port: () => ChatPort;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

export class ChatDesk {
  readonly #parts: Parts;
  readonly #messages: ChatMessages;
  #room: ChatRoom | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { readers, keys, port, log } = parts;
    this.#messages = new ChatMessages({ readers, keys, log, start: (...message) => port().start(...message) });
  }

  /** `place`: what the caller means, where nothing was written yet. */
  roomOf(memory: OpenMemory, place: ActorPlace | undefined = memory.journal.place): ChatRoom | undefined {
    if (place?.scope !== "thread" || isList(place.scopeId)) return undefined;
    const { readers, port, log } = this.#parts;
    const client = {
      stream: async (...asked: Parameters<ExecutionClient["stream"]>) => (await port().client()).stream(...asked),
    };
    this.#room ??= new ChatRoom({ memory, place, readers, client, log });
    return this.#room;
  }

  async take(socket: WebSocket, message: string, memory: OpenMemory): Promise<void> {
    const chat = this.roomOf(memory);
    if (chat) await this.#messages.take(socket, message, chat);
  }
}

/** The list of a session's threads names no agent. */
function isList(scopeId: string): boolean {
  return (JSON.parse(scopeId) as readonly unknown[]).length === 1;
}
