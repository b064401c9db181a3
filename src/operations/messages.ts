/**
 * The messages of one or more sockets as one sequence; ends when any of them is cut or the reader goes, and returns the
 * code of the socket's end. Once it is cut for a reader that does not keep up, it ends too: the reader resumes from the
 * last it has.
 */
const LONGEST_QUEUE = 10_000;

export async function* messagesOf(
  sockets: readonly WebSocket[],
  signal?: AbortSignal,
): AsyncGenerator<string, number | undefined> {
  const queue: string[] = [];
  let open = true;
  let code: number | undefined;
  let wake = () => {};
  const close = () => {
    open = false;
    wake();
  };
  for (const socket of sockets) {
    socket.addEventListener("message", ({ data }) => {
      queue.push(String(data));
      if (queue.length > LONGEST_QUEUE) close();
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
      for (let text = queue.shift(); text !== undefined; text = queue.shift()) yield text;
      if (!open) return code;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    for (const socket of sockets) socket.close(1000);
  }
}
