/**
 * The same events as frames, on hibernating sockets: a watcher never pins the object in memory, and a ping is answered by
 * the platform without waking it. One socket's limits are `ReaderSocket`'s business.
 *
 * F1  A frame is sent only for what is committed; the output gate holds it until it is on disk.
 * F2  Catching up and joining happen in one breath, so a reader misses nothing and sees nothing twice (P7).
 * F3  A socket that cannot be written to, or whose token has ended, is closed; its client comes back with the last seq.
 * F4  A turn's text goes out in batches, to whoever watches it and before the event that ends the turn. A snapshot has
 *     exactly the text that the next delta goes on from.
 * F5  Each socket gets what its caller may see, and only while its key is in force.
 * F6  Frames go out at once; under a backlog they wait for what follows, all in one order, for 50 ms at most.
 */

import { executionBody } from "../../contract/execution-body.ts";
import type { OutgoingFrame } from "../../contract/frame-texts.ts";
import { bySize } from "../../contract/frame-texts.ts";
import type { Frame } from "../../contract/frames.ts";
import { eventFrame, updateFrame } from "../../contract/frames.ts";
import { seesPersonalData } from "../../contract/mask.ts";
import type { Caller } from "../../domain/caller.ts";
import type { TurnDelta } from "../../domain/conversation.ts";
import type { Event } from "../../domain/event.ts";
import { readsExceptions } from "../../domain/exceptions.ts";
import type { Refusal } from "../../domain/fault.ts";
import { FAULTS } from "../../domain/fault.ts";
import type { Limits } from "../../domain/limits.ts";
import type { ExecutionState } from "../../domain/state.ts";
import { isTerminal } from "../../domain/status.ts";
import type { ExecutionView } from "../../domain/view.ts";
import type { Watcher } from "../watcher.ts";
import { BATCH_MS, Backlog } from "./backlog.ts";
import type { KeysInForce } from "./keys-in-force.ts";
import type { Audience } from "./parcel.ts";
import { framesFor, Parcel, Parcels } from "./parcel.ts";
import { ReaderSocket } from "./reader-socket.ts";
import { SharedRoom } from "./shared-room.ts";
import { TurnsInFlight } from "./turns-in-flight.ts";

/** Close code when the execution has ended and everything was sent: nothing is left to come back for. */
const CLOSE_DONE = 1000;
/** Tag of the sockets that want turns' texts: a router that waits for a status does not. */
const DELTAS = "deltas";
/** Tag of the sockets whose caller does not see personal data. */
const MASKED = "masked";
/** Tag of sockets of readers other than the owner: they are sent a general sentence in the place of an exception's text. */
const OTHERS = "others";
/** Tag of the sockets that take several events in one frame. */
const BATCHES = "batches";

