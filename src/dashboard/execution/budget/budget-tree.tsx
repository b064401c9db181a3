/** The budget down the tree: of the execution and of all that it has started what is spent, reserved and left, now or at the time cursor. */
import { useMemo, useState } from "react";
import { Link } from "wouter";
import type { Client } from "../../../client/client.ts";
import { useNow } from "../../live/now.ts";
import { ReadView } from "../../parts/read-view.tsx";
import { Segments } from "../../parts/segments.tsx";
import { StatusMark } from "../../parts/status-mark.tsx";
import type { Column } from "../../parts/table.tsx";
import { Table } from "../../parts/table.tsx";
import { upTo } from "../../parts/up-to.ts";
import { useRead, useReloadOnChange } from "../../parts/use-read.ts";
import { count, dollars, duration, shortId } from "../../parts/words.ts";
import { useClient } from "../../session/session.tsx";
import type { Shown } from "../shown.ts";
import type { Past } from "./budget-past.ts";
import { lineAt, pastOf, rowAt } from "./budget-past.ts";
import type { BudgetLine } from "./budget-points.ts";
import { outlines } from "./budget-points.ts";
import type { BudgetRow, Dimension } from "./budget-rows.ts";
import { below, dimensionsOf, figuresOf } from "./budget-rows.ts";
import "../../styles/tables.css";
import "../../styles/budget.css";

/** Executions of the run that are looked through, and those whose budget is asked: each is a question. */
const MOST_ROWS = 500;
const MOST_ASKED = 40;
const AGAIN_MS = 2_000;

const NAMES: Readonly<{ [D in Dimension]: string }> = {
  cost_usd: "Cost",
  tokens: "Tokens",
  turns: "Turns",
  children: "Children",
};

/** A row, and its log; undefined where that is not kept, or not this reader's. */
interface Line {
  readonly row: BudgetRow;
  readonly past: Past | undefined;
}

/** What was read before of an execution that has not changed since is not read again. */
type Known = Map<string, Line & { readonly updatedAt: string }>;

async function readLine(client: Client, line: Omit<BudgetRow, "budget">, signal: AbortSignal): Promise<Line> {
  const id = line.row.execution_id;
  try {
    const { execution, events } = await client.logs.log(id, { signal });
    return { row: { ...line, budget: execution.budget }, past: pastOf(events) };
  } catch {
    const body = await client.get(id, { signal }).catch(() => undefined);
    return { row: { ...line, budget: body?.budget }, past: undefined };
  }
}

async function linesBelow(
  client: Client,
  of: { readonly id: string; readonly run: string; readonly known: Known },
  signal: AbortSignal,
) {
  const { known } = of;
  const { items, more } = await upTo(MOST_ROWS, client.list({ runId: of.run, signal }));
  const found = below(of.id, items);
  const asked = found.slice(0, MOST_ASKED);
  const lines = await Promise.all(
    asked.map(async (line) => {
      const { execution_id: id, updated_at: updatedAt } = line.row;
      const before = known.get(id);
      const read = before?.updatedAt === updatedAt ? before : await readLine(client, line, signal);
      known.set(id, { ...read, updatedAt });
      return read;
    }),
  );
  return { lines, more: more || found.length > asked.length };
}

export function BudgetTree({ shown }: { readonly shown: Shown }) {
  const client = useClient();
  const { execution_id: id, run_id: run } = shown.body;
  const read = useRead(
    useMemo(() => {
      const known: Known = new Map();
      return (signal: AbortSignal) => linesBelow(client, { id, run, known }, signal);
    }, [client, id, run]),
  );
  useReloadOnChange(read.reload, AGAIN_MS, (row) => row.run_id === run);
  return (
    <ReadView read={read} what="The budget" rows={4}>
      {({ lines, more }) => <Tree shown={shown} lines={lines} more={more} />}
    </ReadView>
  );
}

interface TreeProps {
  readonly shown: Shown;
  readonly lines: readonly Line[];
  readonly more: boolean;
}

