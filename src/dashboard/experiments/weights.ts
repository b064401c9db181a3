/** Weights of an experiment as they are typed, and what they come to. Pure. */
import type { AgentVersion } from "../../client/agents.ts";
import type { Experiment } from "../../client/experiments.ts";
import { ExperimentRequest } from "../../contract/manifests/experiments.ts";

/** Version → what stands in its field. */
export type TypedWeights = ReadonlyMap<string, string>;

/** Versions that run: those of the experiment, then others that may take part. Without an experiment all runs are the current one's. */
export function weightsOf(experiment: Experiment | undefined, versions: readonly AgentVersion[]): TypedWeights {
  const taking = experiment?.versions.map(({ version, weight }) => [version, String(weight)] as const) ?? [];
  const known = new Set(taking.map(([version]) => version));
  const others = versions.filter(({ version, status }) => !known.has(version) && runs(status));
  const rest = (current: boolean) => (experiment === undefined && current ? "1" : "0");
  return new Map([...taking, ...others.map(({ version, current }) => [version, rest(current)] as const)]);
}

const runs = (status: AgentVersion["status"]) => status === "active" || status === "deprecated";

/** What is sent; a sentence where it cannot be. A version that was not in the experiment and gets nothing is left out. */
export function requestOf(
  typed: TypedWeights,
  before: Experiment | undefined,
): { readonly versions: ExperimentRequest["versions"] } | { readonly fault: string } {
  const had = new Set(before?.versions.map(({ version }) => version));
  const rows = [...typed].map(([version, text]) => ({ version, weight: text.trim() === "" ? 0 : Number(text) }));
  const versions = rows.filter(({ version, weight }) => weight !== 0 || had.has(version));
  const read = ExperimentRequest.safeParse({ versions });
  if (read.success) return read.data;
  const [first] = read.error.issues;
  const at = first?.path[1];
  const named = typeof at === "number" ? versions[at]?.version : undefined;
  if (named !== undefined) return { fault: `The weight of ${named} must be a whole number from 0 to 10,000.` };
  return {
    fault: versions.length === 0 ? "Give one version a weight above 0." : `The versions: it ${first?.message}.`,
  };
}

/** From 0 to 1: how many of the runs are this version's. Undefined while what is typed is no weight, or all are 0. */
export function shareOf(version: string, typed: TypedWeights): number | undefined {
  const weights = [...typed.values()].map(Number);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const own = Number(typed.get(version) ?? 0);
  return total > 0 && weights.every((weight) => weight >= 0) ? own / total : undefined;
}

/** `97 %`, `0.5 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : Math.round(value)} %`;
}
