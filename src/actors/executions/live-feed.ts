/**
 * The same events as frames, on hibernating sockets: a watcher never pins the object in memory, and a ping is answered by
 * the platform without waking it. One socket's limits are `SubscriberSocket`'s business.
 *
 * - A frame is sent only for what is committed; the output gate holds it until it is on disk.
 * - Catching up and joining happen in one breath, so a reader misses nothing and sees nothing twice (P7).
 * - A socket that cannot be written to, or whose token has ended, is closed; its client comes back with the last seq.
 * - A turn's text goes out in batches, to the readers who watch it and before the event that ends the turn. A snapshot has
 *   exactly the text that the next delta goes on from.
 * - Each socket gets what its caller may see, and only while its key is in force.
 * - Frames go out at once; under a backlog they wait for what follows, all in one order, for 50 ms at most.
 */
import { executionBody } from "../../contract/executions/body.ts";
import { seesPersonalData } from "../../contract/privacy/mask.ts";
import { CLOSE_CUT } from "../../contract/stream/flow-control.ts";
import type { OutgoingFrame } from "../../contract/stream/frame-texts.ts";
import { bySize } from "../../contract/stream/frame-texts.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import { eventFrame, updateFrame } from "../../contract/stream/frames.ts";
import type { Event } from "../../domain/execution/event.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { TurnDelta } from "../../domain/model/conversation.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import { readsExceptions } from "../../domain/values/exceptions.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import type { Subscription } from "../rpc/subscription.ts";
import { BATCH_MS, Backlog } from "../sockets/backlog.ts";
import type { Visibility } from "../sockets/frame-batch.ts";
import { FrameBatch, FrameBatches, framesFor } from "../sockets/frame-batch.ts";
import { tellJustAccepted } from "../sockets/just-accepted.ts";
import type { KeysInForce } from "../sockets/keys-in-force.ts";
import { SharedRoom } from "../sockets/shared-room.ts";
import { SubscriberSocket } from "../sockets/subscriber-socket.ts";
import { TurnsInFlight } from "../sockets/turns-in-flight.ts";

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
  readonly #subscribers = new WeakMap<WebSocket, SubscriberSocket>();
  readonly #turns = new TurnsInFlight();
  readonly #backlog = new Backlog();
  /** What the last update said. */
  #shown: Pick<ExecutionState, "status" | "progress" | "work"> | undefined;
  /** Frames that no reader was sent yet. */
  #waiting: Frame[] = [];
  /** Who speaks in it; unknown until something was committed or looked at. */
  #agent: string | undefined;
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
    for (const socket of sockets) this.#subscriberOf(socket);
    return this.#room.refusal(sockets.length);
  }

  /** Accepts a watcher and brings it up to date; the answer to its upgrade request, a refusal when there is no room. */
  accept(view: ExecutionView, missed: Iterable<Event>, { caller, deltas, batches }: Subscription): Response {
    this.#agent = view.state.origin.agent;
    const full = this.#refusal();
    if (full) return Response.json(full, { status: FAULTS[full.code].status });
    // What the others have not got yet is in the snapshot or among what was missed: from here on all are at the same place.
    this.#gatherDeltas();
    this.#sendPending();
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const others = readsExceptions(caller, view.state.origin.owner) ? [] : [OTHERS];
    const visibility = seesPersonalData(caller) ? [...(deltas ? [DELTAS] : []), ...others] : [MASKED];
    this.#ctx.acceptWebSocket(server, batches ? [...visibility, BATCHES] : visibility);
    const subscriber = this.#subscriberOf(server, caller);
    tellJustAccepted(server, () => this.#catchUp(subscriber, view, missed));
    if (isTerminal(view.state.status)) subscriber.end(CLOSE_DONE, "ended");
    return new Response(null, { status: 101, webSocket: client });
  }

  #catchUp(subscriber: SubscriberSocket, view: ExecutionView, missed: Iterable<Event>): void {
    const { visibility } = subscriber;
    const snapshot: Frame = {
      type: "snapshot",
      seq: view.state.seq,
      execution: executionBody(view),
      turns_in_flight:
        visibility === "masked" ? [] : this.#turns.texts().map((turn) => ({ ...turn, ...this.#speaker })),
    };
    subscriber.send(new FrameBatch(framesFor(visibility, [snapshot])));
    for (const part of bySize(eventsFor(visibility, missed))) {
      if (!subscriber.isOpen) break;
      subscriber.send(new FrameBatch(part));
    }
  }

  /** Tells every watcher what was just committed. */
  publish(events: readonly Event[], state: ExecutionState): void {
    this.#agent = state.origin.agent;
    this.#gatherDeltas();
    const ends = isTerminal(state.status);
    for (const { type, data } of events) {
      if (type === "turn.completed" || type === "turn.failed") this.#turns.end(data.key);
    }
    if (ends) this.#turns.endAll();
    const { status, progress, work } = state;
    const moved =
      status !== this.#shown?.status ||
      progress !== this.#shown.progress ||
      work !== this.#shown.work ||
      events.some(({ type }) => type === "subtask.leased");
    this.#shown = { status, progress, work };
    if (this.#ctx.getWebSockets().length > 0) {
      for (const event of events) this.#waiting.push(eventFrame(event));
      if (moved) this.#waiting.push(updateFrame(state));
    }
    if (ends) this.#sendTheEnd();
    else if (this.#backlog.isLong(Date.now())) this.#batchLater();
    else this.#sendPending();
  }

  /** Takes text that a turn writes: kept for readers who connect later, sent when a reader watches. */
  delta(delta: TurnDelta): void {
    this.#turns.add(delta);
    if (this.#ctx.getWebSockets(DELTAS).length > 0) this.#batchLater();
  }

  /** A reader's answer to the question how far it is. */
  acknowledge(socket: WebSocket, message: string): void {
    this.#subscriberOf(socket).acknowledge(message);
  }

  /** The platform has let go of a socket. */
  gone(socket: WebSocket): void {
    socket.close();
    this.#subscriberOf(socket).gone();
  }

  /** Closes what is open after its token's end, now that the object is awake anyway. */
  closeExpired(): void {
    for (const subscriber of this.#open()) subscriber.expire();
  }

  #batchLater(): void {
    this.#batch ??= setTimeout(() => {
      this.#batch = undefined;
      this.#gatherDeltas();
      this.#sendPending();
      for (const subscriber of this.#open()) if (subscriber.holds) subscriber.flush();
    }, BATCH_MS);
  }

  #gatherDeltas(): void {
    for (const delta of this.#turns.untold()) this.#waiting.push({ type: "delta", ...delta, ...this.#speaker });
  }

  get #speaker(): { readonly agent?: string } {
    return this.#agent === undefined ? {} : { agent: this.#agent };
  }

  #sendPending(): void {
    if (this.#waiting.length === 0) return;
    const batches = new FrameBatches(this.#waiting);
    this.#waiting = [];
    const subscribers = this.#open().filter((subscriber) => !subscriber.expire());
    for (const subscriber of subscribers) subscriber.send(batches.for(subscriber.visibility));
    this.#backlog.count(subscribers.length, Date.now());
    if (subscribers.some(({ holds }) => holds)) this.#batchLater();
  }

  #sendTheEnd(): void {
    this.#sendPending();
    for (const subscriber of this.#open()) subscriber.end(CLOSE_DONE, "ended");
  }

  #open(): SubscriberSocket[] {
    return this.#ctx
      .getWebSockets()
      .map((socket) => this.#subscriberOf(socket))
      .filter(({ isOpen }) => isOpen);
  }

  #subscriberOf(socket: WebSocket, caller?: Principal): SubscriberSocket {
    const known = this.#subscribers.get(socket);
    if (known) return known;
    const tags = this.#ctx.getTags(socket);
    const form = tags.includes(BATCHES) ? "batched" : "plain";
    const subscriber = new SubscriberSocket(
      socket,
      { visibility: visibilityOf(tags), form },
      { keys: this.#keys, room: this.#room, caller },
    );
    this.#subscribers.set(socket, subscriber);
    return subscriber;
  }
}

/** One by one: the log may be longer than what its reader is sent before it is cut. */
function* eventsFor(visibility: Visibility, events: Iterable<Event>): Generator<OutgoingFrame> {
  for (const event of events) yield* framesFor(visibility, [eventFrame(event)]);
}

function visibilityOf(tags: readonly string[]): Visibility {
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
    socket.close(CLOSE_CUT, "could not be written to");
    return false;
  }
}
