/**
 * Waiting for an execution without holding it in memory: the router keeps the caller, the actor keeps a hibernating
 * socket.
 */
import { Frame } from "../contract/frames.ts";
import type { Caller } from "../domain/caller.ts";
import type { Status } from "../domain/status.ts";
import { messagesOf } from "./messages.ts";
import type { ExecutionDoor } from "./ports.ts";

export interface Watching {
  readonly door: ExecutionDoor;
  readonly caller: Caller;
  readonly executionId: string;
}

/** The execution's frames from `after` on; ends when the execution does or the socket is cut. */
export async function* framesOf(
  { door, caller, executionId }: Watching,
  after: number,
  signal?: AbortSignal,
): AsyncGenerator<Frame> {
  const { webSocket } = await door.stream(caller, executionId, after);
  if (!webSocket) return;
  for await (const text of messagesOf([webSocket], signal)) yield Frame.parse(JSON.parse(text));
}

/** Resolves when the status is as wanted, or after `timeoutMs`. */
export async function untilStatus(
  watching: Watching,
  wanted: (status: Status) => boolean,
  timeoutMs: number,
): Promise<void> {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), timeoutMs);
  try {
    for await (const frame of framesOf(watching, Number.MAX_SAFE_INTEGER, aborter.signal)) {
      const status =
        frame.type === "snapshot"
          ? frame.execution.status
          : frame.type === "execution_update"
            ? frame.status
            : undefined;
      if (status !== undefined && wanted(status)) return;
    }
  } finally {
    clearTimeout(timer);
  }
}
