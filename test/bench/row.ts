/** What the bench reports: one line a subject, and for ours the bar and the aim of issue 6 beside what was reached. */

/** A line of `--json`, in exactly these words. */
export interface Line {
  readonly op: string;
  readonly concurrency: number;
  readonly subject: string;
  readonly medium: string;
  readonly rps: number | null;
  readonly p50_ms: number | null;
  readonly cpu_ms: number | null;
  readonly rows_written: number | null;
  /** Against the row's reference; of a row that is judged by an absolute figure, that figure. */
  readonly ratio: number | null;
}

/** `atMost` means that less is better. */
export interface Goal {
  readonly kind: "atMost" | "atLeast";
  readonly bar: number;
  readonly aim: number;
}

export interface Reported {
  readonly line: Line;
  readonly goal?: Goal;
  /** How to read `ratio`, and what else was seen. */
  readonly note?: string;
}

export const atMost = (bar: number, aim: number): Goal => ({ kind: "atMost", bar, aim });
export const atLeast = (bar: number, aim: number): Goal => ({ kind: "atLeast", bar, aim });

function verdict({ line: { ratio }, goal }: Reported): string {
  if (!goal || ratio === null) return "";
  const reaches = (mark: number) => (goal.kind === "atMost" ? ratio <= mark : ratio >= mark);
  if (reaches(goal.aim)) return "meets aim";
  return reaches(goal.bar) ? "meets bar" : "short of bar";
}

const HEADER = [
  "op",
  "c",
  "subject",
  "medium",
  "rps",
  "p50 ms",
  "cpu ms",
  "rows",
  "ratio",
  "bar",
  "aim",
  "verdict",
  "note",
];
const WIDTHS = [24, 3, 7, 6, 8, 8, 7, 6, 7, 7, 7, 12, 0];

export function headerText(): string {
  return columns(HEADER);
}

export function rowText(reported: Reported): string {
  const { line, goal, note = "" } = reported;
  const sign = goal?.kind === "atLeast" ? ">=" : "<=";
  const marks = goal ? [`${sign}${goal.bar}`, `${sign}${goal.aim}`] : ["", ""];
  return columns([
    line.op,
    String(line.concurrency),
    line.subject,
    line.medium,
    figure(line.rps, 0),
    figure(line.p50_ms, 2),
    figure(line.cpu_ms, 2),
    figure(line.rows_written, 1),
    figure(line.ratio, 2),
    ...marks,
    verdict(reported),
    note,
  ]);
}

function figure(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits);
}

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(" ")
    .trimEnd();
}
