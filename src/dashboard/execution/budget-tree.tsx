/** The budget down the tree: of the execution and of all that it has started what is spent, reserved and left, as it is now. */
import { useCallback, useState } from "react";
import { Link } from "wouter";
import type { Client } from "../../client/client.ts";
import { ReadView } from "../parts/read-view.tsx";
import { Segments } from "../parts/segments.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { count, dollars, shortId } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import type { BudgetRow, Dimension } from "./budget-tree.ts";
import { below, dimensionsOf, figuresOf } from "./budget-tree.ts";
import "../styles/tables.css";
import "../styles/budget.css";

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

async function budgetsBelow(client: Client, of: { readonly id: string; readonly run: string }, signal: AbortSignal) {
  const { items, more } = await upTo(MOST_ROWS, client.list({ runId: of.run, signal }));
  const lines = below(of.id, items);
  const asked = lines.slice(0, MOST_ASKED);
  const budgets = await Promise.all(
    asked.map(async ({ row }) => (await client.get(row.execution_id, { signal }).catch(() => undefined))?.budget),
  );
  const rows: BudgetRow[] = asked.map((line, at) => ({ ...line, budget: budgets[at] }));
  return { rows, more: more || lines.length > asked.length };
}

export function BudgetTree({ id, run }: { readonly id: string; readonly run: string }) {
  const client = useClient();
  const read = useRead(
    useCallback((signal: AbortSignal) => budgetsBelow(client, { id, run }, signal), [client, id, run]),
  );
  useReloadOnChange(read.reload, AGAIN_MS, (row) => row.run_id === run);
  return (
    <ReadView read={read} what="The budget" rows={4}>
      {({ rows, more }) => <Tree rows={rows} more={more} />}
    </ReadView>
  );
}

function Tree({ rows, more }: { readonly rows: readonly BudgetRow[]; readonly more: boolean }) {
  const dimensions = dimensionsOf(rows);
  const [wanted, setWanted] = useState<Dimension>();
  const dimension = wanted !== undefined && dimensions.includes(wanted) ? wanted : dimensions[0];
  if (dimension === undefined) return <p className="quiet">It has no limit, and nothing was spent yet.</p>;
  const words = dimension === "cost_usd" ? dollars : count;
  const amount = (n: number | undefined) => (n === undefined ? <span className="quiet">–</span> : words(n));
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
        {more && ` The first ${rows.length} executions are shown.`}
      </p>
    </div>
  );
}
