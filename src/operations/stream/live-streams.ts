/** Live readers: of one execution, and of the changes of a tenant's lists. */
import type { FeedFrame } from "../../contract/stream/feed.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import type { ExecutionClient, StreamOptions } from "../ports.ts";
import type { FeedParts } from "./feed.ts";
import { feedOf } from "./feed.ts";
import type { Wanted } from "./watch.ts";
import { framesOf, socketOf } from "./watch.ts";

interface Parts extends FeedParts {
  readonly client: ExecutionClient;
}

export class LiveStreams {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The actor's own socket (101), or the refusal in its place. */
  stream(caller: Principal, executionId: string, wanted: StreamOptions): Promise<Response> {
    return this.#parts.client.stream(caller, executionId, wanted);
  }

  /** A socket for `frames`, or the refusal in its place. */
  open(caller: Principal, executionId: string, wanted: Pick<Wanted, "after" | "deltas">): Promise<Response> {
    return socketOf({ client: this.#parts.client, caller, executionId }, wanted);
  }

  frames(caller: Principal, executionId: string, wanted: Wanted): AsyncGenerator<Frame> {
    return framesOf({ client: this.#parts.client, caller, executionId }, wanted);
  }

  /** The seq of the newest event, for a reader that wants only what comes. */
  async newest(caller: Principal, executionId: string): Promise<Result<number>> {
    const known = await this.#parts.client.view(caller, executionId, { brief: true });
    return known.ok ? accept(known.value.state.seq) : known;
  }

  feed(
    caller: Principal,
    from: { readonly after: number | undefined; readonly signal: AbortSignal },
  ): AsyncGenerator<FeedFrame> {
    return feedOf(this.#parts, caller, from);
  }
}
