/**
 * Follows executions of a conversation on sockets of their objects. A follower pins its own object, so it lets go of an execution that
 * waits for people, and of one that is silent for long; the alarm of the room looks again.
 */
import type { Frame } from "../../contract/stream/frames.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ExecutionClient } from "../../operations/ports.ts";
import { framesOf, refusalOf, socketOf } from "../../operations/stream/watch.ts";

/** A follower lets go after so long without a frame. */
const SILENT_MS = 60_000;
const WAITS_MS = 5_000;
/** A socket that was cut is opened again. */
const AGAIN_MS = 1_000;

export interface FollowersParts {
  readonly client: Pick<ExecutionClient, "stream">;
  readonly owner: Principal;
  /** The last event that was taken of it; `undefined`: it is not to be followed. */
  readonly from: (executionId: string) => number | undefined;
  readonly take: (executionId: string, frame: Frame) => void;
  /** Nothing is known of it. */
  readonly gone: (executionId: string) => void;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const RESTS: ReadonlySet<string> = new Set(["waiting", "paused", "blocked"]);

export class ChatFollowers {
  readonly #parts: FollowersParts;
  readonly #followed = new Set<string>();

  constructor(parts: FollowersParts) {
    this.#parts = parts;
  }

  follow(executionId: string): void {
    if (this.#followed.has(executionId)) return;
    this.#followed.add(executionId);
    void this.#read(executionId)
      .catch((error: unknown) => {
        const message = "a conversation lost sight of its execution for a moment";
        this.#parts.log({ level: "warn", message, execution_id: executionId, error: String(error) });
        return "cut" as const;
      })
      .then((end) => {
        this.#followed.delete(executionId);
        if (end === "cut" && this.#parts.from(executionId) !== undefined)
          setTimeout(() => this.follow(executionId), AGAIN_MS);
      });
  }

  async #read(executionId: string): Promise<"cut" | "rests"> {
    const { client, owner: caller, from, take, gone } = this.#parts;
    const after = from(executionId);
    if (after === undefined) return "rests";
    const watching = { client, caller, executionId };
    const opened = await socketOf(watching, { after, deltas: true });
    const { webSocket: first } = opened;
    if (!first) {
      const { code } = await refusalOf(opened);
      if (code === "not_found" || code === "gone") gone(executionId);
      return "rests";
    }
    const idle = new Idle();
    try {
      for await (const frame of framesOf(watching, { after, deltas: true, signal: idle.signal, first })) {
        idle.heard(frame);
        take(executionId, frame);
        if (from(executionId) === undefined) return "rests";
      }
    } finally {
      idle.end();
    }
    return idle.signal.aborted ? "rests" : "cut";
  }
}

/** Tells when there was nothing to hear for too long. */
class Idle {
  readonly #gone = new AbortController();
  #mostMs = SILENT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  heard(frame: Frame): void {
    const status =
      frame.type === "snapshot" ? frame.execution.status : frame.type === "execution_update" ? frame.status : undefined;
    if (status !== undefined) this.#mostMs = RESTS.has(status) ? WAITS_MS : SILENT_MS;
    this.end();
    this.#timer = setTimeout(() => this.#gone.abort(), this.#mostMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
