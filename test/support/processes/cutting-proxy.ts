/**
 * A TCP proxy that breaks connections, for tests of clients. It knows no HTTP: it cuts in the middle of whatever passes.
 *
 * - `cut` is asked once a connection: after how many bytes of answers, or after how many milliseconds, it is broken.
 * - A cut is a reset on both sides, as when a cable is pulled and plugged in again. No goodbye.
 * - A server that is away makes the connection break at once.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";

export interface Cut {
  /** Bytes of the server's that still pass. */
  readonly afterBytes?: number;
  readonly afterMs?: number;
}

export interface CuttingProxy {
  readonly url: string;
  /** Connections broken by us so far; those that the server broke do not count. */
  readonly cuts: number;
  close(): Promise<void>;
}

export async function startCuttingProxy(target: string, cut: () => Cut | undefined): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const { afterBytes = Number.POSITIVE_INFINITY, afterMs } = cut() ?? {};
    let left = afterBytes;
    const end = () => {
      clearTimeout(timer);
      for (const socket of [client, upstream]) {
        open.delete(socket);
        if (!socket.destroyed) socket.resetAndDestroy();
      }
    };
    const breakOff = () => {
      if (client.destroyed) return;
      cuts += 1;
      end();
    };
    const timer = afterMs === undefined ? undefined : setTimeout(breakOff, afterMs);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", end).on("close", end);
    }
    client.on("data", (chunk: Buffer) => upstream.write(chunk));
    upstream.on("data", (chunk: Buffer) => {
      client.write(chunk.subarray(0, left));
      left -= chunk.length;
      // The last bytes are on their way before the reset is.
      if (left <= 0) setImmediate(breakOff);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("the proxy has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get cuts() {
      return cuts;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
