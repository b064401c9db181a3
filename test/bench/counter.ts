/** The outside world of the bench: answers each POST and counts it, so that a dropped or doubled effect is seen. */
import { createServer } from "node:http";

export interface Counts {
  readonly calls: number;
  /** Different idempotency keys among them: fewer than calls means that something was done twice. */
  readonly keys: number;
}

let calls = 0;
let keys = new Set<string>();

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    calls += 1;
    keys.add(String(request.headers["idempotency-key"]));
    response.writeHead(200, { "content-type": "application/json" }).end('{"counted":true}');
  });
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: "127.0.0.1" }, () => {
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` });
});

/** Any message asks for the counts since the last one. */
process.on("message", () => {
  process.send?.({ calls, keys: keys.size } satisfies Counts);
  calls = 0;
  keys = new Set();
});
process.on("disconnect", () => process.exit(0));
