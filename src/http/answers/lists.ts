/** Answers a list as one page of JSON, or as a file with the whole of it. Called by the route of each list. */
import { accepts } from "hono/accepts";
import type { z } from "zod";
import { cursorIn } from "../../contract/cursors.ts";
import type { Format, Item } from "../../contract/exports.ts";
import { columnsOf, csvHeader, csvRecord, MEDIA_TYPES } from "../../contract/exports.ts";
import { maskBody } from "../../contract/privacy/mask.ts";
import type { Cursor } from "../../domain/read-models/summary.ts";
import type { ExportedPage } from "../../operations/lists/export.ts";
import { exportedItems } from "../../operations/lists/export.ts";
import type { C } from "../requests/app.ts";
import { parseQuery } from "../requests/parse.ts";
import { answerJson, answerRefusal } from "./answer.ts";
import { masks } from "./masked-answer.ts";
import { answerTexts } from "./streamed-json.ts";

interface ListedQuery {
  readonly limit: number;
  readonly cursor?: Cursor | undefined;
  readonly format?: Format | undefined;
}

export interface List<Query extends ListedQuery> {
  /** The file is named so. */
  readonly name: string;
  readonly query: z.ZodType<Query>;
  /** What an item is: the columns of the file. */
  readonly item: z.ZodObject;
  /** Most rows of one page of a file. */
  readonly pageRows: number;
  readonly read: (query: Query) => Promise<ExportedPage>;
}

export async function answerList<Query extends ListedQuery>(c: C, list: List<Query>): Promise<Response> {
  const query = parseQuery(c, list.query);
  if (!query.ok) return answerRefusal(c, query);
  const form = query.value.format ?? accepted(c);
  if (form !== "json") return answerFile(c, { list, query: query.value, form });
  const { items, nextCursor, headers = {} } = await list.read(query.value);
  return answerJson(c, { items, next_cursor: nextCursor }, { headers });
}

function accepted(c: C): Format {
  const supports = Object.keys(MEDIA_TYPES);
  const media = accepts(c, { header: "Accept", supports, default: "application/json" });
  return MEDIA_TYPES[media as keyof typeof MEDIA_TYPES];
}

interface Asked<Query extends ListedQuery> {
  readonly list: List<Query>;
  readonly query: Query;
  readonly form: "csv" | "jsonl";
}

/** The first page is read before the answer begins: what refuses the list refuses the file. */
async function answerFile<Query extends ListedQuery>(c: C, { list, query, form }: Asked<Query>): Promise<Response> {
  const most = c.req.query("limit") === undefined ? undefined : query.limit;
  const page = { ...query, limit: most ?? list.pageRows };
  const first = await list.read(page);
  const next = (cursor: string) => list.read({ ...page, cursor: cursorIn(cursor) });
  const items = exportedItems({
    first,
    next,
    most,
    caller: c.get("caller"),
    leave: c.get("services").access.leaveParts,
  });
  const type = form === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
  const headers = {
    "content-type": type,
    "content-disposition": `attachment; filename="${list.name}.${form}"`,
    ...first.headers,
  };
  return answerTexts(c, form === "csv" ? csvTexts(c, list.item, items) : lineTexts(c, items), headers);
}

async function* csvTexts(c: C, shape: z.ZodObject, items: AsyncIterable<Item>): AsyncGenerator<string> {
  const columns = columnsOf(shape);
  yield csvHeader(columns);
  for await (const item of items) yield csvRecord(columns, shown(c, item));
}

async function* lineTexts(c: C, items: AsyncIterable<Item>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(shown(c, item))}\n`;
}

/** Under the name that it has in a page of JSON, because what is masked depends on it. */
function shown(c: C, item: Item): Item {
  if (!masks(c)) return item;
  const masked = maskBody({ items: [item] }) as { readonly items: readonly Item[] };
  return masked.items[0] ?? {};
}

/** A cursor of ours: an instant and an id. */
