/**
 * A whole agentic run on the real server: six turns, three tools, two corrections. SIGKILL of the server's process group
 * after each entry of its log; the model and the books live outside and count what reached them.
 *
 * How a kill hits an entry for certain: the k-th execution of a wave is let go until its log has k entries. From then on
 * the outside keeps whatever it is asked (`arrived`: not worked on; `done`: worked on, and the answer is on its way). When
 * all of them are held or have ended, everything dies at once. Entries of one commit are one such state, because the disk
 * has all of them or none.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fact, Moment, Workshop } from "../support/batch/workshop.ts";
import { openWorkshop } from "../support/batch/workshop.ts";
import type { Api, Body } from "../support/house/api.ts";
import { apiOf, hasEnded, sleep } from "../support/house/api.ts";
import type { Server } from "../support/house/server.ts";
import { startServer } from "../support/house/server.ts";
import { seeded } from "../support/simulator/random.ts";

type Log = Awaited<ReturnType<Api["events"]>>;

/** An execution of a wave, and what was seen of it right before each kill. */
interface Run {
  readonly name: string;
  readonly id: string;
  readonly seen: Log[];
}

interface Hold {
  readonly entries: number;
  readonly when: Moment["when"];
  readonly held: () => void;
}

const ROOT = resolve(import.meta.dirname, "../..");
const LAUNCHER = resolve(ROOT, "test/support/batch/launcher.ts");
/** What the undisturbed run writes; the first test says so when that changes. */
const ENTRIES = 37;
/** After this one nothing outside is asked any more: what follows is one commit. */
const LAST_INTENT = 33;
const TURNS = 6;

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);
const within = (limit: number) => Math.floor(draw() * limit);

let shop: Workshop;
let server: Server;
let api: Api;
let stateDir: string;
let undisturbed: { readonly body: Body; readonly conversation: unknown };
const holds = new Map<string, Hold>();
const ids = new Map<string, Promise<string>>();

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-batch-"));
  shop = await openWorkshop();
  shop.gate = mayGoOn;
  const env = {
    ERRAND_HEARTBEAT_MS: "1000",
    LEDGER_SERVICE_URL: shop.url,
    ANTHROPIC_API_KEY: "sk-ant-local",
    ANTHROPIC_BASE_URL: shop.modelUrl,
  };
  server = await startServer({ stateDir, env, launcher: LAUNCHER });
  api = apiOf(server.url);
  const { id } = await begin("undisturbed");
  undisturbed = {
    body: await api.until(id, hasEnded),
    conversation: await conversationOf({ id, name: "undisturbed" }),
  };
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await shop?.close();
  await rm(stateDir, { recursive: true, force: true });
  await rm(join(ROOT, "dist", basename(stateDir)), { recursive: true, force: true });
});

/** Asked by the outside about each request: lets it pass until the log of its execution is long enough. */
async function mayGoOn({ name, when }: Moment): Promise<boolean> {
  const hold = holds.get(name);
  if (hold?.when !== when) return true;
  try {
    const log = await api.events((await ids.get(name)) ?? "");
    if (log.length < hold.entries) return true;
  } catch {
    // The server died while it was asked: nobody waits for this answer any more.
    return false;
  }
  hold.held();
  return false;
}

async function begin(name: string): Promise<Run> {
  const started = api.start("batch.run", { name }).then(({ execution_id }) => execution_id);
  ids.set(name, started);
  return { name, id: await started, seen: [] };
}

/** Resolves when the outside keeps something of the run, or when it has ended. */
function heldOrEnded({ name, id }: Pick<Run, "name" | "id">, hold: Omit<Hold, "held">): Promise<void> {
  const held = new Promise<void>((done) => holds.set(name, { ...hold, held: done }));
  return Promise.race([held, api.until(id, hasEnded).then(() => undefined)]);
}

/** Everything dies; before that it is written down where each of the runs stood. */
async function kill(runs: readonly Run[]): Promise<void> {
  for (const run of runs) run.seen.push(await api.events(run.id));
  await server.kill("SIGKILL");
  holds.clear();
  await server.restart();
}

/** Brings a run to its end; whoever is asked about an effect looks into the books first. */
async function toItsEnd({ id, name }: Run): Promise<Body> {
  for (;;) {
    const body = await api.until(id, (now) => hasEnded(now) || now.status === "waiting");
    if (hasEnded(body)) return body;
    expect(body.status_reason).toBe("effect_in_doubt");
    const { key } = body.waiting_for as { key: string };
    const fact = factOf(name, `${id}:${key}`);
    const happened = fact !== undefined && fact.applied > 0;
    const answer = happened ? { option: "succeeded", params: { result: shop.answerOf(fact) } } : { option: "retry" };
    const { status, body: said } = await api.call("POST", `/api/v1/executions/${id}/resolve`, answer);
    expect(status, JSON.stringify(said)).toBe(200);
  }
}

const factOf = (name: string, key: string): Fact | undefined => shop.factsOf(name).find((fact) => fact.key === key);

/** What was said, without when and by whom: a run's own name stands in its prompt, in its items and in its result. */
async function conversationOf({ id, name }: Pick<Run, "id" | "name">): Promise<unknown> {
  const { body } = await api.call("GET", `/api/v1/executions/${id}/conversation`);
  const messages = (body.messages as Record<string, unknown>[]).map(({ seq: _seq, at: _at, ...message }) => message);
  return JSON.parse(JSON.stringify(messages).replaceAll(name, "NAME"));
}

