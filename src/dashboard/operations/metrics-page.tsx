/** Figures of executions as plots by day and a table by target: how many, how well, how long, for how much. */
import { useCallback, useState } from "react";
import { Link } from "wouter";
import type { Client } from "../../client/client.ts";
import { Notice } from "../parts/notice.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { Segments } from "../parts/segments.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { count, dollars, duration } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import { BarPlot } from "./bar-plot.tsx";
import { daysBetween, withoutGaps } from "./days.ts";
import "../styles/tables.css";
import "../styles/operations.css";

type Metrics = Awaited<ReturnType<Client["operations"]["metrics"]>>;
type Group = Metrics["groups"][number];

const DAY_MS = 86_400_000;
const SPANS = [7, 14, 30] as const;
/** Figures over many executions cost the server work: they are read again at most this often. */
const AGAIN_MS = 5_000;

export function MetricsPage() {
  const client = useClient();
  const [days, setDays] = useState<(typeof SPANS)[number]>(7);
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        // From the beginning of a day in UTC, which is what the groups are.
        const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
        const since = new Date(today - (days - 1) * DAY_MS).toISOString();
        const [byDay, byTarget] = await Promise.all([
          client.operations.metrics({ since, group_by: "day" }, { signal }),
          client.operations.metrics({ since, group_by: "target" }, { signal }),
        ]);
        return { byDay, byTarget };
      },
      [client, days],
    ),
  );
  useReloadOnChange(read.reload, AGAIN_MS);
  useTitle("Metrics");
  return (
    <div className="page">
      <header className="page-head">
        <h1>Metrics</h1>
        <Segments label="Span" options={SPANS} chosen={days} wordsOf={(span) => `${span} days`} onChoose={setDays} />
      </header>
      <ReadView read={read} what="The figures">
        {({ byDay, byTarget }) =>
          byDay.total.executions === 0 ? (
            <Notice icon="chart" title={`Nothing ran in the last ${days} days`}>
              Start a function, and its figures are here at once.
            </Notice>
          ) : (
            <div className="blocks">
              <Total metrics={byDay} />
              <Plots metrics={byDay} />
              <section className="block">
                <h2>By function</h2>
                <Targets groups={byTarget.groups} />
                {byTarget.groups_left_out > 0 && (
                  <p className="quiet small">{byTarget.groups_left_out} more functions are not shown.</p>
                )}
              </section>
            </div>
          )
        }
      </ReadView>
    </div>
  );
}

const rate = (share: number | null) => (share === null ? "–" : `${(100 * share).toFixed(share === 1 ? 0 : 1)} %`);

function Total({ metrics: { total, complete, counted_from: from } }: { readonly metrics: Metrics }) {
  const { executions, success_rate: good, duration_ms: lasted, tokens, cost_usd: cost } = total;
  const facts = [
    { name: "Executions", value: count(executions) },
    { name: "Success rate", value: rate(good) },
    { name: "Median duration", value: lasted ? duration(lasted.p50) : "–" },
    { name: "95 of 100 within", value: lasted ? duration(lasted.p95) : "–" },
    { name: "Tokens", value: count(tokens) },
    { name: "Cost", value: dollars(cost) },
  ];
  return (
    <div className="block">
      <dl className="facts">
        {facts.map(({ name, value }) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd className="fact-value num">{value}</dd>
          </div>
        ))}
      </dl>
      {!complete && (
        <p className="quiet small">There are more than one answer counts: from {new Date(from).toLocaleString()} on.</p>
      )}
    </div>
  );
}

function Plots({ metrics }: { readonly metrics: Metrics }) {
  const days = withoutGaps(metrics.groups, daysBetween(metrics.since, metrics.until));
  const of = (group: Group | undefined, ...statuses: readonly (keyof Group["by_status"])[]) =>
    statuses.reduce((sum, status) => sum + (group?.by_status[status] ?? 0), 0);
  const ends = days.map(({ day, group }) => {
    const parts = [of(group, "succeeded"), of(group, "failed", "timeout")];
    const rest = (group?.executions ?? 0) - (parts[0] ?? 0) - (parts[1] ?? 0);
    return { day, parts: [...parts, rest] };
  });
  const single = (value: (group: Group) => number) =>
    days.map(({ day, group }) => ({ day, parts: [group ? value(group) : 0] }));
  return (
    <div className="plots">
      <BarPlot title="Executions" days={ends} names={["Succeeded", "Failed", "Others"]} words={count} />
      <BarPlot
        title="95 of 100 end within"
        days={single(({ duration_ms: lasted }) => lasted?.p95 ?? 0)}
        names={["95 of 100 within"]}
        words={duration}
      />
      <BarPlot title="Tokens" days={single(({ tokens }) => tokens)} names={["Tokens"]} words={count} />
      <BarPlot title="Cost" days={single(({ cost_usd: cost }) => cost)} names={["Cost"]} words={dollars} />
    </div>
  );
}

function Targets({ groups }: { readonly groups: readonly Group[] }) {
  const columns: readonly Column<Group>[] = [
    {
      title: "Function",
      cell: ({ target = "" }) => <Link href={`/executions?target=${encodeURIComponent(target)}`}>{target}</Link>,
    },
    { title: "Executions", number: true, cell: ({ executions }) => count(executions) },
    { title: "Success", number: true, cell: ({ success_rate: good }) => rate(good) },
    { title: "Median", number: true, cell: ({ duration_ms: ms }) => (ms ? duration(ms.p50) : "–") },
    { title: "95 of 100", number: true, cell: ({ duration_ms: ms }) => (ms ? duration(ms.p95) : "–") },
    { title: "Tokens", number: true, cell: ({ tokens }) => count(tokens) },
    { title: "Cost", number: true, cell: ({ cost_usd: cost }) => dollars(cost) },
  ];
  const most = [...groups].sort((a, b) => b.executions - a.executions);
  return <Table label="By function" columns={columns} rows={most} keyOf={({ target = "" }) => target} />;
}
