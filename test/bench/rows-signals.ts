/** The rows about one execution that is spoken to and watched: signals, and frames on sockets. */
import { fileURLToPath } from "node:url";
import { call, executionPath, start, until } from "./api.ts";
import { Child } from "./child.ts";
import type { Contender } from "./contest.ts";
import { median, percentile, sum } from "./figures.ts";
import type { Watch, Watched } from "./load-sockets.ts";
import type { Line, Reported } from "./row.ts";
import { atLeast, atMost } from "./row.ts";
import type { Setting } from "./rows-executions.ts";
import { fight } from "./rows-executions.ts";
import type { Stage } from "./stage.ts";
import { floor } from "./stage.ts";
import type { Subject } from "./subject.ts";

const SOCKETS = fileURLToPath(import.meta.resolve("./load-sockets.ts"));
/** More than any slice sends. */
const ENDLESS = 10_000_000;
const BATCH = 100;

export async function signals(setting: Setting): Promise<Reported[]> {
  const reported: Reported[] = [];
  for (const concurrency of [1, 16]) {
    const { lines } = await fight(setting, {
      op: "signals, single",
      concurrency,
      ours: signalLoop(1),
      theirs: floor(setting.stage, "/one"),
      floorName: "floor c",
      rowsWritten: null,
      judged: "rps",
      goal: atLeast(0.8, 0.9),
    });
    reported.push(...lines);
  }
  const { found, theirs } = await fight(setting, {
    op: "signals, batches of 100",
    concurrency: 1,
    ours: signalLoop(BATCH),
    theirs: floor(setting.stage, "/one"),
    floorName: "floor c",
    rowsWritten: null,
    judged: "rps",
    goal: atLeast(10, 30),
  });
  for (const { subject, figures } of found) {
    const line = lineWithout({ op: "signals, batches of 100", concurrency: 1, medium: setting.stage.medium });
    const rps = figures.rps * BATCH;
    const judged = setting.stage.medium === "disk" ? { goal: atLeast(10, 30) } : {};
    reported.push({
      line: { ...line, subject, rps, p50_ms: figures.p50Ms, cpu_ms: figures.cpuMs, ratio: rps / theirs.rps },
      ...judged,
      note: "rps is signals a second; p50 of a batch",
    });
  }
  return reported;
}

/** Each slice speaks to an execution of its own, whose log must hold every signal afterwards. */
const signalLoop =
  (batch: number) =>
  (errand: Subject): Contender => {
    const ids = new Map<string, string>();
    const tick = { name: "tick", data: 1 };
    const [path, body] =
      batch === 1
        ? ["/signals/tick", { data: 1 }]
        : ["/signals", { signals: Array.from({ length: batch }, () => tick) }];
    return {
      subject: errand,
      makesObjects: false,
      prepare: async (slice) => {
        const { execution_id: id } = await start(errand, { fn: "signals", input: { count: ENDLESS }, runId: slice });
        ids.set(slice, id);
        await until(errand, id, ({ status_reason }) => status_reason === "awaiting_signal");
        const url = `${errand.url}${executionPath(id)}${path}`;
        return {
          url,
          method: "POST",
          headers: { ...errand.caller.headers, "content-type": "application/json" },
          body: JSON.stringify(body),
          expected: 202,
        };
      },
      settled: async (slice, requests) => {
        const id = ids.get(slice) ?? "";
        const { seq } = await call(errand, `GET ${executionPath(id)}`);
        // Each signal is at least the event that it came.
        if (seq < requests * batch)
          throw new Error(`${requests * batch} signals were accepted; the log of ${id} ends at ${seq}`);
        await call(errand, `POST ${executionPath(id)}/cancel`, {});
      },
    };
  };

export async function eventToSocket({ stage, quick }: Setting): Promise<Reported[]> {
  const reported: Reported[] = [];
  for (const sockets of [1, 10]) {
    const watched = await watch(
      stage,
      { fn: "signals", input: { count: ENDLESS } },
      { sockets, posts: quick ? 300 : 2_000, batches: false },
    );
    const postMs = median(watched.postMs);
    const aboveMs = median(watched.frameMs) - postMs;
    const line = lineWithout({ op: "event to socket", concurrency: sockets, medium: stage.medium });
    reported.push({
      line: { ...line, rps: (1_000 * watched.postMs.length) / watched.spanMs, p50_ms: postMs, ratio: aboveMs },
      goal: atMost(1, 0.3),
      note: `ms of p50 above the POST's own; c is the number of sockets; missed ${sum(watched.missed)}`,
    });
  }
  return reported;
}

/** A hundred readers of one execution that says a thousand things a second: a text for each, and several in one. */
export async function crowd(setting: Setting): Promise<Reported[]> {
  const plain = await crowdOf(setting, { op: "100 sockets, 1,000 ev/s", batches: false });
  const batched = await crowdOf(setting, { op: "the same, batch=true", batches: true });
  const goal = atMost(250, 100);
  const { rps, ratio } = plain.line;
  // The load is offered: a runtime that cannot keep up says less, and what it says may still come in time.
  if (ratio <= goal.bar && rps >= 0.95 * CROWD_RATE) return [{ ...plain, goal }, batched];
  const why = `; a text for each event does not reach ${CROWD_RATE} a second here, so batches are judged`;
  return [plain, { ...batched, goal, note: batched.note + why }];
}

const CROWD_RATE = 1_000;
/** Nine notes and one wait. */
const CHATTER = { each: 9, every_ms: 10 };

async function crowdOf(
  { stage, quick }: Setting,
  { op, batches }: { readonly op: string; readonly batches: boolean },
): Promise<{ line: Line & { rps: number; ratio: number }; note: string }> {
  const rounds = quick ? 200 : 1_000;
  const watched = await watch(
    stage,
    { fn: "chatter", input: { rounds, ...CHATTER } },
    { sockets: 100, posts: 0, batches },
  );
  const lost = sum(watched.missed) + watched.seen.filter((seen) => seen < rounds * 10).length;
  const rps = (1_000 * Math.max(...watched.seen)) / watched.spanMs;
  const p99 = percentile(watched.delayMs, 0.99);
  const line = {
    ...lineWithout({ op, concurrency: 100, medium: stage.medium }),
    rps,
    p50_ms: median(watched.delayMs),
    ratio: lost === 0 ? p99 : Number.POSITIVE_INFINITY,
  };
  return {
    line,
    note: `ms p99 from the event to the socket; rps is events a second; lost ${lost}, cut ${watched.cut}`,
  };
}

async function watch(
  { errand }: Stage,
  { fn, input }: { readonly fn: string; readonly input: unknown },
  wanted: Pick<Watch, "sockets" | "posts" | "batches">,
): Promise<Watched> {
  const readers = new Child<Watch, Watched>(SOCKETS);
  try {
    const { execution_id: executionId } = await start(errand, { fn, input });
    await until(errand, executionId, ({ status_reason }) => status_reason === "awaiting_signal");
    const watched = await readers.ask({ url: errand.url, executionId, ...wanted });
    if (wanted.posts > 0) await call(errand, `POST ${executionPath(executionId)}/cancel`, {});
    return watched;
  } finally {
    readers.stop();
  }
}

function lineWithout({ op, concurrency, medium }: Pick<Line, "op" | "concurrency" | "medium">): Line {
  return {
    op,
    concurrency,
    subject: "open",
    medium,
    rps: null,
    p50_ms: null,
    cpu_ms: null,
    rows_written: null,
    ratio: null,
  };
}
