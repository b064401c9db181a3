/**
 * Waiting for an execution without holding it in memory: the router keeps the caller, the actor keeps a hibernating
 * socket. The caller's pace is the pace of both: when the caller reads slowly, the actor closes its socket, and
 * the router opens a new one that continues from the log.
 */
import * as z from "zod";
import { CLOSE_SLOW, isCheck, isClosing } from "../../contract/stream/flow-control.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import { StreamFrame, unfolded } from "../../contract/stream/frames.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Status } from "../../domain/execution/status.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { FAULT_CODES } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../ports.ts";
import { messagesOf } from "./messages.ts";

interface Watching {
  readonly client: Pick<ExecutionClient, "stream">;
  readonly caller: Principal;
  readonly executionId: string;
}

/** The platform's number for it. */
const OPEN = 1;

export interface Wanted {
  readonly after: number;
  readonly deltas: boolean;
  readonly signal?: AbortSignal;
  /** The first socket, when the caller of `framesOf` had to open one before it began to answer. */
  readonly first?: WebSocket;
}

/** The execution's frames from `after` on; ends when the execution does or the socket is cut. */
export async function* framesOf(watching: Watching, { after, deltas, signal, first }: Wanted): AsyncGenerator<Frame> {
  let webSocket = first ?? (await socketOf(watching, { after, deltas })).webSocket;
  for (let last = after; webSocket; webSocket = (await socketOf(watching, { after: last, deltas })).webSocket) {
    const frames = framesOfSocket(webSocket, signal);
    let next = await frames.next();
    try {
      for (; !next.done; next = await frames.next()) {
        if (next.value.type === "event") last = next.value.event.seq;
        yield next.value;
      }
    } finally {
      await frames.return(undefined);
    }
    // It was full: everything it held has been read, and the rest is in the log.
    if (next.value !== CLOSE_SLOW) return;
  }
}

/** A socket of the execution, or the refusal in its place. */
export function socketOf(
  { client, caller, executionId }: Watching,
  { after, deltas }: Pick<Wanted, "after" | "deltas">,
): Promise<Response> {
  return client.stream(caller, executionId, { after, deltas, batches: true });
}

/** Why there is no socket. */
export async function refusalOf(opened: Response): Promise<Refusal> {
  return Refused.parse(await opened.json());
}

const Refused = z.object({ ok: z.literal(false), code: z.enum(FAULT_CODES), detail: z.string() });

/** A question of the sender's is answered once its reader has taken everything before it. */
async function* framesOfSocket(webSocket: WebSocket, signal?: AbortSignal): AsyncGenerator<Frame, number | undefined> {
  const messages = messagesOf([webSocket], signal);
  let next = await messages.next();
  try {
    for (; !next.done; next = await messages.next()) {
      if (isCheck(next.value)) {
        if (webSocket.readyState === OPEN) webSocket.send(next.value);
      } else if (!isClosing(next.value)) yield* unfolded(StreamFrame.parse(JSON.parse(next.value)));
    }
  } finally {
    await messages.return(undefined);
  }
  return next.value;
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
    const news = { after: Number.MAX_SAFE_INTEGER, deltas: false, signal: aborter.signal };
    for await (const frame of framesOf(watching, news)) {
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
