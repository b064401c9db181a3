/**
 * One reader's socket in the actor: what may be sent, what is held back for a moment, and when it is cut. Everything that
 * must outlive hibernation travels in the socket's attachment.
 *
 * - Parcels go out at once, in order. Only a reader that lags gets them gathered, for 50 ms at most.
 * - A socket that is full, or that leaves no room for the others, or whose token has ended, is closed; its client comes back with the last seq it has.
 * - Nothing is sent that is not known to be its reader's still: where its key must be asked, parcels wait for the answer.
 */
import * as z from "zod";
import { CLOSE_EXPIRED, CLOSE_TRY_LATER } from "../../contract/access/tokens.ts";
import { CLOSE_CUT, CLOSE_SLOW, closingText, FlowControl, SavedFlow } from "../../contract/stream/flow-control.ts";
import type { Form, OutgoingFrame } from "../../contract/stream/frame-texts.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { KeyInForce } from "../../domain/execution/principal.ts";
import type { Visibility } from "./frame-batch.ts";
import { FrameBatch } from "./frame-batch.ts";
import type { KeysInForce } from "./keys-in-force.ts";
import type { SharedRoom, Sharer } from "./shared-room.ts";

const Leave = z.object({ expiresAtMs: z.number().optional(), key: KeyInForce.optional() });
type Leave = z.infer<typeof Leave>;
const Attachment = Leave.extend({ flow: SavedFlow, wanted: z.unknown().optional() });

/** The socket's readyState; the platform lists closing ones too. */
const OPEN = 1;

/** In UTF-16 units: so much may wait for the answer about a key. */
const MOST_HELD = 2 * 1024 * 1024;

/** What of everything its caller wants and may see, and in which form. */
export interface SubscriptionOptions {
  readonly visibility: Visibility;
  readonly form: Form;
  /** Whether it is asked how far it has read, and told why it is closed. Default: yes. */
  readonly asks?: boolean | undefined;
  /** What its reader wants, as JSON: kept through hibernation. */
  readonly wanted?: unknown;
}

/** How long it may look: until its token ends, and as long as its key is in force. */
export interface Terms {
  readonly keys: KeysInForce;
  /** What it shares with the others. */
  readonly room: SharedRoom;
  /** Who came with it; unknown after hibernation, when the attachment knows. */
  readonly caller?: Pick<Principal, "expiresAtMs" | "key"> | undefined;
}

export class SubscriberSocket implements Sharer {
  readonly visibility: Visibility;
  readonly wanted: unknown;
  readonly #form: Form;
  readonly #asks: boolean;
  readonly #socket: WebSocket;
  readonly #leave: Leave;
  readonly #keys: KeysInForce;
  readonly #flow: FlowControl;
  readonly #room: SharedRoom;
  #saved: SavedFlow | undefined;
  #held: OutgoingFrame[] = [];
  #asking = false;
  /** How it is to be closed once it may be sent what it holds. */
  #ending: { readonly code: number; readonly reason: string } | undefined;

  constructor(
    socket: WebSocket,
    { visibility, form, asks = true, wanted }: SubscriptionOptions,
    { keys, room, caller = {} }: Terms,
  ) {
    this.#socket = socket;
    this.visibility = visibility;
    this.#form = form;
    this.#asks = asks;
    const attached: unknown = socket.deserializeAttachment();
    const known = attached === null ? undefined : Attachment.parse(attached);
    const { expiresAtMs, key } = known ?? caller;
    this.wanted = known?.wanted ?? wanted;
    this.#leave = { ...(expiresAtMs === undefined ? {} : { expiresAtMs }), ...(key ? { key } : {}) };
    this.#keys = keys;
    this.#flow = new FlowControl(known?.flow);
    this.#room = room;
    this.#room.holds(this, this.#flow.unread);
    if (!this.isOpen) this.#room.closing(this);
    this.#save();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN;
  }

  get holds(): boolean {
    return this.#held.length > 0;
  }

