/** The budget of an execution and of all that it has started, as lines of a tree. Pure. */
import type { Client } from "../../../client/client.ts";
import type { ExecutionSummary } from "../../../client/transport/options.ts";

type Body = Awaited<ReturnType<Client["get"]>>;
type BudgetAmounts = NonNullable<Body["budget"]>;

export interface BudgetRow {
  readonly row: ExecutionSummary;
  /** 0 for the execution itself. */
  readonly depth: number;
  /** Undefined where it has none, or was not asked. */
  readonly budget: BudgetAmounts | undefined;
}

/** Below one execution: each caller before those that it called, the first called first. */
export function below(rootId: string, rows: readonly ExecutionSummary[]): readonly Omit<BudgetRow, "budget">[] {
  const children = new Map<string, ExecutionSummary[]>();
  for (const row of rows) {
    const siblings = children.get(row.parent_execution_id ?? "");
    if (siblings) siblings.push(row);
    else children.set(row.parent_execution_id ?? "", [row]);
  }
  const lines: Omit<BudgetRow, "budget">[] = [];
  const first = rows.find((row) => row.execution_id === rootId);
  const open = first ? [{ row: first, depth: 0 }] : [];
  for (let next = open.pop(); next; next = open.pop()) {
    lines.push(next);
    const { row, depth } = next;
    const own = [...(children.get(row.execution_id) ?? [])].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
    open.push(...own.map((child) => ({ row: child, depth: depth + 1 })));
  }
  return lines;
}

const DIMENSIONS = ["cost_usd", "tokens", "turns", "children"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const LIMIT_OF = {
  cost_usd: "max_cost_usd",
  tokens: "max_tokens",
  turns: "max_turns",
  children: "max_children",
} as const;

export interface Figures {
  readonly spent: number;
  readonly reserved: number;
  readonly limit: number | undefined;
  /** What is neither spent nor reserved; undefined without a limit. */
  readonly left: number | undefined;
  /** What its parent has set aside for it. */
  readonly granted: number | undefined;
}

export function figuresOf({ row, budget }: BudgetRow, dimension: Dimension): Figures {
  const usage = dimension === "children" ? 0 : row.usage[dimension];
  const spent = budget?.spent[dimension] ?? usage;
  const reserved = budget?.reserved[dimension] ?? 0;
  const limit = budget?.[LIMIT_OF[dimension]];
  const left = limit === undefined ? undefined : Math.max(0, limit - spent - reserved);
  return { spent, reserved, limit, left, granted: budget?.granted?.[dimension] };
}

/** Dimensions of which any of the executions has a limit, or spent or reserved something. */
export function dimensionsOf(rows: readonly BudgetRow[]): readonly Dimension[] {
  return DIMENSIONS.filter((dimension) =>
    rows.some((one) => {
      const { spent, reserved, limit } = figuresOf(one, dimension);
      return spent + reserved > 0 || limit !== undefined;
    }),
  );
}
