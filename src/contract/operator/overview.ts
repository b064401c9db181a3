/** How the deployment does, as an operator reads it. */
import * as z from "zod";
import { Status } from "../../domain/execution/status.ts";
import type {
  Backlog,
  DeadLetter,
  FailingWebhook,
  Found,
  StillStanding,
  SweepReport,
} from "../../domain/read-models/overview.ts";
import { iso } from "../wire.ts";

const Instant = z.iso.datetime();

function foundOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    count: z.number().int(),
    more: z.boolean().describe("There may be more than count: so many were looked at."),
    items: z.array(item).describe("The first 20."),
  });
}

export const OverviewBody = z.object({
  at: Instant,
  index: z.object({
    ready: z.boolean(),
    trouble: z.string().optional(),
    lag_ms: z.number().int().describe("How long the oldest row has waited that the index does not have yet."),
    waiting_rows: z.number().int(),
    held_rows: z.number().int().describe("Kept by the tenant's projector while the index takes no writes."),
    refused_rows: z.number().int().describe("Dead letters of all tenants."),
    databases: z.array(z.object({ registry: z.number().int(), percent_full: z.number(), nearly_full: z.boolean() })),
  }),
  dead_letters: foundOf(
    z.object({ kind: z.enum(["execution", "approval"]), id: z.string(), error: z.string(), at: Instant }),
  ),
  failing_webhooks: foundOf(
    z.object({ execution_id: z.string(), target: z.string(), status: Status, at: Instant }),
  ).describe(
    "Executions whose webhook did not take what it was told, after all tries: POST /api/v1/executions/{id}/webhooks/retry sends it again.",
  ),
  overdue: foundOf(z.object({ execution_id: z.string(), owed_at: Instant })).describe(
    "Executions that owed a wake a minute ago or longer: the sweeper wakes them.",
  ),
  stuck: foundOf(
    z.object({
      execution_id: z.string(),
      target: z.string(),
      status: Status,
      reason: z.string().nullable(),
      updated_at: Instant,
    }),
  ).describe(
    "Executions that are under way or blocked, are not asleep, and have not changed for an hour; the longest first.",
  ),
  sweeper: z.object({
    late: z.boolean().describe("It has not run for five minutes: is the cron trigger set?"),
    last_at: Instant.nullable(),
    took_ms: z.number().int().nullable(),
    failed_jobs: z.array(z.string()),
  }),
});

interface Looked {
  readonly atMs: number;
  readonly report: {
    readonly trouble: string | undefined;
    readonly parked: number;
    readonly usage: readonly { readonly registry: number; readonly percent: number; readonly warns: boolean }[];
  };
  readonly behind: Backlog;
  readonly lagMs: number;
  readonly deadLetters: Found<DeadLetter>;
  readonly failing: Found<FailingWebhook>;
  readonly overdue: Found<{ readonly id: string; readonly owedAtMs: number }>;
  readonly still: Found<StillStanding>;
  readonly sweep: SweepReport | undefined;
  readonly isLate: boolean;
}

export function overviewBody(looked: Looked): z.infer<typeof OverviewBody> {
  const { atMs, report, behind, lagMs, deadLetters, failing, overdue, still, sweep, isLate } = looked;
  const { trouble, parked, usage } = report;
  return {
    at: iso(atMs),
    index: {
      ready: trouble === undefined,
      ...(trouble === undefined ? {} : { trouble }),
      ...{ lag_ms: lagMs, waiting_rows: behind.waiting, held_rows: behind.held, refused_rows: parked },
      databases: usage.map(({ registry, percent, warns }) => ({ registry, percent_full: percent, nearly_full: warns })),
    },
    dead_letters: shown(deadLetters, ({ kind, id, error, atMs: at }) => ({ kind, id, error, at: iso(at) })),
    failing_webhooks: shown(failing, ({ id, agent, fn, status, atMs: at }) => ({
      ...{ execution_id: id, target: `${agent}.${fn}`, status, at: iso(at) },
    })),
    overdue: shown(overdue, ({ id, owedAtMs }) => ({ execution_id: id, owed_at: iso(owedAtMs) })),
    stuck: shown(still, ({ id, agent, fn, status, reason, updatedAtMs }) => ({
      ...{ execution_id: id, target: `${agent}.${fn}`, status, reason },
      updated_at: iso(updatedAtMs),
    })),
    sweeper: {
      late: isLate,
      last_at: sweep ? iso(sweep.atMs) : null,
      took_ms: sweep?.tookMs ?? null,
      failed_jobs: [...(sweep?.failed ?? [])],
    },
  };
}

function shown<Item, Shown>({ items, count, more }: Found<Item>, show: (item: Item) => Shown) {
  return { count, more, items: items.map(show) };
}
