/**
 * What leaves this deployment for an address that a caller named: a node, a webhook, a callback. Every such request goes
 * through one `OutboundFetch`, which judges the address first; tests hand in one of their own.
 */
export interface OutboundRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For all of it: redirects, the answer's head and its body. */
  readonly timeoutMs: number;
  /** So much of the answer's body is read at most. */
  readonly maxBytes: number;
  /** Given up when it resolves, as when the time is over. */
  readonly until?: Promise<void>;
}

export interface OutboundAnswer {
  readonly ok: true;
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Why `body` is not all of it: it was larger than `maxBytes`, the time was over, or the connection broke. */
  readonly cut?: "bytes" | "time" | "broken";
}

/**
 * `refused`: the address, or one that it redirected to, is none that this deployment reaches; nothing was sent there.
 * `redirected`: the answer of a request that is no GET was a redirect, or there were too many of them.
 * `unreachable`: no answer came. `timeout`: none came in time.
 */
export interface OutboundFailure {
  readonly ok: false;
  readonly kind: "refused" | "redirected" | "unreachable" | "timeout";
  readonly detail: string;
}

export type OutboundFetch = (request: OutboundRequest) => Promise<OutboundAnswer | OutboundFailure>;
