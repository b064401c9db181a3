/**
 * The messages of one or more sockets as one sequence; ends when any of them is cut or the reader goes, and returns the
 * code of the socket's end. Once it is cut for a reader that does not keep up, it ends too: the reader resumes from the
 * last it has.
 */
import { Queue } from "../../domain/execution/queue.ts";

const LONGEST_QUEUE = 10_000;
/** In UTF-16 units; a sender that asks its reader how far it is never comes near it. */
const LARGEST_QUEUE = 16 * 1_048_576;

export async function* messagesOf(
  sockets: readonly WebSocket[],
  signal?: AbortSignal,
): AsyncGenerator<string, number | undefined> {
  const queue = new Queue<string>();
  let held = 0;
  let open = true;
  let code: number | undefined;
  let wake = () => {};
  const close = () => {
    open = false;
    wake();
  };
  for (const socket of sockets) {
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      queue.add(text);
      held += text.length;
      if (queue.size > LONGEST_QUEUE || held > LARGEST_QUEUE) close();
      wake();
    });
    socket.addEventListener("close", (event) => {
      code = event.code;
      close();
    });
    socket.addEventListener("error", close);
    socket.accept();
  }
  signal?.addEventListener("abort", close);
  if (signal?.aborted) close();
  try {
    while (true) {
      for (let text = queue.take(); text !== undefined; text = queue.take()) {
        held -= text.length;
        yield text;
      }
      if (!open) return code;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    for (const socket of sockets) socket.close(1000);
  }
}
