/** Everything that stands while rows are measured on one medium: Errand, the floors, the counting service, the load. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bundle } from "./build.ts";
import { Child } from "./child.ts";
import type { Contender } from "./contest.ts";
import type { Counts } from "./counter.ts";
import type { Load, LoadResult } from "./load.ts";
import { Subject } from "./subject.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FLOORS = resolve(import.meta.dirname, "floors");
const LOAD = fileURLToPath(import.meta.resolve("./load.ts"));
const COUNTER = fileURLToPath(import.meta.resolve("./counter.ts"));

/** What a disk costs, and what our code costs without it. */
const MEDIA = { disk: tmpdir(), tmpfs: "/dev/shm" } as const;
export type Medium = keyof typeof MEDIA;

export interface Stage {
  readonly medium: Medium;
  readonly errand: Subject;
  readonly floors: Subject;
  readonly load: Child<Load, LoadResult>;
  readonly counter: Child<object, Counts>;
  close(): Promise<void>;
}

export async function openStage(medium: Medium, { metered }: { readonly metered: boolean }): Promise<Stage> {
  const folder = mkdtempSync(join(MEDIA[medium], "errand-bench-"));
  const counter = new Child<object, Counts>(COUNTER);
  const { url } = await counter.next<{ url: string }>();
  const start = async (name: string, root: string, worker: Parameters<typeof bundle>[0]) => {
    const stateDir = join(folder, name);
    mkdirSync(stateDir);
    const variables = { AUTH_MODE: "open", LEDGER_SERVICE_URL: url };
    // workerd loads modules only from below the folder of their wrangler.toml.
    return Subject.start(name, { root, bundle: await bundle(worker, join(root, "dist/bench")), stateDir, variables });
  };
  const errand = await start("errand", ROOT, metered ? "counted" : "errand");
  const floors = await start("floors", FLOORS, "floors");
  const load = new Child<Load, LoadResult>(LOAD);
  return {
    medium,
    errand,
    floors,
    load,
    counter,
    async close() {
      load.stop();
      counter.stop();
      await Promise.all([errand.stop(), floors.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Program {
  readonly fn: string;
  readonly input: unknown;
  /** Calls that one execution makes to the counting service. */
  readonly calls: number;
}

/** Executions of a program, synchronous or accepted only; every one is seen in the registry and in the counts. */
export function executions(stage: Stage, program: Program, { wait }: { readonly wait: boolean }): Contender {
  const path = `/api/v1/execute/${wait ? "" : "async/"}bench.${program.fn}`;
  return {
    subject: stage.errand,
    makesObjects: true,
    prepare: async (slice) => {
      if (program.calls > 0) await stage.counter.ask({});
      return {
        url: `${stage.errand.url}${path}`,
        method: "POST",
        headers: { "content-type": "application/json", "x-run-id": slice },
        body: JSON.stringify({ input: program.input }),
        expected: wait ? 200 : 202,
      };
    },
    settled: async (slice, requests) => {
      await drained(stage.errand, slice, { status: "succeeded", count: requests });
      if (program.calls > 0) await counted(stage, requests * program.calls);
    },
  };
}

/** One request to a floor. */
export function floor(stage: Stage, path: "/new" | "/one" | "/calls"): Contender {
  return {
    subject: stage.floors,
    makesObjects: path !== "/one",
    prepare: async () => {
      if (path === "/calls") await stage.counter.ask({});
      const body = JSON.stringify({ input: { count: 1 } });
      return {
        url: `${stage.floors.url}${path}`,
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        expected: 200,
      };
    },
    settled: async (_slice, requests) => {
      if (path === "/calls") await counted(stage, requests * 10);
    },
  };
}

const DRAIN_LIMIT_MS = 60_000;

/** Waits until the registry holds so many executions of this run with this status. */
export async function drained(
  errand: Subject,
  runId: string,
  { status, count }: { readonly status: string; readonly count: number },
): Promise<void> {
  const end = performance.now() + DRAIN_LIMIT_MS;
  while (errand.registry.count(runId, status) !== count) {
    if (performance.now() > end) {
      throw new Error(
        `of ${count} executions of ${runId} the registry holds ${errand.registry.count(runId, status)} as ${status}`,
      );
    }
    await sleep(3);
  }
}

async function counted(stage: Stage, expected: number): Promise<void> {
  const { calls, keys } = await stage.counter.ask({});
  if (calls !== expected || keys !== expected) {
    throw new Error(
      `${expected} effects were due; the counting service saw ${calls} calls with ${keys} different keys`,
    );
  }
}