  send(batch: FrameBatch): void {
    if (this.#flow.lagging || this.holds || !this.#mayBeSent()) this.#hold(batch.frames);
    else this.#write(batch.textsIn(this.#form));
  }

  flush(): void {
    if (!this.holds || !this.#mayBeSent()) return;
    const held = new FrameBatch(this.#held);
    this.#held = [];
    this.#write(held.textsIn(this.#form));
  }

  /** The reader says how far it has read. */
  acknowledge(message: string): void {
    if (!this.#flow.acknowledge(message)) return;
    this.#room.holds(this, this.#flow.unread);
    this.#save();
    if (!this.#flow.lagging) this.flush();
  }

  /** True when its token has ended; then it is closed. */
  expire(): boolean {
    const { expiresAtMs } = this.#leave;
    if (expiresAtMs === undefined || expiresAtMs > Date.now()) return false;
    this.#cut(CLOSE_EXPIRED, "the token has expired");
    return true;
  }

  /** After everything that it was sent. */
  end(code: number, reason: string): void {
    this.flush();
    if (this.#asking && this.holds) this.#ending = { code, reason };
    else this.#close(code, reason);
  }

  #close(code: number, reason: string): void {
    this.#held = [];
    if (this.isOpen) this.#socket.close(code, reason);
    this.#room.closing(this);
  }

  #hold(frames: readonly OutgoingFrame[]): void {
    this.#held.push(...frames);
    if (!this.#asking) return;
    const size = this.#held.reduce((sum, { json }) => sum + json.length, 0);
    if (size > MOST_HELD) this.#cut(CLOSE_TRY_LATER, "its key was not looked up in time");
  }

  /** Where that is not known its key is asked, and what it holds by then goes out, or it is closed. */
  #mayBeSent(): boolean {
    const { key } = this.#leave;
    if (!key || this.#keys.isInForce(key)) return true;
    if (!this.#asking) void this.#askFor(key);
    return false;
  }

  async #askFor(key: KeyInForce): Promise<void> {
    this.#asking = true;
    const answer = await this.#keys.confirm(key);
    this.#asking = false;
    if (!answer.ok) {
      const code = answer.code === "unauthorized" ? CLOSE_EXPIRED : CLOSE_TRY_LATER;
      return this.#cut(code, answer.detail);
    }
    if (this.#ending) this.end(this.#ending.code, this.#ending.reason);
    else this.flush();
  }

  #write(texts: readonly string[]): void {
    if (texts.length === 0 || !this.isOpen) return;
    for (const text of texts) {
      if (!this.#flow.take(text.length)) return this.cutForRoom();
      if (!this.#room.makePlace(this, text.length)) return;
      this.#room.holds(this, this.#flow.unread);
      if (!this.#put(text)) return;
      const check = this.#asks ? this.#flow.check(this.#room.share) : undefined;
      if (check !== undefined && !this.#put(check)) return;
    }
    this.#save();
  }

  cutForRoom(): void {
    this.#cut(CLOSE_SLOW, "too slow: come back with the last seq you have");
  }

  /** The platform has let go of its socket. */
  gone(): void {
    this.#room.gone(this);
  }

  /** Its reader is to come back. */
  #cut(code: number, reason: string): void {
    if (this.isOpen && this.#asks) this.#put(closingText(code, reason));
    this.#close(code, reason);
  }

  /** False when it was gone already: a closed tab can look open until we write to it. */
  #put(text: string): boolean {
    try {
      this.#socket.send(text);
      return true;
    } catch {
      this.#close(CLOSE_CUT, "could not be written to");
      return false;
    }
  }

  #save(): void {
    const flow = this.#flow.saved;
    if (flow.sent === this.#saved?.sent && flow.read === this.#saved.read) return;
    this.#saved = flow;
    const { wanted } = this;
    const attachment: z.infer<typeof Attachment> = {
      ...this.#leave,
      flow,
      ...(wanted === undefined ? {} : { wanted }),
    };
    this.#socket.serializeAttachment(attachment);
  }
}
