/**
 * One reader's socket in the actor: what may be sent, what is held back for a moment, and when it is cut. Everything that
 * must outlive hibernation travels in the socket's attachment.
 *
 * R1  Parcels go out at once, in order. Only a reader that lags gets them gathered, for 50 ms at most.
 * R2  A socket that is full, or whose token has ended, is closed; its client comes back with the last seq it has.
 */
import { z } from "zod";
import { CLOSE_SLOW, closingText, Flow, SavedFlow } from "../../contract/flow.ts";
import type { Form, OutgoingFrame } from "../../contract/frame-texts.ts";
import { CLOSE_EXPIRED } from "../../contract/tokens.ts";
import type { Audience } from "./parcel.ts";
import { Parcel } from "./parcel.ts";

const Attachment = z.object({ expiresAtMs: z.number().optional(), flow: SavedFlow });

/** The socket's readyState; the platform lists closing ones too. */
const OPEN = 1;

/** What of everything its caller wants and may see, and in which form. */
export interface Taste {
  readonly audience: Audience;
  readonly form: Form;
}

export class ReaderSocket {
  readonly audience: Audience;
  readonly #form: Form;
  readonly #socket: WebSocket;
  readonly #expiresAtMs: number | undefined;
  readonly #flow: Flow;
  #saved: SavedFlow | undefined;
  #held: OutgoingFrame[] = [];

  constructor(socket: WebSocket, { audience, form }: Taste, expiresAtMs?: number) {
    this.#socket = socket;
    this.audience = audience;
    this.#form = form;
    const attached: unknown = socket.deserializeAttachment();
    const known = attached === null ? undefined : Attachment.parse(attached);
    this.#expiresAtMs = known?.expiresAtMs ?? expiresAtMs;
    this.#flow = new Flow(known?.flow);
    this.#save();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN;
  }

  get holds(): boolean {
    return this.#held.length > 0;
  }

  send(parcel: Parcel): void {
    if (this.#flow.lagging || this.holds) this.#held.push(...parcel.frames);
    else this.#write(parcel.textsIn(this.#form));
  }

  flush(): void {
    const held = new Parcel(this.#held);
    this.#held = [];
    this.#write(held.textsIn(this.#form));
  }

  /** The reader says how far it has read. */
  answered(message: string): void {
    if (!this.#flow.answered(message)) return;
    this.#save();
    if (!this.#flow.lagging) this.flush();
  }

  /** True when its token has ended; then it is closed. */
  expire(): boolean {
    if (this.#expiresAtMs === undefined || this.#expiresAtMs > Date.now()) return false;
    this.#cut(CLOSE_EXPIRED, "the token has expired");
    return true;
  }

  close(code: number, reason: string): void {
    this.#held = [];
    if (this.isOpen) this.#socket.close(code, reason);
  }

  #write(texts: readonly string[]): void {
    if (texts.length === 0 || !this.isOpen) return;
    for (const text of texts) {
      if (!this.#flow.take(text.length)) return this.#cut(CLOSE_SLOW, "too slow: come back with the last seq you have");
      if (!this.#put(text)) return;
      const check = this.#flow.check();
      if (check !== undefined && !this.#put(check)) return;
    }
    this.#save();
  }

  /** Its reader is to come back. */
  #cut(code: number, reason: string): void {
    if (this.isOpen) this.#put(closingText(code, reason));
    this.close(code, reason);
  }

  /** False when it was gone already: a closed tab can look open until we write to it. */
  #put(text: string): boolean {
    try {
      this.#socket.send(text);
      return true;
    } catch {
      this.close(1011, "could not be written to");
      return false;
    }
  }

  #save(): void {
    const flow = this.#flow.saved;
    if (flow.sent === this.#saved?.sent && flow.read === this.#saved.read) return;
    this.#saved = flow;
    const expiry = this.#expiresAtMs === undefined ? {} : { expiresAtMs: this.#expiresAtMs };
    this.#socket.serializeAttachment({ ...expiry, flow } satisfies z.infer<typeof Attachment>);
  }
}
