/**
 * Readers of a feed of memory, on hibernating sockets. Each gets the changes that it wants and may see, in the order of the
 * journal, from the one after the last it has.
 *
 * - Catching up and joining happen in one breath: a reader misses nothing and sees nothing twice.
 * - A change is sent only once it is committed; the output gate holds it until it is on disk.
 */
import type { z } from "zod";
import { memoryEventBody } from "../../contract/memory/feed.ts";
import { maskBody, seesPersonalData } from "../../contract/privacy/mask.ts";
import type { ChatSnapshot } from "../../contract/stream/chat-frames.ts";
import type { PlacedChange } from "../../domain/memory/change.ts";
import { changeMatcher } from "../../domain/memory/change-filter.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import type { CarriedCaller } from "../rpc/carried.ts";
import type { MemorySubscription } from "../rpc/memory-subscription.ts";
import { WantedChanges } from "../rpc/memory-subscription.ts";
import { FrameBatch } from "../sockets/frame-batch.ts";
import { tellJustAccepted } from "../sockets/just-accepted.ts";
import type { KeysInForce } from "../sockets/keys-in-force.ts";
import { SharedRoom } from "../sockets/shared-room.ts";
import { SubscriberSocket } from "../sockets/subscriber-socket.ts";

/** Tag of the sockets whose caller does not see personal data. */
const MASKED = "masked";
/** Tag of the sockets that answer when they are asked how far they have read. */
const ASKS = "asks";

export class MemoryReaders {
  readonly #ctx: DurableObjectState;
  readonly #keys: KeysInForce;
  readonly #room: SharedRoom;
  readonly #known = new WeakMap<WebSocket, Reader>();

  constructor(ctx: DurableObjectState, keys: KeysInForce, limits: Limits) {
    this.#ctx = ctx;
    this.#keys = keys;
    this.#room = new SharedRoom(limits, "feed of memory");
  }

  /** The answer to an upgrade request: a socket that has been sent what it missed, or a refusal. */
  accept(subscription: MemorySubscription, missed: Iterable<PlacedChange>, first?: ChatSnapshot): Response {
    const full = this.#refusal();
    if (full) return Response.json(full, { status: FAULTS[full.code].status });
    const { caller, wanted, asks } = subscription;
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.#ctx.acceptWebSocket(server, [...(seesPersonalData(caller) ? [] : [MASKED]), ...(asks ? [ASKS] : [])]);
    const reader = this.#readerOf(server, { caller, wanted });
    tellJustAccepted(server, () => {
      if (first) reader.say(seesPersonalData(caller) ? first : (maskBody({ ...first, turns_in_flight: [] }) as object));
      for (const change of missed) {
        if (!reader.socket.isOpen) break;
        reader.tell([change], new Texts());
      }
    });
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Why one more reader cannot be connected; undefined when it can. */
  #refusal(): Refusal | undefined {
    const sockets = this.#ctx.getWebSockets();
    for (const socket of sockets) this.#readerOf(socket);
    return this.#room.refusal(sockets.length);
  }

  /** Tells every reader what was just committed. */
  publish(changes: readonly PlacedChange[]): void {
    if (changes.length === 0) return;
    const texts = new Texts();
    for (const socket of this.#ctx.getWebSockets()) {
      const reader = this.#readerOf(socket);
      if (reader.socket.isOpen && !reader.socket.expire()) reader.tell(changes, texts);
    }
  }

  /**
   * Sends a frame that is not stored to the clients of a conversation. A client that sees masked text gets none: masking cannot
   * recognise half an address.
   */
  say(frame: object): void {
    for (const socket of this.#ctx.getWebSockets()) {
      const { socket: subscriber, say } = this.#readerOf(socket);
      if (subscriber.isOpen && subscriber.visibility !== "masked" && !subscriber.expire()) say(frame);
    }
  }

  /** Answers one client. */
  tell(socket: WebSocket, frame: object): void {
    const reader = this.#readerOf(socket);
    if (reader.socket.isOpen) reader.say(frame);
  }

  /** The caller whose messages a socket brings; none where it is no client of a conversation, or its time is over. */
  senderOf(socket: WebSocket): z.infer<typeof CarriedCaller> | undefined {
    const { socket: subscriber } = this.#readerOf(socket);
    return subscriber.expire() ? undefined : WantedChanges.parse(subscriber.wanted).chat;
  }

  acknowledge(socket: WebSocket, message: string): void {
    this.#readerOf(socket).socket.acknowledge(message);
  }

  /** The platform has let go of a socket. */
  gone(socket: WebSocket): void {
    socket.close();
    this.#readerOf(socket).socket.gone();
  }

  /** Closes what is open after its token's end, now that the object is awake anyway. */
  closeExpired(): void {
    for (const socket of this.#ctx.getWebSockets()) this.#readerOf(socket).socket.expire();
  }

  #readerOf(socket: WebSocket, fresh?: Pick<MemorySubscription, "caller" | "wanted">): Reader {
    const known = this.#known.get(socket);
    if (known) return known;
    const tags = this.#ctx.getTags(socket);
    const visibility = tags.includes(MASKED) ? "masked" : "everything";
    const subscriber = new SubscriberSocket(
      socket,
      { visibility, form: "plain", asks: tags.includes(ASKS), wanted: fresh?.wanted },
      { keys: this.#keys, room: this.#room, caller: fresh?.caller },
    );
    const reader = new Reader(subscriber);
    this.#known.set(socket, reader);
    return reader;
  }
}

class Reader {
  readonly socket: SubscriberSocket;
  readonly #wants: ReturnType<typeof changeMatcher>;
  readonly #isChat: boolean;

  constructor(socket: SubscriberSocket) {
    this.socket = socket;
    const wanted = WantedChanges.parse(socket.wanted);
    this.#wants = changeMatcher(wanted);
    this.#isChat = wanted.chat !== undefined;
  }

  tell(changes: readonly PlacedChange[], texts: Texts): void {
    const wanted = changes.filter(({ change }) => this.#wants(change));
    const how = { masked: this.socket.visibility === "masked", isChat: this.#isChat };
    this.#send(wanted.map((change) => texts.of(change, how)));
  }

  readonly say = (frame: object): void => this.#send([JSON.stringify(frame)]);

  #send(texts: readonly string[]): void {
    if (texts.length === 0) return;
    this.socket.send(new FrameBatch(texts.map((json) => ({ type: "memory_change", json }))));
    // What it holds until its reader answers goes out with the answer; nothing else comes to take it along.
    if (this.socket.holds) this.socket.flush();
  }
}

/** Each change as text, made once for all readers of one kind. */
class Texts {
  readonly #made = new Map<string, string>();

  /** Changes of a thread are the events of its conversation. */
  of(change: PlacedChange, { masked, isChat }: { readonly masked: boolean; readonly isChat: boolean }): string {
    const name = `${change.seq} ${masked}`;
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const body = isChat ? { ...(change.change.data as object), cursor: change.seq } : memoryEventBody(change);
    const text = JSON.stringify(masked ? maskBody(body) : body);
    this.#made.set(name, text);
    return text;
  }
}
