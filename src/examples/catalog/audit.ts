/**
 * The audit of a table as map and merge. An auditor maps a stretch of rows to a small tally; tallies add up.
 *
 * - The sum over any chunking equals the tally of the whole, in any order: counts add, and examples are always the ones
 *   with the lowest row numbers.
 * - A row is a duplicate when an *earlier row of the whole table* is the same; so a chunk needs no other chunk's titles.
 * - Row numbers count from 1, as a person reading the table does.
 */
import * as z from "zod";
import type { Defect } from "./rules.ts";
import { RULES } from "./rules.ts";

export type Row = Readonly<Record<string, unknown>>;

const MAX_EXAMPLES = 3;
const MAX_EXAMPLE_LENGTH = 60;

const Example = z.strictObject({
  row: z.int().min(1),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
});
type Example = z.infer<typeof Example>;

const Finding = z.strictObject({ count: z.int().min(0), examples: z.array(Example).max(MAX_EXAMPLES) });
type Finding = z.infer<typeof Finding>;

/** Findings by `column|defect`, or by the name of a kind of duplicate; what was not found is left out. */
export interface Tally {
  readonly rows: number;
  readonly findings: Readonly<Record<string, Finding>>;
}

export const AuditReport = z.strictObject({
  rows: z.int().min(0),
  columns: z.array(
    z.strictObject({
      column: z.string(),
      rule: z.string(),
      missing: Finding,
      malformed: Finding,
      out_of_range: Finding,
    }),
  ),
  /** The same title on the same day as an earlier row. */
  duplicate_rows: Finding,
  /** The same title as an earlier row: a remake, or a film entered twice. */
  duplicate_titles: Finding,
});
export type AuditReport = z.infer<typeof AuditReport>;

export const EMPTY_TALLY: Tally = { rows: 0, findings: {} };

export interface Auditor {
  readonly rows: number;
  /** Tallies the rows `from` (inclusive, from 0) to `to` (exclusive). */
  audit(from: number, to: number): Tally;
}

export function createAuditor(table: readonly Row[]): Auditor {
  const firstRows = new Map<string, number>();
  table.forEach((row, index) => {
    for (const key of Object.values(identities(row))) if (!firstRows.has(key)) firstRows.set(key, index);
  });

  return {
    rows: table.length,
    audit(from, to) {
      const chunk = table.slice(from, to);
      const tallies = chunk.map((row, offset) => auditRow(row, { index: from + offset, firstRows }));
      return tallies.reduce(mergeTallies, EMPTY_TALLY);
    },
  };
}

export function mergeTallies(a: Tally, b: Tally): Tally {
  const findings: Record<string, Finding> = { ...a.findings };
  for (const [name, finding] of Object.entries(b.findings)) findings[name] = mergeFindings(findings[name], finding);
  return { rows: a.rows + b.rows, findings };
}

function mergeFindings(a: Finding | undefined, b: Finding): Finding {
  if (!a) return b;
  const examples = [...a.examples, ...b.examples].sort((one, other) => one.row - other.row);
  return { count: a.count + b.count, examples: examples.slice(0, MAX_EXAMPLES) };
}

/** The tally as a person reads it: every column with every kind of defect, found or not. */
export function reportOf({ rows, findings }: Tally): AuditReport {
  const found = (name: string): Finding => findings[name] ?? { count: 0, examples: [] };
  const columns = RULES.map(({ column, rule }) => ({
    column,
    rule,
    missing: found(defectName(column, "missing")),
    malformed: found(defectName(column, "malformed")),
    out_of_range: found(defectName(column, "out_of_range")),
  }));
  return { rows, columns, duplicate_rows: found("duplicate_rows"), duplicate_titles: found("duplicate_titles") };
}

interface Place {
  readonly index: number;
  readonly firstRows: ReadonlyMap<string, number>;
}

function auditRow(row: Row, { index, firstRows }: Place): Tally {
  const findings: Record<string, Finding> = {};
  const find = (name: string, value: unknown): void => {
    findings[name] = { count: 1, examples: [{ row: index + 1, value: shown(value) }] };
  };
  for (const { column, judge } of RULES) {
    const defect = judge(row[column]);
    if (defect) find(defectName(column, defect), row[column]);
  }
  for (const [kind, key] of Object.entries(identities(row))) if (firstRows.get(key) !== index) find(kind, row.Title);
  return { rows: 1, findings };
}

/** What makes two rows the same, by kind of duplicate; a row without a title is like no other. */
function identities(row: Row): Readonly<Record<string, string>> {
  if (row.Title === null || row.Title === undefined) return {};
  const title = String(row.Title).trim().toLowerCase();
  return { duplicate_titles: JSON.stringify([title]), duplicate_rows: JSON.stringify([title, row["Release Date"]]) };
}

function defectName(column: string, defect: Defect): string {
  return `${column}|${defect}`;
}

function shown(value: unknown): Example["value"] {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value === null || value === undefined) return null;
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length <= MAX_EXAMPLE_LENGTH ? text : `${text.slice(0, MAX_EXAMPLE_LENGTH - 1)}…`;
}
