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
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Moment, Workshop } from "../support/batch/workshop.ts";
import { openWorkshop } from "../support/batch/workshop.ts";
import { eventually } from "../support/eventually.ts";
import type { Api, Body } from "../support/processes/api.ts";
import { apiOf, hasEnded, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
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
const LAUNCHER = fileURLToPath(import.meta.resolve("../support/batch/launcher.ts"));
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);
const within = (limit: number) => Math.floor(draw() * limit);
const moment = (): Moment["when"] => (draw() < 0.5 ? "arrived" : "done");

let shop: Workshop;
let server: Server;
let api: Api;
let stateDir: string;
/** What the kills are aimed at, and what is to come of them. */
let undisturbed: {
  readonly body: Body;
  readonly conversation: unknown;
  readonly log: Log;
  /** After this entry nothing outside is asked any more: what follows is one commit. */
  readonly lastIntent: number;
  /** Tool and item of each thing that was done outside. */
  readonly effects: readonly string[];
  readonly turns: number;
};
/** What the outside keeps, by the names of the runs. */
const kept = new Map<string, Set<string>>();
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
  const run = await begin("undisturbed");
  const body = await api.until(run.id, hasEnded);
  const log = await api.events(run.id);
  undisturbed = {
    body,
    log,
    conversation: await conversationOf(run),
    lastIntent: log.findLast(({ type }) => type === "turn.started")?.seq ?? 0,
    effects: effectsOf(run.name),
    turns: shop.turnsOf(run.name).length,
  };
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await shop?.close();
  await rm(stateDir, { recursive: true, force: true });
  await rm(join(ROOT, "dist", basename(stateDir)), { recursive: true, force: true });
});

/** Asked by the outside about each request: lets it pass until the log of its execution is long enough. */
async function mayGoOn({ name, when, what }: Moment): Promise<boolean> {
  const hold = holds.get(name);
  if (hold?.when !== when) return true;
  try {
    const log = await api.events((await ids.get(name)) ?? "");
    if (log.length < hold.entries) return true;
  } catch {
    // The server died while it was asked: nobody waits for this answer any more.
    return false;
  }
  kept.set(name, (kept.get(name) ?? new Set()).add(what));
  hold.held();
  return false;
}

async function begin(name: string): Promise<Run> {
  const started = api.start("batch.run", { name }).then(({ execution_id }) => execution_id);
  ids.set(name, started);
  return { name, id: await started, seen: [] };
}

/** Holds back what the outside is asked for a run, from an entry on; what it gives resolves when something is held. */
function holdBack(name: string, hold: Omit<Hold, "held">): Promise<void> {
  return new Promise((held) => holds.set(name, { ...hold, held }));
}

/** A run that is held after so many entries, or has ended without being asked for more. */
async function beginHeld(name: string, hold: Omit<Hold, "held">): Promise<Run> {
  const held = holdBack(name, hold);
  const run = await begin(name);
  await Promise.race([held, api.until(run.id, hasEnded)]);
  return run;
}

/** Begun, without an end, and not given up to a person's decision. */
function atWork(log: Log): Record<string, unknown>[] {
  const times = (type: string, key: unknown) => of(log, type).filter((data) => data.key === key).length;
  const isDoubted = ({ key }: Record<string, unknown>) => times("effect.in_doubt", key) > times("effect.resolved", key);
  return [...inFlight(log, "turn"), ...inFlight(log, "tool").filter((work) => !isDoubted(work))];
}

/** The log of a run that writes no more: it has ended, or the outside keeps all that it works on. */
function standing({ id, name }: Run): Promise<Log> {
  return eventually(async () => {
    const log = await api.events(id);
    const working = log.at(-1)?.type === "execution.succeeded" ? 0 : atWork(log).length;
    if (working > 0) expect([name, working]).toEqual([name, kept.get(name)?.size]);
    return log;
  });
}

/** Everything dies; before that it is written down where each of the runs stood. `meanwhile` begins while nothing lives. */
async function kill<Next = void>(runs: readonly Run[], meanwhile?: () => Next): Promise<Next | undefined> {
  for (const run of runs) run.seen.push(await standing(run));
  await server.kill("SIGKILL");
  holds.clear();
  kept.clear();
  const next = meanwhile?.();
  await server.restart();
  return next;
}

/** Brings a run to its end; whoever is asked about an effect looks into the books first. Stops early when nobody goes on. */
async function toItsEnd({ id, name }: Pick<Run, "id" | "name">, goesOn = () => true): Promise<Body> {
  for (;;) {
    const body = await api.until(id, (now) => hasEnded(now) || now.status === "waiting" || !goesOn());
    if (hasEnded(body) || !goesOn()) return body;
    expect(body.status_reason).toBe("effect_in_doubt");
    const { key, gate_id } = await doubtOf(id);
    const fact = shop.factsOf(name).find((known) => known.key === `${id}:${key}`);
    const happened = fact !== undefined && fact.applied > 0;
    const answer = happened ? { option: "succeeded", params: { result: shop.answerOf(fact) } } : { option: "retry" };
    const path = `/api/v1/executions/${id}/resolve`;
    const { status, body: said } = await api.call("POST", path, { effect: key, gate_id, ...answer });
    expect(status, JSON.stringify(said)).toBe(200);
  }
}

/** The effect that a person is asked about, and this doubt of it: a second kill can bring the same effect into doubt again. */
async function doubtOf(id: string): Promise<{ key: string; gate_id: string }> {
  const { body } = await api.call("GET", `/api/v1/executions/${id}/effects`);
  const items = body.items as { key: string; status: string; gate_id: string }[];
  return items.find(({ status }) => status === "in_doubt") ?? { key: "none", gate_id: "none" };
}

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

