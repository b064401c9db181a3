/**
 * Lists as files: the forms in which a list is answered beside JSON, and one record as a line of each. Used by the routes of
 * lists, and by the endpoint table.
 *
 * The last record of an answer that ended before its list did holds nothing but `next_cursor`.
 */
import * as z from "zod";

const Format = z.enum(["json", "csv", "jsonl"]);
export type Format = z.infer<typeof Format>;

/** The parameter of every list that can be exported. */
export const format = Format.optional().describe(
  "csv or jsonl: the whole list as a file. Default what Accept says, else json.",
);

/** The media type of each form; several names for one of them are taken. */
export const MEDIA_TYPES = {
  "application/json": "json",
  "text/csv": "csv",
  "application/x-ndjson": "jsonl",
  "application/jsonl": "jsonl",
} as const satisfies Readonly<Record<string, Format>>;

/** Beside JSON, as the endpoint table describes it. */
export const FILES = ["text/csv", "application/x-ndjson"] as const;

/** How far one answer goes: so many pages, each of the list's own most rows. */
export const EXPORT_PAGES = 16;

export type Item = Readonly<Record<string, unknown>>;

/** A column, and the fields that lead to its value. */
interface Column {
  readonly name: string;
  readonly path: readonly string[];
}

const NEXT: Column = { name: "next_cursor", path: ["next_cursor"] };

/** The columns of items of this shape, in its order: an object within it is one column a field, as `usage.tokens`. */
export function columnsOf(shape: z.ZodObject): readonly Column[] {
  return [...fieldsOf(shape, []), NEXT];
}

function fieldsOf(shape: z.ZodObject, above: readonly string[]): Column[] {
  return Object.entries(shape.shape).flatMap(([field, schema]) => {
    const path = [...above, field];
    return schema instanceof z.ZodObject ? fieldsOf(schema, path) : [{ name: path.join("."), path }];
  });
}

/** RFC 4180: lines end with CR and LF. */
function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

export function csvHeader(columns: readonly Column[]): string {
  return csvLine(columns.map(({ name }) => name));
}

export function csvRecord(columns: readonly Column[], item: Item): string {
  return csvLine(columns.map(({ path }) => valueAt(item, path)));
}

function valueAt(item: unknown, path: readonly string[]): unknown {
  let at = item;
  for (const field of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.hasOwn(at, field) ? (at as Item)[field] : undefined;
  }
  return at;
}

/** A text that a spreadsheet would run as a formula gets an apostrophe before it, as spreadsheets write such texts themselves. */
function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
