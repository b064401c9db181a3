/** The typed client as the command uses it: a server that is not there is a failure in seconds, and requests can be watched. */
import type { Client } from "../../client/client.ts";
import { createClient } from "../../client/client.ts";
import type { Settings } from "./settings.ts";

/** A person waits: a call is given up after this long without a server. Waits for an execution outlast restarts all the same. */
const PATIENCE_MS = 1_500;

export function connect({ url, key, isDebug }: Settings, debug: (text: string) => void): Client {
  return createClient({
    baseUrl: url.value,
    ...(key === undefined ? {} : { key: key.value }),
    ...(isDebug ? { fetch: watched(debug) } : {}),
    timing: { maxElapsedMs: PATIENCE_MS },
  });
}

/** Says each request and its answer, without what they carry: a key is in the headers, users' data in the bodies. */
function watched(debug: (text: string) => void): typeof fetch {
  return async (input, init) => {
    const begunAt = Date.now();
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const what = `${init?.method ?? "GET"} ${pathname}${search}`;
    const after = () => `after ${Date.now() - begunAt} ms`;
    try {
      const answer = await fetch(input, init);
      debug(`debug: ${what} was answered ${answer.status} ${after()} (${answer.headers.get("x-request-id") ?? "-"})`);
      return answer;
    } catch (error) {
      debug(`debug: ${what} got no answer ${after()}: ${error instanceof Error ? error.message : error}`);
      throw error;
    }
  };
}
