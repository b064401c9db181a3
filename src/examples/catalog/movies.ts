import type { Auditor, Row } from "./audit.ts";
import { createAuditor } from "./audit.ts";

/** Only what is finished is kept: workerd lets no request await another one's promise. */
let auditor: Auditor | undefined;
let rows: readonly Row[] | undefined;

/** An auditor of the movies table; movies.md says where it comes from. */
export async function movies(): Promise<Auditor> {
  auditor ??= createAuditor(await table());
  return auditor;
}

/** The film in that row, counted from 1 as the audit counts; `undefined` beyond the table. */
export async function film(row: number): Promise<Row | undefined> {
  return (await table())[row - 1];
}

/** Imported when it is first needed, because evaluating half a megabyte of JSON would slow every cold start. */
async function table(): Promise<readonly Row[]> {
  if (rows) return rows;
  const { default: columns } = await import("./movies.json", { with: { type: "json" } });
  rows ??= rowsOf(columns);
  return rows;
}

/** The file has a list a column: it is a third as long so, and rows are what the audit reads. */
function rowsOf(columns: Readonly<Record<string, readonly unknown[]>>): Row[] {
  const [first = [], ...others] = Object.values(columns);
  const names = Object.keys(columns);
  return first.map((value, row) =>
    Object.fromEntries(names.map((name, column) => [name, column === 0 ? value : others[column - 1]?.[row]])),
  );
}
