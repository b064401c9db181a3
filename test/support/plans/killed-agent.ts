/**
 * An agent of the kit as a process that tests kill: `node killed-agent.ts URL ID FOLDER`. Its effects are lines of a file that outlives
 * it: `begin` before, `done` behind. `send` may not be done twice, and is looked up in that file; `note` may be done twice.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { createPollingAgent, fileStore } from "../../../src/agent/index.ts";

const [url = "", id = "", folder = ""] = process.argv.slice(2);
const BOOK = join(folder, "effects.txt");
const input = z.object({ ms: z.number() });

const line = (what: string, key: string) => appendFileSync(BOOK, `${what} ${key} ${id} ${process.pid}\n`);
const has = (what: string, key: string) => readFileSync(BOOK, "utf8").includes(`${what} ${key} ${id} `);

async function effect({ ms }: z.output<typeof input>, key: string) {
  line("begin", key);
  await new Promise((resolve) => setTimeout(resolve, ms));
  line("done", key);
  return { key };
}

const agent = createPollingAgent({
  ...{ url, id, waitSeconds: 2, concurrency: 2, heartbeatMs: 500 },
  store: fileStore(join(folder, `${id}.json`)),
  timing: { firstBackoffMs: 100, maxBackoffMs: 400 },
  actions: {
    send: {
      input,
      run: (params, { idempotencyKey }) => effect(params, idempotencyKey),
      checkOutcome: async (_params, { idempotencyKey: key }) => {
        if (has("done", key)) return { happened: true, output: { key } };
        return has("begin", key) ? undefined : { happened: false };
      },
    },
    note: { input, idempotent: true, run: (params, { idempotencyKey }) => effect(params, idempotencyKey) },
  },
});
await agent.start();
process.stdout.write("polls\n");
await agent.done;
