/**
 * The net under lost alarms, and under deployments that changed a program: called by the cron handler each minute, for each
 * database of the index.
 *
 * - Only what owes a wake and is late is woken. What waits for people, signals or children owes none.
 * - Each execution by itself: one that fails, or does not answer, is named in the log and holds up no other.
 * - A sweep reads page by page and takes so many; where it stopped the next one goes on, so that no place is too late.
 * - A blocked program is tried once for each deployment that answers, so many a minute.
 */
import * as z from "zod";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { Owing, WakeMove } from "../../domain/read-models/owing.ts";
import type { Result } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../ports.ts";

/** One database of the index. */
export interface SweepIndex {
  overdue(which: { readonly before: number; readonly from?: Owing | undefined }, limit: number): Promise<Owing[]>;
  awaitingDeployment(
    which: { readonly since: number; readonly from?: Owing | undefined },
    limit: number,
  ): Promise<Owing[]>;
  noteWakes(moves: readonly WakeMove[]): Promise<void>;
  /** What a sweep left for the next one. */
  note(name: string): Promise<unknown>;
  keepNote(name: string, note: unknown): Promise<void>;
}

interface Needs {
  readonly client: Pick<ExecutionClient, "wake" | "dispatch">;
  readonly index: SweepIndex;
  /** Names the code that runs here. */
  readonly deployment: string;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
  /** Rejects after so long. */
  readonly timeout: (ms: number) => Promise<never>;
}

/** An alarm this late is taken for lost; the platform is late by seconds at most when it is healthy. */
export const OVERDUE_MS = 60_000;
const PAGE = 100;
/** The platform lets one call of the cron handler make 1,000 calls of its own at least. */
const MOST_POKES = 700;
/** Replays cost something: a deployment that lifts many blocks lifts them over some minutes. */
const PROGRAMS_A_SWEEP = 100;
/** Executions that are asked at once. */
const AT_ONCE = 10;
/** An object that does not answer costs one place for so long. */
const WAKE_TIMEOUT_MS = 10_000;
/** When all blocked executions were tried, those that another isolate blocked meanwhile are looked for after this long. */
const WALK_AGAIN_MS = 600_000;
/** Rows reach the index this late at most while it is healthy. */
const ROW_LATE_MS = 60_000;

const Mark = z.object({ tenant: z.string(), id: z.string(), owedAtMs: z.number() });
const Walk = z.object({
  deployment: z.string(),
  begunAtMs: z.number(),
  /** Rows that changed before were tried by an earlier walk. */
  since: z.number(),
  from: Mark.optional(),
  done: z.boolean(),
  /** Some could not be asked: the next walk asks them again. */
  missed: z.boolean(),
});
type Walk = z.infer<typeof Walk>;

export class Sweeper {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Wakes executions whose alarms are lost. */
  async wakeOverdue(nowMs: number): Promise<void> {
    const { index } = this.#needs;
    const begun = Mark.nullish().parse(await index.note("wakes")) ?? undefined;
    let from = begun;
    let left = MOST_POKES;
    for (let full = true; full && left > 0; ) {
      const page = await index.overdue({ before: nowMs - OVERDUE_MS, from }, Math.min(PAGE, left));
      const moves = await sideBySide(page, (one) => this.#wake(one));
      await index.noteWakes(moves.flatMap((move) => move ?? []));
      full = page.length === Math.min(PAGE, left);
      left -= page.length;
      from = full ? page.at(-1) : undefined;
    }
    if (from !== begun) await index.keepNote("wakes", from);
  }

  async #wake(owing: Owing): Promise<WakeMove | undefined> {
    const { tenant, id, owedAtMs } = owing;
    const said = await this.#ask(owing, () => this.#needs.client.wake(systemPrincipal(tenant), id));
    return said && said.owedWakeAtMs !== owedAtMs ? { ...owing, to: said.owedWakeAtMs } : undefined;
  }

  /** Tries executions that are blocked because their program changed, with the code that runs here. */
  async retryPrograms(nowMs: number): Promise<void> {
    const { index } = this.#needs;
    const walk = this.#walkAt(
      nowMs,
      Walk.optional()
        .catch(undefined)
        .parse(await index.note("programs")),
    );
    if (!walk) return;
    const page = await index.awaitingDeployment(walk, PROGRAMS_A_SWEEP);
    const tried = await sideBySide(page, (one) => this.#retry(one));
    const done = page.length < PROGRAMS_A_SWEEP;
    const missed = walk.missed || tried.some((told) => told === undefined);
    await index.keepNote("programs", { ...walk, from: page.at(-1) ?? walk.from, done, missed });
  }

  #retry(owing: Owing): Promise<unknown> {
    const { deployment, client } = this.#needs;
    const command = { type: "retry_program", deployment } as const;
    return this.#ask(owing, () => client.dispatch(systemPrincipal(owing.tenant), owing.id, command));
  }

  /** The walk that goes on now; `undefined` while there is nothing to do. */
  #walkAt(nowMs: number, last: Walk | undefined): Walk | undefined {
    const { deployment } = this.#needs;
    const fresh = { deployment, begunAtMs: nowMs, since: 0, done: false, missed: false };
    if (last?.deployment !== deployment) return fresh;
    if (!last.done) return last;
    if (nowMs < last.begunAtMs + WALK_AGAIN_MS) return undefined;
    return { ...fresh, since: last.missed ? last.since : last.begunAtMs - ROW_LATE_MS };
  }

  /** `undefined` when it could not be asked, or would not; the log says why. */
  async #ask<T>({ tenant, id }: Owing, call: () => Promise<Result<T>>): Promise<T | undefined> {
    const { log, timeout } = this.#needs;
    try {
      const answer = await Promise.race([call(), timeout(WAKE_TIMEOUT_MS)]);
      if (answer.ok) return answer.value;
      log({ level: "warn", message: "the sweeper was refused", tenant, execution_id: id, detail: answer.detail });
    } catch (error) {
      log({ level: "error", message: "the sweeper failed at one", tenant, execution_id: id, error: String(error) });
    }
    return undefined;
  }
}

/** As many at once as may be, each by itself, answered in order. */
async function sideBySide<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of rest) answers[at] = await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

/**
 * What the cron handler does, by name. Each by itself: one that fails is named in the log and holds up no other. Returns the
 * names of those that failed.
 */
export async function runJobs(
  jobs: Readonly<Record<string, () => Promise<unknown>>>,
  log: (entry: Readonly<Record<string, unknown>>) => void,
): Promise<string[]> {
  const failed: string[] = [];
  await Promise.all(
    Object.entries(jobs).map(async ([job, run]) => {
      try {
        await run();
      } catch (error) {
        failed.push(job);
        log({ level: "error", message: "a job of the sweeper failed", job, error: String(error) });
      }
    }),
  );
  return failed;
}
