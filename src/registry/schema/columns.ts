/** Fields of a drizzle table by the names of their columns, and back: how rows travel to the projector and into `json_each`. */
import { getTableColumns } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";

/** A row by column name. */
export type ColumnValues = { readonly [column: string]: string | number | null };

/** Every column of the table has its field: a column that is added to the schema does not compile until it is mapped. */
export type EveryField<T extends SQLiteTable> = {
  readonly [Field in keyof T["$inferInsert"]]-?: Exclude<T["$inferInsert"][Field], undefined>;
};

/** The names of these fields' columns, in the order of the table; without `fields` of all. */
export function columnNames(table: SQLiteTable, without: readonly string[] = []): string[] {
  return Object.entries(getTableColumns(table)).flatMap(([field, { name }]) => (without.includes(field) ? [] : [name]));
}

/** The fields under the names of their columns. */
export function toColumns(table: SQLiteTable, fields: Readonly<Record<string, unknown>>): ColumnValues {
  const named = Object.entries(getTableColumns(table)).flatMap(([field, { name }]) =>
    Object.hasOwn(fields, field) ? [[name, fields[field]]] : [],
  );
  return Object.fromEntries(named);
}

/** The inverse of `toColumns`. */
export function fromColumns(table: SQLiteTable, row: ColumnValues): Readonly<Record<string, unknown>> {
  const fields = Object.entries(getTableColumns(table)).flatMap(([field, { name }]) =>
    Object.hasOwn(row, name) ? [[field, row[name]]] : [],
  );
  return Object.fromEntries(fields);
}
