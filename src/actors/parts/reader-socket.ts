/**
 * One reader's socket in the actor: what may be sent, what is held back for a moment, and when it is cut. Everything that
 * must outlive hibernation travels in the socket's attachment.
 *
 * R1  Frames go out at once, in order. Only a reader that lags gets them gathered, for 50 ms at most; an update that a
 *     later one of the same batch makes old is left out.
 * R2  A socket that is full, or whose token has ended, is closed; its client comes back with the last seq it has.
 */
import { z } from "zod";
import { CLOSE_SLOW, closingText, Flow, SavedFlow } from "../../contract/flow.ts";
import { CLOSE_EXPIRED } from "../../contract/tokens.ts";

export interface OutgoingFrame {
  readonly text: string;
  /** Made old by the next one of its kind. */
  readonly isUpdate: boolean;
}

const Attachment = z.object({ expiresAtMs: z.number().optional(), flow: SavedFlow });

/** The socket's readyState; the platform lists closing ones too. */
const OPEN = 1;

export class ReaderSocket {
  readonly #socket: WebSocket;
  readonly #expiresAtMs: number | undefined;
  readonly #flow: Flow;
  #saved: SavedFlow | undefined;
  #held: OutgoingFrame[] = [];

  constructor(socket: WebSocket, expiresAtMs?: number) {
    this.#socket = socket;
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

  send(frames: readonly OutgoingFrame[]): void {
    if (this.#flow.lagging || this.holds) this.#held.push(...frames);
    else this.#write(frames);
  }

  flush(): void {
    const held = this.#held;
    this.#held = [];
    const newest = held.findLastIndex(({ isUpdate }) => isUpdate);
    this.#write(held.filter(({ isUpdate }, position) => !isUpdate || position === newest));
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

  #write(frames: readonly OutgoingFrame[]): void {
    for (const { text } of frames) {
      if (!this.isOpen) return;
      if (!this.#flow.take(text.length)) return this.#cut(CLOSE_SLOW, "too slow: come back with the last seq you have");
      this.#put(text);
      const check = this.#flow.check();
      if (check !== undefined) this.#put(check);
    }
    this.#save();
  }

  /** Its reader is to come back. */
  #cut(code: number, reason: string): void {
    if (this.isOpen) this.#put(closingText(code, reason));
    this.close(code, reason);
  }

  #put(text: string): void {
    try {
      this.#socket.send(text);
    } catch {
      // Gone already: a closed tab can look open until we write to it.
      this.close(1011, "could not be written to");
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