const of = (log: Log, type: string) => log.filter((event) => event.type === type).map(({ data }) => data);

/** Begun, and without an end in this log. */
function inFlight(log: Log, kind: "turn" | "tool"): Record<string, unknown>[] {
  const ended = new Set([...of(log, `${kind}.completed`), ...of(log, `${kind}.failed`)].map(({ key }) => key));
  const begun = new Map(of(log, `${kind}.started`).map((data) => [data.key, data]));
  return [...begun.values()].filter(({ key }) => !ended.has(key));
}

const turnOf = ({ key }: Record<string, unknown>) => Number(String(key).split("#")[1] ?? 1) - 1;

async function sameResult(run: Run): Promise<Log> {
  const ended = await toItsEnd(run);
  expect(ended).toMatchObject({ status: "succeeded", result: { done: run.name } });
  expect(ended.attempts).toEqual(undisturbed.body.attempts);
  expect(await conversationOf(run)).toEqual(undisturbed.conversation);
  const log = await api.events(run.id);
  // What was on disk at a kill is the beginning of what is there in the end.
  for (const seen of run.seen) expect(log.slice(0, seen.length)).toEqual(seen);
  const { body } = await api.call("GET", `/api/v1/executions/${run.id}/invariants`);
  expect((body.items as { verdict: string }[]).filter(({ verdict }) => verdict === "violated")).toEqual([]);
  const { turns } = ended.usage as { turns: number };
  expect(turns).toBeGreaterThanOrEqual(shop.turnsOf(run.name).reduce((sum, count) => sum + count, 0));
  return log;
}

/** Each of the six things was done once; what is not safe to repeat was begun again only with somebody's leave. */
function effectsOnce({ name, id }: Run, log: Log): void {
  const facts = shop.factsOf(name);
  expect(facts.map(({ tool, item }) => `${tool} ${item.slice(name.length + 1)}`).sort()).toEqual([
    "charge a",
    "charge b",
    "reserve a",
    "reserve c",
    "ship a",
    "ship b",
  ]);
  for (const { tool, key, applied, called } of facts) {
    const entry = key.slice(id.length + 1);
    const leave = of(log, "effect.resolved").filter((data) => data.key === entry && data.resolution === "retry");
    expect(applied, `${name}: ${tool} ${entry}`).toBe(1);
    if (tool !== "reserve") expect(called, `${name}: ${tool} ${entry}`).toBeLessThanOrEqual(1 + leave.length);
    // Only a person may give it for what has no probe; the probe answers alone for what has one.
    expect(leave.every(({ by }) => (by === "probe") === (tool === "ship"))).toBe(true);
  }
  const doubted = of(log, "effect.in_doubt").map(({ key }) => String(key));
  expect(doubted.filter((key) => !key.endsWith("/charge"))).toEqual([]);
}

/** What is not safe to repeat and was in flight at a kill is seen in doubt. */
function doubtSeen({ seen }: Run, log: Log): void {
  const doubted = of(log, "effect.in_doubt").map(({ key }) => key);
  const hit = seen.flatMap((before) => inFlight(before, "tool")).filter(({ name }) => name === "charge");
  expect(doubted).toEqual(expect.arrayContaining(hit.map(({ key }) => key)));
}

/** The model was asked once for each turn, and once more for each kill that hit the turn in flight. */
function paidOnce({ name, seen }: Run): void {
  const hit = seen.flatMap((before) => inFlight(before, "turn").map(turnOf));
  const expected = Array.from({ length: TURNS }, (_, turn) => 1 + hit.filter((other) => other === turn).length);
  expect(shop.turnsOf(name), name).toEqual(expected);
}

test("the undisturbed run has the entries, the tools and the corrections that the kills are aimed at", async () => {
  const { body } = undisturbed;
  expect(body).toMatchObject({ status: "succeeded", result: { done: "undisturbed" }, recoveries: 0 });
  const log = await api.events(body.execution_id);
  expect(log).toHaveLength(ENTRIES);
  expect(log.findLast(({ type }) => type === "turn.started")?.seq).toBe(LAST_INTENT);
  expect(of(log, "attempt.rejected")).toHaveLength(2);
  expect(new Set(of(log, "tool.started").map(({ name }) => name))).toEqual(new Set(["reserve", "charge", "ship"]));
  expect(shop.turnsOf("undisturbed")).toEqual([1, 1, 1, 1, 1, 1]);
});

describe(`SIGKILL after each of the ${ENTRIES} entries`, () => {
  const waves = [
    ["while the outside has not begun what it was asked", "arrived"],
    ["while the answer to what the outside did is on its way", "done"],
  ] as const;
  test.each(waves)(
    "%s: same result; idempotent tools once, others once or visibly in doubt; only turns in flight are paid again",
    async (_, when) => {
      const aimed = Array.from({ length: ENTRIES }, (_each, index) => index + 1);
      const runs = await Promise.all(
        aimed.map(async (entries) => {
          const run = await begin(`${when}-${entries}`);
          await heldOrEnded(run, { entries, when });
          return { ...run, entries };
        }),
      );
      await kill(runs);
      for (const run of runs) {
        const [before = []] = run.seen;
        expect(before.length, run.name).toBeGreaterThanOrEqual(run.entries);
        expect(before.at(-1)?.type === "execution.succeeded", run.name).toBe(run.entries > LAST_INTENT);
        const log = await sameResult(run);
        effectsOnce(run, log);
        doubtSeen(run, log);
        paidOnce(run);
      }
    },
  );
});
