/** Figures of executions as callers ask for them and read them, and as Prometheus reads them. */
import * as z from "zod";
import { Status } from "../../domain/execution/status.ts";
import type { Durations, Figures, Measured } from "../../domain/read-models/metrics.ts";
import { Instant as InstantText } from "../lists.ts";
import type { Metric } from "../metrics.ts";
import { Word } from "../query-values.ts";
import { iso } from "../wire.ts";

const GROUPS = ["target", "day"] as const;
const GroupBy = z.string().transform((text, ctx) => {
  const parsed = z.array(z.enum(GROUPS)).safeParse(text === "" ? [] : text.split(","));
  if (parsed.success) return [...new Set(parsed.data)];
  ctx.addIssue({ code: "custom", message: "must be target, day, or target,day" });
  return z.NEVER;
});

export const MetricsQuery = z.object({
  since: InstantText.optional().describe("Created at this instant or later. Default seven days before until."),
  until: InstantText.optional(),
  target: Word.optional(),
  agent_id: Word.optional(),
  group_by: GroupBy.default([...GROUPS]).describe(
    "target, day (in UTC, of the creation), or target,day (the default).",
  ),
});
export type MetricsQuery = z.infer<typeof MetricsQuery>;

const ms = z.number().describe("Milliseconds from the start to the end, waiting included.");
const FigureFields = {
  executions: z.number().int(),
  by_status: z.partialRecord(Status, z.number().int()),
  success_rate: z
    .number()
    .nullable()
    .describe("succeeded / (succeeded + failed + timeout); null where there are none."),
  duration_ms: z.object({ mean: ms, p50: ms, p90: ms, p95: ms, p99: ms, max: ms }).nullable(),
  tokens: z.number().int(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost_usd: z.number(),
};

export const MetricsBody = z.object({
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  counted_from: z.iso
    .datetime()
    .describe("From here on every execution is counted. Later than since where there were more than one answer reads."),
  complete: z.boolean().describe("Whether all executions of the span are counted."),
  total: z.object(FigureFields),
  groups: z.array(z.object({ target: z.string().optional(), day: z.string().optional(), ...FigureFields })),
  groups_left_out: z.number().int(),
});

export function metricsBody(measured: Measured): z.infer<typeof MetricsBody> {
  const { sinceMs, untilMs, countedFromMs, total, groups, leftOut } = measured;
  return {
    since: iso(sinceMs),
    until: iso(untilMs),
    counted_from: iso(countedFromMs),
    complete: countedFromMs <= sinceMs,
    total: figuresBody(total),
    groups: groups.map(({ target, day, ...figures }) => ({
      ...(target === undefined ? {} : { target }),
      ...(day === undefined ? {} : { day }),
      ...figuresBody(figures),
    })),
    groups_left_out: leftOut,
  };
}

function figuresBody(figures: Figures) {
  return {
    executions: figures.executions,
    by_status: figures.byStatus,
    success_rate: figures.successRate,
    duration_ms: figures.durationMs,
    ...{ tokens: figures.tokens, input_tokens: figures.inputTokens, output_tokens: figures.outputTokens },
    cost_usd: figures.costUsd,
  };
}

const QUANTILES: readonly (readonly [string, keyof Durations])[] = [
  ["0.5", "p50"],
  ["0.9", "p90"],
  ["0.95", "p95"],
  ["0.99", "p99"],
];

/** The same by target as gauges: what was so in the span before the question, and no counter, because spans move on. */
export function figureMetrics({ groups }: Measured): Metric[] {
  const of = (values: (one: Measured["groups"][number], target: string) => Metric["values"]) =>
    groups.flatMap((one) => values(one, one.target ?? ""));
  const each = (value: (one: Figures) => number | null) =>
    of((one, target) => {
      const found = value(one);
      return found === null ? [] : [[{ target }, found]];
    });
  const byStatus = of(({ byStatus: counts }, target) =>
    Object.entries(counts).map(([status, count]) => [{ target, status }, count] as const),
  );
  const durations = of(({ durationMs }, target) =>
    durationMs === null
      ? []
      : QUANTILES.map(([quantile, name]) => [{ target, quantile }, durationMs[name] / 1_000] as const),
  );
  const day = "of the last 24 hours";
  return [
    { name: "errand_executions", help: `Executions ${day}, by where they stand.`, values: byStatus },
    {
      name: "errand_success_ratio",
      help: `Part of the ends ${day} that are good.`,
      values: each((one) => one.successRate),
    },
    { name: "errand_duration_seconds", help: `From start to end, ${day}.`, values: durations },
    { name: "errand_tokens", help: `Tokens of models ${day}.`, values: each(({ tokens }) => tokens) },
    { name: "errand_cost_usd", help: `Cost of models ${day}.`, values: each(({ costUsd }) => costUsd) },
  ];
}
