/**
 * The same events as frames: hibernating sockets of those who watch this execution. A watcher never pins the object in
 * memory; a ping is answered by the platform without waking it. One socket's limits are `ReaderSocket`'s business.
 *
 * F1  A frame is sent only for what is committed; the output gate holds it until it is on disk.
 * F2  Catching up and joining happen in one breath, so a reader misses nothing and sees nothing twice (P7).
 * F3  A socket that cannot be written to is closed; its client comes back with the last seq it has.
 * F4  Whoever came with a stream token gets no frame after its end: the next one closes the socket instead.
 * F5  A turn's text goes out in batches, to whoever watches it and before the event that ends the turn. A snapshot has
 *     exactly the text that the next delta goes on from.
 * F6  Each socket gets what its caller may see. Half an address cannot be recognised: who sees masked text gets no deltas.
 */

import { executionBody } from "../../contract/execution-body.ts";
import type { Frame } from "../../contract/frames.ts";
import { eventFrame, updateFrame } from "../../contract/frames.ts";
import { maskBody, seesPersonalData } from "../../contract/mask.ts";
import type { TurnDelta } from "../../domain/conversation.ts";
import type { Event } from "../../domain/event.ts";
import type { ExecutionState } from "../../domain/state.ts";
import { isTerminal } from "../../domain/status.ts";
import type { ExecutionView } from "../../domain/view.ts";
import type { Watcher } from "../watcher.ts";
import type { OutgoingFrame } from "./reader-socket.ts";
import { ReaderSocket } from "./reader-socket.ts";
import { TurnsInFlight } from "./turns-in-flight.ts";

/** Close code when the execution has ended and everything was sent: nothing is left to come back for. */
const CLOSE_DONE = 1000;
/** How long text is gathered, and events for readers that lag. */
const BATCH_MS = 50;
/** Tag of the sockets that want turns' texts: a router that waits for a status does not. */
const DELTAS = "deltas";
/** Tag of the sockets whose caller does not see personal data. */
const MASKED = "masked";

export class LiveFeed {
  readonly #ctx: DurableObjectState;
  readonly #readers = new WeakMap<WebSocket, ReaderSocket>();
  readonly #turns = new TurnsInFlight();
  #status: ExecutionState["status"] | undefined;
  #progress: ExecutionState["progress"];
  #batch: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** Accepts a watcher and brings it up to date; the answer to its upgrade request. */
  accept(view: ExecutionView, missed: Iterable<Event>, { caller, deltas }: Watcher): Response {
    // What the others have not got yet is in the snapshot: from here on all are at the same character.
    this.#tellDeltas();
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const masked = !seesPersonalData(caller);
    this.#ctx.acceptWebSocket(server, masked ? [MASKED] : deltas ? [DELTAS] : []);
    const reader = this.#readerOf(server, caller.expiresAtMs);
    const { state } = view;
    const snapshot: Frame = {
      type: "snapshot",
      seq: state.seq,
      execution: executionBody(view),
      turns_in_flight: masked ? [] : this.#turns.texts(),
    };
    const out = masked ? outgoingMasked : outgoing;
    reader.send([out(snapshot)]);
    for (const event of missed) {
      if (!reader.isOpen) break;
      reader.send([out(eventFrame(event))]);
    }
    if (isTerminal(state.status)) reader.close(CLOSE_DONE, "ended");
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Tells every watcher what was just committed. */
  publish(events: readonly Event[], state: ExecutionState): void {
    this.#tellDeltas();
    const ends = isTerminal(state.status);
    for (const { type, data } of events) {
      if (type === "turn.completed" || type === "turn.failed") this.#turns.end(data.key);
    }
    if (ends) this.#turns.endAll();
    const moved = state.status !== this.#status || state.progress !== this.#progress;
    this.#status = state.status;
    this.#progress = state.progress;
    const readers = this.#open();
    if (readers.length === 0) return;
    this.#send(readers, [...events.map(eventFrame), ...(moved ? [updateFrame(state)] : [])]);
    if (!ends) return;
    for (const reader of readers) {
      reader.flush();
      reader.close(CLOSE_DONE, "ended");
    }
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

  /** Closes what is open after its token's end, now that the object is awake anyway. */
  closeExpired(): void {
    for (const reader of this.#open()) reader.expire();
  }

  #batchLater(): void {
    this.#batch ??= setTimeout(() => {
      this.#batch = undefined;
      this.#tellDeltas();
      for (const reader of this.#open()) if (reader.holds) reader.flush();
    }, BATCH_MS);
  }

  #tellDeltas(): void {
    const untold = this.#turns.untold();
    if (untold.length === 0) return;
    this.#send(
      this.#open(DELTAS),
      untold.map((delta) => ({ type: "delta", ...delta })),
    );
  }

  #send(readers: readonly ReaderSocket[], frames: readonly Frame[]): void {
    const live = readers.filter((reader) => !reader.expire());
    const hidden = new Set(this.#open(MASKED));
    const [masked, plain] = [live.filter((reader) => hidden.has(reader)), live.filter((reader) => !hidden.has(reader))];
    if (plain.length > 0) sendAll(plain, frames.map(outgoing));
    if (masked.length > 0) sendAll(masked, frames.map(outgoingMasked));
    if (readers.some(({ holds }) => holds)) this.#batchLater();
  }

  #open(tag?: string): ReaderSocket[] {
    return this.#ctx
      .getWebSockets(tag)
      .map((socket) => this.#readerOf(socket))
      .filter(({ isOpen }) => isOpen);
  }

  #readerOf(socket: WebSocket, expiresAtMs?: number): ReaderSocket {
    const known = this.#readers.get(socket);
    if (known) return known;
    const reader = new ReaderSocket(socket, expiresAtMs);
    this.#readers.set(socket, reader);
    return reader;
  }
}

function outgoing(frame: Frame): OutgoingFrame {
  return { text: JSON.stringify(frame), isUpdate: frame.type === "execution_update" };
}

function outgoingMasked(frame: Frame): OutgoingFrame {
  return outgoing(maskBody(frame) as Frame);
}

function sendAll(readers: readonly ReaderSocket[], frames: readonly OutgoingFrame[]): void {
  for (const reader of readers) reader.send(frames);
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
