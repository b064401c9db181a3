/** Finds places in a local file of places, and keeps prospects in CSV files. Both may be done twice. */
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import * as z from "zod";
import type { Action } from "../../../agent/index.ts";
import { ActionError } from "../../../agent/index.ts";
import type { Workspace } from "../workspace.ts";
import { textOf } from "../workspace.ts";

type Row = Readonly<Record<string, string>>;

const SearchParams = z.object({
  query: z.string().min(1).max(500),
  limit: z.number().int().min(1).max(1_000).default(20),
  /** Where `manage_csv` finds what was found. */
  save_as: z.string().max(500).optional(),
});

/** `places`: a CSV file with a head. Each word of the query has to be in a row. */
export function searchPlaces(places: string, workspace: Workspace): Action<typeof SearchParams> {
  return {
    input: SearchParams,
    idempotent: true,
    run: async ({ query, limit, save_as }, { say }) => {
      const words = query
        .toLowerCase()
        .split(/\W+/)
        .filter((word) => word !== "");
      const rows = rowsIn((await textOf(places)) ?? "", places);
      const found = rows.filter((row) =>
        words.every((word) => Object.values(row).join(" ").toLowerCase().includes(word)),
      );
      const shown = found.slice(0, limit);
      if (save_as !== undefined) await workspace.write(save_as, JSON.stringify(shown, null, 2));
      say(`Found ${found.length} places for "${query}"`);
      return { query, count: found.length, places: shown, ...(save_as === undefined ? {} : { saved_as: save_as }) };
    },
  };
}

const CsvParams = z.object({
  path: z.string().min(1).max(500),
  operation: z.enum(["upsert", "read"]).default("upsert"),
  /** The column that tells rows apart. */
  key: z.string().min(1).max(200).default("email"),
  rows: z.array(z.record(z.string(), z.coerce.string())).max(10_000).optional(),
  /** A file that `search_places` wrote. */
  rows_from: z.string().max(500).optional(),
  /** Columns that each of these rows gets. */
  set: z.record(z.string(), z.coerce.string()).default({}),
});

export function manageCsv(workspace: Workspace): Action<typeof CsvParams> {
  return {
    input: CsvParams,
    idempotent: true,
    // Two subtasks at once may write into one file.
    run: (params, { say }) =>
      workspace.change(params.path, async () => {
        const before = rowsIn((await workspace.read(params.path)) ?? "", params.path);
        if (params.operation === "read") return { path: params.path, rows_total: before.length, rows: before };
        const given = params.rows ?? (await savedRows(workspace, params.rows_from));
        const all = merged(before, given, params);
        await workspace.write(params.path, csvOf(all));
        say(`${params.path} has ${all.length} rows`);
        const added = all.length - before.length;
        return { path: params.path, rows_total: all.length, rows_added: added, rows_written: given.length };
      }),
  };
}

function merged(before: readonly Row[], given: readonly Row[], { key, set }: z.output<typeof CsvParams>): Row[] {
  const nameless = given.filter((row) => !row[key]);
  if (nameless.length > 0)
    throw new ActionError(`${nameless.length} rows have no "${key}"`, { type: "validation_error", retriable: false });
  const rows = new Map(before.map((row) => [row[key] ?? "", row]));
  for (const row of given) rows.set(row[key] ?? "", { ...rows.get(row[key] ?? ""), ...row, ...set });
  return [...rows.values()];
}

async function savedRows(workspace: Workspace, from: string | undefined): Promise<Row[]> {
  const text = from === undefined ? undefined : await workspace.read(from);
  if (text === undefined)
    throw new ActionError(from === undefined ? "rows or rows_from is missing" : `there is no file ${from}`, {
      type: "validation_error",
      retriable: false,
    });
  return z.array(z.record(z.string(), z.string())).parse(JSON.parse(text));
}

/** Before what a spreadsheet would run. */
const AS_TEXT = /^'(?=[=+\-@\t\r])/;

function rowsIn(text: string, where: string): Row[] {
  try {
    return parse(text, { columns: true, skip_empty_lines: true, bom: true, cast: (cell) => cell.replace(AS_TEXT, "") });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ActionError(`${where} is no CSV file: ${message}`, { type: "validation_error", retriable: false });
  }
}

/** A cell that a spreadsheet would run as a formula is written as text. */
function csvOf(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return stringify([...rows], { header: true, columns, escape_formulas: true });
}
