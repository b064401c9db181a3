/** Everything that stands while rows are measured on one medium: Errand, the floors, the counting service, the load. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bundle } from "./build.ts";
import { Child } from "./child.ts";
import type { Contender } from "./contest.ts";
import { runSlice } from "./contest.ts";
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
  /** In open mode, as `npm start` serves it. */
  readonly errand: Subject;
  /** The same Worker as a deployment serves it: every request carries a key. */
  readonly keyed: Subject;
  readonly floors: Subject;
  readonly load: Child<Load, LoadResult>;
  readonly counter: Child<object, Counts>;
  /** Another server in open mode, whose asynchronous starts are queued or make their object at once; its caller stops it. */
  another(starts: "queued" | "direct"): Promise<Subject>;
  close(): Promise<void>;
}

export async function openStage(medium: Medium, { metered }: { readonly metered: boolean }): Promise<Stage> {
  const folder = mkdtempSync(join(MEDIA[medium], "errand-bench-"));
  const counter = new Child<object, Counts>(COUNTER);
  const { url } = await counter.next<{ url: string }>();
  const encryptionKeys = `bench:${randomBytes(32).toString("base64")}`;
  const worker = metered ? "counted" : "errand";
  // workerd loads modules only from below the folder of their wrangler.toml.
  const house = { root: ROOT, bundle: await bundle(worker, join(ROOT, "dist/bench")) };
  const bare = { root: FLOORS, bundle: await bundle("floors", join(FLOORS, "dist/bench")) };
  const start = (name: string, served: typeof house, variables: Readonly<Record<string, string>>) =>
    Subject.start(name, {
      ...served,
      stateDir: join(folder, name),
      // Encrypted, as `npm start` and every deployment store it.
      variables: { ...variables, ERRAND_ENCRYPTION_KEYS: encryptionKeys, LEDGER_SERVICE_URL: url },
    });
  const rootKey = randomBytes(32).toString("hex");
  const [errand, keyed, floors] = await Promise.all([
    start("open", house, { AUTH_MODE: "open" }),
    start("key", house, { ERRAND_ROOT_KEY: rootKey }),
    start("floors", bare, {}),
  ]);
  await signInWithKey(keyed, rootKey);
  const load = new Child<Load, LoadResult>(LOAD);
  let others = 0;
  return {
    medium,
    errand,
    keyed,
    floors,
    load,
    counter,
    another: async (starts) => {
      others += 1;
      const variables = { AUTH_MODE: "open", ERRAND_INTAKE: starts === "queued" ? "on" : "off" };
      const subject = await start(`${starts}-${others}`, house, variables);
      const warm = executions({ counter }, { fn: "steps", input: { count: 1 }, calls: 0 }, { subject, wait: false });
      await runSlice(load, warm, { name: "warm-up", concurrency: 8, sliceMs: 10_000, maxRequests: 300 });
      return subject;
    },
    async close() {
      load.stop();
      counter.stop();
      await Promise.all([errand.stop(), keyed.stop(), floors.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A key of the kind that callers have: no administrator's, and not the deployment's own. */
async function signInWithKey(subject: Subject, rootKey: string): Promise<void> {
  const response = await fetch(`${subject.url}/api/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${rootKey}` },
    body: JSON.stringify({ name: "bench", scopes: ["execute", "read"] }),
  });
  if (response.status !== 201) throw new Error(`no key was made: ${response.status} ${await response.text()}`);
  const { key } = (await response.json()) as { readonly key: string };
  subject.signIn({ tenant: "default", headers: { authorization: `Bearer ${key}` } });
}

export interface Program {
  readonly fn: string;
  readonly input: unknown;
  /** Calls that one execution makes to the counting service. */
  readonly calls: number;
}

/** Executions of a program, synchronous or accepted only; every one is seen in the registry and in the counts. */
export function executions(
  { counter }: Pick<Stage, "counter">,
  program: Program,
  { subject, wait }: { readonly subject: Subject; readonly wait: boolean },
): Contender {
  const path = `/api/v1/execute/${wait ? "" : "async/"}bench.${program.fn}`;
  return {
    subject,
    makesObjects: true,
    prepare: async (slice) => {
      if (program.calls > 0) await counter.ask({});
      return {
        url: `${subject.url}${path}`,
        method: "POST",
        headers: { ...subject.caller.headers, "content-type": "application/json", "x-run-id": slice },
        body: JSON.stringify({ input: program.input }),
        expected: wait ? 200 : 202,
      };
    },
    settled: async (slice, requests) => {
      await drained(subject, slice, { status: "succeeded", count: requests });
      if (program.calls > 0) await counted(counter, requests * program.calls);
    },
  };
}

/** One request to a floor. */
export function floor(stage: Stage, path: "/new" | "/one" | "/calls" | "/forward"): Contender {
  return {
    subject: stage.floors,
    makesObjects: path !== "/one" && path !== "/forward",
    prepare: async (slice) => {
      if (path === "/calls") await stage.counter.ask({});
      const asked = {
        // A file that still grows is slower to sync than one that has grown: each slice has an object of its own, as ours has.
        url: `${stage.floors.url}${path}${path === "/one" ? `?${slice}` : ""}`,
        method: "POST" as const,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ input: { count: 1 } }),
      };
      if (path === "/one") await (await fetch(asked.url, asked)).text();
      return { ...asked, expected: 200 };
    },
    settled: async (_slice, requests) => {
      if (path === "/calls") await counted(stage.counter, requests * 10);
    },
  };
}

const DRAIN_LIMIT_MS = 60_000;

/** Waits until the registry holds so many executions of this run with this status. */
export async function drained(
  { registry, caller }: Subject,
  runId: string,
  { status, count }: { readonly status: string; readonly count: number },
): Promise<void> {
  const end = performance.now() + DRAIN_LIMIT_MS;
  for (;;) {
    const found = registry.count(caller.tenant, { runId, status });
    if (found === count) return;
    if (performance.now() > end) throw new Error(`of ${count} executions of ${runId}, ${found} are ${status} in D1`);
    await sleep(3);
  }
}

async function counted(counter: Stage["counter"], expected: number): Promise<void> {
  const { calls, keys } = await counter.ask({});
  if (calls !== expected || keys !== expected) {
    throw new Error(
      `${expected} effects were due; the counting service saw ${calls} calls with ${keys} different keys`,
    );
  }
}