const effectsOf = (name: string) =>
  shop
    .factsOf(name)
    .map(({ tool, item }) => `${tool} ${item.slice(name.length + 1)}`)
    .sort();

/** Each of the things was done once; what is not safe to repeat was begun again only with somebody's leave. */
function effectsOnce({ name, id }: Run, log: Log): void {
  const facts = shop.factsOf(name);
  expect(effectsOf(name)).toEqual(undisturbed.effects);
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
  const expected = Array.from(
    { length: undisturbed.turns },
    (_, turn) => 1 + hit.filter((other) => other === turn).length,
  );
  expect(shop.turnsOf(name), name).toEqual(expected);
}

/** Where nobody saw what a kill hit: each further request belongs to a try that the log calls recovered, at most one a kill. */
function paidForKillsOnly({ name }: Run, log: Log, kills: number): void {
  const tries = of(log, "turn.started");
  const again = tries.filter(({ attempt }) => Number(attempt) > 1);
  expect(again.filter(({ recovered }) => recovered !== true)).toEqual([]);
  expect(again.length).toBeLessThanOrEqual(kills);
  for (const [turn, count] of shop.turnsOf(name).entries()) {
    expect(count, `${name}: turn ${turn + 1}`).toBeGreaterThanOrEqual(1);
    expect(count, `${name}: turn ${turn + 1}`).toBeLessThanOrEqual(
      tries.filter((data) => turnOf(data) === turn).length,
    );
  }
  expect(shop.turnsOf(name)).toHaveLength(undisturbed.turns);
}

test("the undisturbed run has the entries, the tools and the corrections that the kills are aimed at", async () => {
  const { body, log, lastIntent, effects, turns } = undisturbed;
  expect(body).toMatchObject({ status: "succeeded", result: { done: "undisturbed" }, recoveries: 0 });
  expect(lastIntent).toBeGreaterThan(1);
  expect(lastIntent).toBeLessThan(log.length);
  expect(of(log, "attempt.rejected")).toHaveLength(2);
  expect(new Set(of(log, "tool.started").map(({ name }) => name))).toEqual(new Set(["reserve", "charge", "ship"]));
  expect(effects).toEqual(["charge a", "charge b", "reserve a", "reserve c", "ship a", "ship b"]);
  expect(shop.turnsOf("undisturbed")).toEqual(Array.from({ length: turns }, () => 1));
  expect(turns).toBeGreaterThan(3);
});

describe("SIGKILL after each entry of the undisturbed run's log", () => {
  const waves = [
    ["while the outside has not begun what it was asked", "arrived"],
    ["while the answer to what the outside did is on its way", "done"],
  ] as const;
  test.each(waves)(
    "%s: same result; idempotent tools once, others once or visibly in doubt; only turns in flight are paid again",
    async (_, when) => {
      const aimed = undisturbed.log.map(({ seq }) => seq);
      const runs = await Promise.all(
        aimed.map(async (entries) => {
          const run = await beginHeld(`${when}-${entries}`, { entries, when });
          return { ...run, entries };
        }),
      );
      await kill(runs);
      for (const run of runs) {
        const [before = []] = run.seen;
        expect(before.length, run.name).toBeGreaterThanOrEqual(run.entries);
        expect(before.at(-1)?.type === "execution.succeeded", run.name).toBe(run.entries > undisturbed.lastIntent);
        const log = await sameResult(run);
        effectsOnce(run, log);
        doubtSeen(run, log);
        paidOnce(run);
      }
    },
  );
});

describe(`CRASH_SEED=${SEED}`, () => {
  test("12 runs are killed after a drawn entry, and once more in their recovery, after a later one: all of that holds", async () => {
    const drawn = Array.from({ length: 12 }, () => ({
      first: 1 + within(undisturbed.lastIntent),
      later: within(9),
      when: moment(),
    }));
    const runs = await Promise.all(
      drawn.map(({ first, when }, n) => beginHeld(`twice-${n}`, { entries: first, when })),
    );
    const held = await kill(runs, () =>
      runs.map(({ name, seen: [before = []] }, n) => {
        const { later = 0, when = "done" } = drawn[n] ?? {};
        return holdBack(name, { entries: before.length + later, when });
      }),
    );
    let alive = true;
    const people = runs.map((run) => toItsEnd(run, () => alive));
    await Promise.all(runs.map((_, n) => Promise.race([held?.[n], people[n]])));
    alive = false;
    await Promise.all(people);
    await kill(runs);
    for (const run of runs) {
      const log = await sameResult(run);
      effectsOnce(run, log);
      doubtSeen(run, log);
      paidOnce(run);
    }
  });

  test("15 runs whose moments nobody chose, killed three times: the same, and a turn paid again belongs to a kill", async () => {
    shop.pace = () => within(60);
    const runs: Run[] = [];
    for (let kills = 0; kills < 3; kills += 1) {
      const fresh = Array.from({ length: 5 }, async (_, n) => {
        await sleep(within(400));
        return begin(`drawn-${kills}-${n}`);
      });
      runs.push(...(await Promise.all(fresh)));
      await sleep(within(600));
      await server.restart();
    }
    for (const run of runs) {
      const log = await sameResult(run);
      effectsOnce(run, log);
      paidForKillsOnly(run, log, 3);
    }
  });
});
