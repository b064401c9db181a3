import type { Experiment } from "../../../client/experiments.ts";
import type { Result } from "../../frame/command.ts";
import { fields } from "../../output/blocks.ts";
import { duration, instant } from "../../output/words.ts";

export function experimentResult(experiment: Experiment): Result {
  const { target, since, updated_by: by, runs_counted: counted, versions } = experiment;
  const total = versions.reduce((sum, { weight }) => sum + weight, 0);
  return {
    document: experiment,
    view: [
      fields(["target", target], ["since", instant(since)], ["set by", by], ["counted", `${counted} runs`]),
      {
        kind: "table",
        head: ["VERSION", "SHARE", "ENDED", "SUCCESS", "MEDIAN", "COST"],
        rows: versions.map(({ version, weight, n, success, p50_ms: median, cost_usd: cost }) => [
          version,
          percent(weight / total),
          String(n),
          success === null ? "-" : percent(success),
          median === null ? "-" : duration(median),
          `$${cost.toFixed(4)}`,
        ]),
        empty: "None.",
      },
    ],
    next: [
      { command: `errand executions list --target ${target}`, description: "lists the runs" },
      { command: `errand experiments delete ${target} --yes`, description: "lets the current version run again" },
    ],
  };
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