export class LiveFeed {
  readonly #ctx: DurableObjectState;
  readonly #keys: KeysInForce;
  readonly #room: SharedRoom;
  readonly #readers = new WeakMap<WebSocket, ReaderSocket>();
  readonly #turns = new TurnsInFlight();
  readonly #backlog = new Backlog();
  #status: ExecutionState["status"] | undefined;
  #progress: ExecutionState["progress"];
  /** Told to nobody yet. */
  #waiting: Frame[] = [];
  #batch: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: DurableObjectState, keys: KeysInForce, limits: Limits) {
    this.#ctx = ctx;
    this.#keys = keys;
    this.#room = new SharedRoom(limits);
  }

  /** Why one more reader cannot be connected; undefined when it can. */
  #refusal(): Refusal | undefined {
    const sockets = this.#ctx.getWebSockets();
    // After hibernation each says what it has not read once it is looked at.
    for (const socket of sockets) this.#readerOf(socket);
    return this.#room.refusal(sockets.length);
  }

  /** Accepts a watcher and brings it up to date; the answer to its upgrade request, a refusal when there is no room. */
  accept(view: ExecutionView, missed: Iterable<Event>, { caller, deltas, batches }: Watcher): Response {
    const full = this.#refusal();
    if (full) return Response.json(full, { status: FAULTS[full.code].status });
    // What the others have not got yet is in the snapshot or among what was missed: from here on all are at the same place.
    this.#gatherDeltas();
    this.#tellWaiting();
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const others = readsExceptions(caller, view.state.origin.owner) ? [] : [OTHERS];
    const audience = seesPersonalData(caller) ? [...(deltas ? [DELTAS] : []), ...others] : [MASKED];
    this.#ctx.acceptWebSocket(server, batches ? [...audience, BATCHES] : audience);
    const reader = this.#readerOf(server, caller);
    this.#catchUp(reader, view, missed);
    if (isTerminal(view.state.status)) reader.end(CLOSE_DONE, "ended");
    return new Response(null, { status: 101, webSocket: client });
  }

  #catchUp(reader: ReaderSocket, view: ExecutionView, missed: Iterable<Event>): void {
    const { audience } = reader;
    const snapshot: Frame = {
      type: "snapshot",
      seq: view.state.seq,
      execution: executionBody(view),
      turns_in_flight: audience === "masked" ? [] : this.#turns.texts(),
    };
    reader.send(new Parcel(framesFor(audience, [snapshot])));
    for (const part of bySize(eventsFor(audience, missed))) {
      if (!reader.isOpen) break;
      reader.send(new Parcel(part));
    }
  }

  /** Tells every watcher what was just committed. */
  publish(events: readonly Event[], state: ExecutionState): void {
    this.#gatherDeltas();
    const ends = isTerminal(state.status);
    for (const { type, data } of events) {
      if (type === "turn.completed" || type === "turn.failed") this.#turns.end(data.key);
    }
    if (ends) this.#turns.endAll();
    const moved = state.status !== this.#status || state.progress !== this.#progress;
    this.#status = state.status;
    this.#progress = state.progress;
    if (this.#ctx.getWebSockets().length > 0) {
      for (const event of events) this.#waiting.push(eventFrame(event));
      if (moved) this.#waiting.push(updateFrame(state));
    }
    if (ends) this.#tellTheEnd();
    else if (this.#backlog.isLong(Date.now())) this.#batchLater();
    else this.#tellWaiting();
  }

  /** A turn writes. Kept for whoever comes later; sent when somebody watches. */
  delta(delta: TurnDelta): void {
    this.#turns.add(delta);
    if (this.#ctx.getWebSockets(DELTAS).length > 0) this.#batchLater();
  }

  /** A reader's answer to the question how far it is. */
  answered(socket: WebSocket, message: string): void {
    this.#readerOf(socket).answered(message);
  }

  /** The platform has let go of a socket. */
  gone(socket: WebSocket): void {
    socket.close();
    this.#readerOf(socket).gone();
  }

  /** Closes what is open after its token's end, now that the object is awake anyway. */
  closeExpired(): void {
    for (const reader of this.#open()) reader.expire();
  }

  #batchLater(): void {
    this.#batch ??= setTimeout(() => {
      this.#batch = undefined;
      this.#gatherDeltas();
      this.#tellWaiting();
      for (const reader of this.#open()) if (reader.holds) reader.flush();
    }, BATCH_MS);
  }

  #gatherDeltas(): void {
    for (const delta of this.#turns.untold()) this.#waiting.push({ type: "delta", ...delta });
  }

  #tellWaiting(): void {
    if (this.#waiting.length === 0) return;
    const parcels = new Parcels(this.#waiting);
    this.#waiting = [];
    const readers = this.#open().filter((reader) => !reader.expire());
    for (const reader of readers) reader.send(parcels.for(reader.audience));
    this.#backlog.count(readers.length, Date.now());
    if (readers.some(({ holds }) => holds)) this.#batchLater();
  }

  #tellTheEnd(): void {
    this.#tellWaiting();
    for (const reader of this.#open()) reader.end(CLOSE_DONE, "ended");
  }

  #open(): ReaderSocket[] {
    return this.#ctx
      .getWebSockets()
      .map((socket) => this.#readerOf(socket))
      .filter(({ isOpen }) => isOpen);
  }

  #readerOf(socket: WebSocket, caller?: Caller): ReaderSocket {
    const known = this.#readers.get(socket);
    if (known) return known;
    const tags = this.#ctx.getTags(socket);
    const form = tags.includes(BATCHES) ? "batched" : "plain";
    const reader = new ReaderSocket(
      socket,
      { audience: audienceOf(tags), form },
      { keys: this.#keys, room: this.#room, caller },
    );
    this.#readers.set(socket, reader);
    return reader;
  }
}

/** One by one: the log may be longer than what its reader is sent before it is cut. */
function* eventsFor(audience: Audience, events: Iterable<Event>): Generator<OutgoingFrame> {
  for (const event of events) yield* framesFor(audience, [eventFrame(event)]);
}

function audienceOf(tags: readonly string[]): Audience {
  if (tags.includes(MASKED)) return "masked";
  if (tags.includes(OTHERS)) return tags.includes(DELTAS) ? "others" : "others, no deltas";
  return tags.includes(DELTAS) ? "everything" : "no deltas";
}

/** For sockets without a reader's limits: false when it was gone; then it is closed. */
export function sendText(socket: WebSocket, text: string): boolean {
  try {
    socket.send(text);
    return true;
  } catch {
    socket.close(1011, "could not be written to");
    return false;
  }
}
