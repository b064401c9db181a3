/** Server-sent events of a sequence that its reader pulls: a slow reader holds back its own and no other reader's. */
import type { Leave } from "../../operations/access/leave.ts";

/** A comment this often keeps proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;

interface Sending<T> {
  readonly leave: Leave;
  /** Aborted once the reader goes: what waits for the next item ends with it. */
  readonly gone: AbortController;
  /** Empty for what is not shown. */
  readonly textOf: (item: T) => string;
  readonly heartbeatMs?: number;
}

export function sentEvents<T>(
  items: AsyncGenerator<T>,
  { leave, gone, textOf, heartbeatMs = HEARTBEAT_MS }: Sending<T>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let beat: ReturnType<typeof setInterval> | undefined;
  /** What the items come from ends with them, whoever ended first. */
  const end = async () => {
    clearInterval(beat);
    gone.abort();
    await items.return(undefined);
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      beat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(": heartbeat\n\n"));
      }, heartbeatMs);
    },
    async pull(controller) {
      try {
        for (let next = await items.next(); !next.done && (await leave.holds()); next = await items.next()) {
          const text = textOf(next.value);
          if (text !== "") return controller.enqueue(encoder.encode(text));
        }
        await end();
        controller.close();
      } catch (error) {
        await end();
        throw error;
      }
    },
    cancel: end,
  });
}
