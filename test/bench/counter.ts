/**
 * The outside world of the bench: answers each POST and counts it, so that a dropped or doubled effect is seen. Below `/for/PORT` it is
 * a node of the server at that port: it accepts a call, and reports it.
 */
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";

export interface Counts {
  readonly url: string;
  readonly calls: number;
  /** Different idempotency keys among them: fewer than calls means that something was done twice. */
  readonly keys: number;
}

let calls = 0;
let keys = new Set<string>();

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const port = /^\/for\/(\d+)\//.exec(request.url ?? "")?.[1];
    if (port !== undefined && request.method === "POST") {
      response.writeHead(202).end('{"status":"processing"}');
      return void report(port, request);
    }
    calls += 1;
    keys.add(String(request.headers["idempotency-key"]));
    response.writeHead(200, { "content-type": "application/json" }).end('{"counted":true}');
  });
});
async function report(port: string, { headers }: IncomingMessage): Promise<void> {
  const path = `/api/v1/executions/${headers["x-execution-id"]}/status`;
  const body = JSON.stringify({ status: "succeeded", result: { counted: true } });
  const heard = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body });
  if (!heard.ok) process.stderr.write(`a report was answered ${heard.status}: ${await heard.text()}\n`);
  else await heard.body?.cancel();
}

let url = "";
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: "127.0.0.1" }, () => {
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  process.send?.({ url });
});

/** Any message asks for the counts since the last one. */
process.on("message", () => {
  process.send?.({ url, calls, keys: keys.size } satisfies Counts);
  calls = 0;
  keys = new Set();
});
process.on("disconnect", () => process.exit(0));