/** At the time cursor it shows that instant: of what came later nothing, and what of others is in no log is left out. */
function Tree({ shown, lines, more }: TreeProps) {
  const { at, whole, trace } = shown;
  const atMs = at === undefined ? undefined : trace.lastMs;
  const rows = lines.flatMap(({ row, past }) =>
    past ? (rowAt(row, past, atMs) ?? []) : atMs === undefined ? row : [],
  );
  const pasts = new Map(lines.map(({ row, past }) => [row.row.execution_id, past]));
  const now = useNow(1_000, !whole.ended);
  const endMs = whole.ended ? whole.lastMs : Math.max(now, whole.lastMs);
  const frame = { fromMs: whole.startMs, toMs: Math.max(endMs, whole.startMs + 1), untilMs: atMs ?? endMs };
  const dimensions = dimensionsOf(rows);
  const [wanted, setWanted] = useState<Dimension>();
  const dimension = wanted !== undefined && dimensions.includes(wanted) ? wanted : dimensions[0];
  if (dimension === undefined) return <p className="quiet">It has no limit, and nothing was spent yet.</p>;
  const words = dimension === "cost_usd" ? dollars : count;
  const amount = (n: number | undefined) => (n === undefined ? <span className="quiet">–</span> : words(n));
  const lineOf = (id: string) => {
    const past = pasts.get(id);
    return past && lineAt(past, dimension, atMs);
  };
  const unknown = lines.filter(({ past }) => past === undefined).length;
  const columns: readonly Column<BudgetRow>[] = [
    {
      title: "Execution",
      cell: ({ row, depth }) => (
        <span className="cell-main" data-depth={Math.min(depth, 6)}>
          <Link href={`/executions/${encodeURIComponent(row.execution_id)}?tab=budget`}>{row.target}</Link>
          <span className="quiet mono">{shortId(row.execution_id)}</span>
        </span>
      ),
    },
    { title: "Status", cell: ({ row }) => <StatusMark status={row.status} /> },
    {
      title: `Over ${duration(frame.toMs - frame.fromMs)}`,
      cell: ({ row }) => <OverTime line={lineOf(row.execution_id)} frame={frame} atMs={atMs} words={words} />,
    },
    { title: "Spent", number: true, cell: (row) => words(figuresOf(row, dimension).spent) },
    { title: "Reserved", number: true, cell: (row) => words(figuresOf(row, dimension).reserved) },
    { title: "Left", number: true, cell: (row) => amount(figuresOf(row, dimension).left) },
    { title: "Limit", number: true, cell: (row) => amount(figuresOf(row, dimension).limit) },
    { title: "Set aside by its parent", number: true, cell: (row) => amount(figuresOf(row, dimension).granted) },
  ];
  return (
    <div className="blocks">
      <Segments
        label="Of what"
        options={dimensions}
        chosen={dimension}
        wordsOf={(one) => NAMES[one]}
        onChoose={setWanted}
      />
      <Table
        label={`Budget: ${NAMES[dimension]}`}
        columns={columns}
        rows={rows}
        keyOf={({ row }) => row.execution_id}
      />
      <p className="quiet small">
        What a child spends is spent by its callers too; a parent holds back what its children may spend until they end.
        {more && ` The first ${lines.length} executions are shown.`}
        {atMs !== undefined &&
          unknown > 0 &&
          ` Of ${unknown} there is no log: they are left out at an instant of the past.`}
      </p>
    </div>
  );
}

interface OverTimeProps {
  readonly line: BudgetLine | undefined;
  readonly frame: Parameters<typeof outlines>[1];
  readonly atMs: number | undefined;
  readonly words: (n: number) => string;
}

/** On the axis of the timeline: what was spent, reserved above it, the limit as a dashed line, and the time cursor. */
function OverTime({ line, frame, atMs, words }: OverTimeProps) {
  if (!line) return <span className="quiet">–</span>;
  const drawn = outlines(line, frame);
  const most = line.points.reduce((top, { spent, reserved }) => Math.max(top, spent + reserved), 0);
  const cursor = atMs === undefined ? undefined : (1_000 * (atMs - frame.fromMs)) / (frame.toMs - frame.fromMs);
  return (
    <svg
      className="budget-plot budget-cell"
      viewBox="0 0 1000 100"
      preserveAspectRatio="none"
      role="img"
      aria-label={`At most ${words(most)} were spent or reserved`}
    >
      <path className="budget-held" d={drawn.held} />
      <path className="budget-used" d={drawn.spent} />
      {line.limit !== undefined && <path className="budget-top" d="M0 1H1000" />}
      {cursor !== undefined && <path className="budget-cursor" d={`M${Math.round(cursor)} 0V100`} />}
    </svg>
  );
}
