/**
 * Readers against everything that breaks connections (P7): a proxy that cuts at random, a server that is killed, and a
 * crowd. Whatever happens, each reader ends with exactly the log, in order, nothing twice.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventBody, Frame } from "../../src/client/index.ts";
import { createClient } from "../../src/client/index.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { sleep } from "../support/processes/api.ts";
import type { CuttingProxy } from "../support/processes/cutting-proxy.ts";
import { startCuttingProxy } from "../support/processes/cutting-proxy.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

/** Another one for other cuts: SEED=7 npx vitest run test/e2e/streams.test.ts */
const SEED = Number(process.env.SEED ?? 1);
const READERS = 36;
const CUTS = 1_000;
const SOCKETS = 1_000;
/** Readers that come back quickly are cut more often in a minute; a server that comes back late is waited for. */
const QUICK = { firstBackoffMs: 10, maxBackoffMs: 200, maxElapsedMs: 2 * PATIENCE_MS };

let stateDir: string;
let server: Server;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-streams-"));
  server = await startServer({ stateDir, env: { ERRAND_HEARTBEAT_MS: "1000", ERRAND_MAX_SOCKETS: "1100" } });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

const eventsIn = (frames: readonly Frame[]) => frames.flatMap((frame) => (frame.type === "event" ? [frame.event] : []));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

/** Compares by text first: `toEqual` of thousands of events a thousand times takes minutes. */
function expectLog(read: readonly EventBody[], log: readonly EventBody[]): void {
  if (JSON.stringify(read) !== JSON.stringify(log)) expect(read).toEqual(log);
}

describe("readers", () => {
  test(`over ${CUTS} cuts and three kills, each ends with exactly the log`, { timeout: 10 * PATIENCE_MS }, async () => {
    const draw = seeded(SEED);
    // By bytes, to cut in the middle of frames; by time, to cut what is quiet.
    // Not for ever: on a busy machine no connection might live long enough to bring a reader on.
    const cut = () => {
      if (proxy.cuts >= CUTS) return undefined;
      return draw() < 0.5 ? { afterBytes: Math.floor(draw() * 12_000) } : { afterMs: Math.floor(20 + draw() * 700) };
    };
    const proxy: CuttingProxy = await startCuttingProxy(server.url, cut);
    try {
      const direct = createClient({ baseUrl: server.url });
      const client = createClient({ baseUrl: proxy.url, timing: QUICK });
      // On a busy machine fewer connections are made in the same time: then another execution is read.
      for (let kills = 3; kills > 0 || proxy.cuts < CUTS; ) {
        const { execution_id: id } = await direct.executeAsync("catalog.audit", { chunk_size: 10, pace_ms: 40 });
        const readers = Array.from({ length: READERS }, async (_, n) =>
          n % 2 === 0 ? all(client.events(id)) : eventsIn(await all(client.stream(id))),
        );
        const reading = Promise.all(readers);
        for (; kills > 0; kills -= 1) {
          await sleep(1_000 + draw() * 3_000);
          await server.restart();
        }
        const read = await reading;
        const { events: log } = await direct.log(id);
        expect(log.at(-1)?.type).toBe("execution.succeeded");
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
        for (const one of read) expectLog(one, log);
      }
    } finally {
      await proxy.close();
    }
  });

  test(`${SOCKETS} sockets on one execution all get everything`, async () => {
    const client = createClient({ baseUrl: server.url });
    const { execution_id: id } = await client.executeAsync("approvals.demo", { claim: "crowd", amount: 5 });
    let caughtUp = 0;
    const crowd = Array.from({ length: SOCKETS }, async () => {
      const frames: Frame[] = [];
      for await (const frame of client.stream(id)) {
        frames.push(frame);
        if (frame.type === "event" && frame.event.type === "execution.waiting") caughtUp += 1;
      }
      return frames;
    });
    await expect.poll(() => caughtUp, { timeout: 2 * PATIENCE_MS }).toBe(SOCKETS);
    for (let n = 0; n < 10; n++) await client.note(id, `to all of you, ${n}`);
    await client.approve(id, { decision: "approved" });
    const read = await Promise.all(crowd);
    const { events: log } = await client.log(id);
    expect(log.at(-1)?.type).toBe("execution.succeeded");
    for (const frames of read) expectLog(eventsIn(frames), log);
  });

  test("a reader that comes late, from anywhere in the log, gets the rest", async () => {
    const client = createClient({ baseUrl: server.url });
    const { execution_id: id } = await client.execute("catalog.audit", { chunk_size: 500, pace_ms: 0 });
    const { events: log } = await client.log(id);
    for (let after = 0; after <= log.length; after++) {
      expectLog(eventsIn(await all(client.stream(id, { after }))), log.slice(after));
      expectLog(await all(client.events(id, { after })), log.slice(after));
    }
  });
});
