/** The sockets of one object as the platform keeps them through hibernation: open, tagged, with an attachment. */

export class HandSocket {
  readyState = 1;
  readonly texts: string[] = [];
  closedWith: number | undefined;
  lastSentAtMs = 0;
  readonly tags: readonly string[];
  #attachment: unknown = null;

  constructor(tags: readonly string[] = [], attachment: unknown = null) {
    this.tags = tags;
    this.#attachment = attachment;
  }

  /** What came since it was last asked. */
  news(): { readonly type: string; readonly [field: string]: unknown }[] {
    return this.texts.splice(0).map((text) => JSON.parse(text));
  }
  send(text: string): void {
    this.texts.push(text);
    this.lastSentAtMs = Date.now();
  }
  close(code: number): void {
    this.readyState = 2;
    this.closedWith = code;
  }
  serializeAttachment(attachment: unknown): void {
    this.#attachment = structuredClone(attachment);
  }
  deserializeAttachment(): unknown {
    return this.#attachment;
  }
}

/** What a live feed uses of its object. */
export class HandRoom {
  readonly sockets: HandSocket[] = [];

  get ctx(): DurableObjectState {
    return this as unknown as DurableObjectState;
  }
  join(tags?: readonly string[], attachment?: unknown): HandSocket {
    const socket = new HandSocket(tags, attachment);
    this.sockets.push(socket);
    return socket;
  }
  getWebSockets(tag?: string): HandSocket[] {
    return this.sockets.filter(({ tags }) => tag === undefined || tags.includes(tag));
  }
  getTags(socket: HandSocket): readonly string[] {
    return socket.tags;
  }
  setWebSocketAutoResponse(): void {}
  acceptWebSocket(socket: HandSocket, tags: readonly string[]): void {
    Object.assign(socket, { tags });
    this.sockets.push(socket);
  }
}
