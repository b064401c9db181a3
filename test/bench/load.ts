/**
 * The load generator, a process of its own: keeps `concurrency` requests in flight for a while and reports how long each
 * took. It talks to its parent by messages; it knows nothing of what is measured.
 */
import { Agent, request } from "node:http";

export interface Load {
  readonly url: string;
  /** Asked in turn in the place of `url`. */
  readonly urls?: readonly string[] | undefined;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly concurrency: number;
  readonly durationMs: number;
  /** Ends earlier when so many were sent. */
  readonly maxRequests: number;
  /** Any other status is an error of the whole slice. */
  readonly expected: number;
}

export interface LoadResult {
  /** Milliseconds of each answered request, unsorted. */
  readonly latencies: readonly number[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

process.on("message", (load: Load) => {
  void run(load).then(
    (result) => process.send?.(result),
    (error) => process.send?.({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function run(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const end = performance.now() + load.durationMs;
  let sent = 0;
  const caller = async () => {
    while (performance.now() < end && sent < load.maxRequests) {
      const url = load.urls?.[sent % load.urls.length] ?? load.url;
      sent += 1;
      const before = performance.now();
      await call({ ...load, url });
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, caller));
  return { latencies };
}

/** Resolves when the whole answer is there. */
function call({ url, method, headers, body, expected }: Load): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, "content-length": Buffer.byteLength(body) } });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === expected) resolve();
        else reject(new Error(`${method} ${url} answered ${response.statusCode}: ${text.slice(0, 400)}`));
      });
    });
    sent.end(body);
  });
}
