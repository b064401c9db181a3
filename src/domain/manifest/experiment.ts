/** Several versions of an agent at once: which of them a run takes, and what became of the runs of each. */
import { isTerminal } from "../execution/status.ts";
import { weighedOf } from "../node/rotation.ts";
import type { ExecutionSummary } from "../read-models/summary.ts";

interface VersionWeight {
  readonly version: string;
  readonly weight: number;
}

export interface Experiment {
  readonly tenant: string;
  /** The name of the agent, a dot, the name of its function. */
  readonly target: string;
  readonly versions: readonly VersionWeight[];
  readonly sinceMs: number;
  readonly updatedBy: string;
}

/**
 * The version of a run. `digestOf`: hex, of what names the session together with a version. Each version draws a time by its digest,
 * the shorter the greater its weight, and the shortest has the session (weighted rendezvous hashing): the same session
 * always has the same version, and another weight moves sessions to or from its own version alone.
 */
export function versionFor(
  { versions }: Pick<Experiment, "versions">,
  digestOf: (version: string) => string,
): string | undefined {
  const drawn = weighedOf(versions).map(({ version, weight }) => ({
    version,
    time: -Math.log(fractionOf(digestOf(version))) / weight,
  }));
  const [first, ...rest] = drawn;
  return rest.reduce((best, one) => (best && best.time <= one.time ? best : one), first)?.version;
}

/** Above 0 and below 1. */
function fractionOf(digest: string): number {
  return (Number.parseInt(digest.slice(0, 12), 16) + 1) / (2 ** 48 + 1);
}

export interface VersionOutcome extends VersionWeight {
  /** Runs that have ended. */
  readonly n: number;
  /** Share of these that succeeded; `undefined` where there are none. */
  readonly success: number | undefined;
  readonly p50Ms: number | undefined;
  readonly costUsd: number;
}

type Row = Pick<ExecutionSummary, "version" | "status" | "createdAtMs" | "startedAtMs" | "finishedAtMs" | "costUsd">;

export function outcomesOf({ versions }: Pick<Experiment, "versions">, rows: readonly Row[]): VersionOutcome[] {
  return versions.map(({ version, weight }) => {
    const ended = rows.filter((row) => row.version === version && isTerminal(row.status));
    const times = ended.flatMap(({ createdAtMs, startedAtMs, finishedAtMs }) =>
      finishedAtMs === null ? [] : [finishedAtMs - (startedAtMs ?? createdAtMs)],
    );
    const succeeded = ended.filter(({ status }) => status === "succeeded").length;
    return {
      ...{ version, weight, n: ended.length },
      success: ended.length === 0 ? undefined : succeeded / ended.length,
      p50Ms: medianOf(times),
      costUsd: ended.reduce((sum, { costUsd }) => sum + costUsd, 0),
    };
  });
}

/** Of an even number of times the mean of the two in the middle. */
function medianOf(times: readonly number[]): number | undefined {
  const sorted = [...times].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
