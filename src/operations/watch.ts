/**
 * Waiting for an execution without holding it in memory: the router keeps the caller, the actor keeps a hibernating
 * socket.
 */
import { Frame } from "../contract/frames.ts";
import type { Caller } from "../domain/caller.ts";
import type { Status } from "../domain/status.ts";
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
  const { webSocket: socket } = await door.stream(caller, executionId, after);
  if (!socket) return;
  const frames: Frame[] = [];
  let wake = () => {};
  let open = true;
  const close = () => {
    open = false;
    wake();
  };
  socket.addEventListener("message", ({ data }) => {
    frames.push(Frame.parse(JSON.parse(String(data))));
    wake();
  });
  socket.addEventListener("close", close);
  socket.addEventListener("error", close);
  signal?.addEventListener("abort", close);
  socket.accept();
  try {
    while (true) {
      for (let frame = frames.shift(); frame; frame = frames.shift()) yield frame;
      if (!open) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    socket.close(1000);
  }
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
