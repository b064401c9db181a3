/**
 * The leave of a caller to be answered, for answers that take longer than a key is believed: streams, feeds, long polls.
 *
 * - Nothing leaves for a key later than 30 s after it was revoked: `holds` is asked before each piece.
 * - An answer that has nothing to send ends by itself when its token does, or when its key is found revoked: looked at
 *   each second at most, asked for each 30 s.
 * - Who came with neither (open mode, the root key) may stay.
 */
import { CLOSE_EXPIRED, CLOSE_TRY_LATER } from "../../contract/access/tokens.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import type { ApiKeyAuthenticator } from "./api-key-authenticator.ts";

/** Clocks jump, and timers do not notice. */
const LOOK_MS = 1_000;

export interface LeaveParts {
  readonly ring: Pick<ApiKeyAuthenticator, "keyOfHash">;
  readonly now: () => number;
}

/** Why an answer was ended, as a socket is told it. */
export interface Ended {
  readonly code: number;
  readonly reason: string;
}

/** Whether the caller's key is in force at this moment. */
export async function keyInForce({ ring, now }: LeaveParts, { key }: Principal): Promise<Result<Principal["key"]>> {
  return !key || now() < key.untilMs ? accept(key) : ring.keyOfHash(key.hash);
}

export class Leave {
  readonly #parts: LeaveParts;
  readonly #ended = new AbortController();
  readonly #expiresAtMs: number | undefined;
  #caller: Principal;
  #why: Ended | undefined;
  #asked: Promise<boolean> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Ends with `gone` too: then its reader is no longer there. */
  constructor(parts: LeaveParts, caller: Principal, gone: AbortSignal) {
    this.#parts = parts;
    this.#caller = caller;
    this.#expiresAtMs = caller.expiresAtMs;
    this.ended.addEventListener("abort", () => clearTimeout(this.#timer));
    gone.addEventListener("abort", () => this.#ended.abort());
    if (gone.aborted) this.#ended.abort();
    else if (caller.key || caller.expiresAtMs !== undefined) this.#lookLater();
  }

  /** Aborted once it is over. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Undefined while it holds, and when its reader went by itself. */
  get why(): Ended | undefined {
    return this.#why;
  }

  /** Whether something may be sent now. */
  holds(): Promise<boolean> {
    this.#asked ??= this.#look().finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  async #look(): Promise<boolean> {
    if (this.#ended.signal.aborted) return false;
    const now = this.#parts.now();
    if (this.#expiresAtMs !== undefined && this.#expiresAtMs <= now)
      return this.#end({ code: CLOSE_EXPIRED, reason: "the token has expired" });
    const key = await keyInForce(this.#parts, this.#caller);
    if (!key.ok) return this.#end(endOf(key));
    this.#caller = { ...this.#caller, key: key.value };
    return !this.#ended.signal.aborted;
  }

  #lookLater(): void {
    const left = Math.min(this.#expiresAtMs ?? Infinity, this.#caller.key?.untilMs ?? Infinity) - this.#parts.now();
    const look = async () => {
      if (await this.holds()) this.#lookLater();
    };
    this.#timer = setTimeout(look, Math.max(1, Math.min(left, LOOK_MS)));
  }

  #end(why: Ended): false {
    this.#why = why;
    this.#ended.abort();
    return false;
  }
}

function endOf({ code, detail }: Refusal): Ended {
  return { code: code === "unauthorized" ? CLOSE_EXPIRED : CLOSE_TRY_LATER, reason: detail };
}
