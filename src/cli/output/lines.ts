/** Blocks as lines of text. */
import { unreachable } from "../../domain/values/json.ts";
import type { Block, Cell } from "./blocks.ts";
import { textOf } from "./blocks.ts";
import type { Page } from "./style.ts";
import { harmless, jsonText } from "./style.ts";
import { waterfallLines } from "./waterfall.ts";

export function linesOf(block: Block, page: Page): string[] {
  switch (block.kind) {
    case "text":
      return [page.paint(block.text)];
    case "line":
      return [cut(page.paint(block.text), page.width)];
    case "heading":
      return ["", page.paint({ text: block.text, tone: "strong" })];
    case "fields":
      return fieldLines(block.rows, page);
    case "table":
      return block.rows.length === 0 ? [page.paint(block.empty)] : tableLines([block.head, ...block.rows], page);
    case "json":
      return jsonText(page.width === Number.POSITIVE_INFINITY ? block.value : shortened(block.value), 2).split("\n");
    case "waterfall":
      return waterfallLines(block.trace, page);
  }
  return unreachable(block);
}

const LONG_TEXT = 500;

/** For eyes on a terminal: a prompt or a document within would be pages. */
function shortened(value: unknown): unknown {
  if (typeof value === "string" && value.length > LONG_TEXT)
    return `${value.slice(0, LONG_TEXT)}… (${value.length} characters; --json prints them)`;
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner)]));
}

const NAME_WIDTH = 12;

function fieldLines(rows: readonly (readonly [string, Cell | undefined])[], { paint }: Page): string[] {
  const given = rows.filter((row): row is readonly [string, Cell] => row[1] !== undefined);
  const width = Math.max(NAME_WIDTH, ...given.map(([name]) => name.length + 2));
  return given.map(([name, value]) => `${paint({ text: name.padEnd(width), tone: "dim" })}${paint(value)}`);
}

const GAP = "  ";

function tableLines(rows: readonly (readonly Cell[])[], { paint, width }: Page): string[] {
  const clean = rows.map((row) => row.map(oneLine));
  const columns = clean[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...clean.map((row) => lengthOf(textOf(row[at] ?? "")))),
  );
  narrow(widths, width);
  return clean.map((row, index) => {
    const cells = row.map((cell, at) => {
      const shown = padded(cut(textOf(cell), widths[at] ?? 0), at === columns - 1 ? 0 : (widths[at] ?? 0));
      if (index === 0) return paint({ text: shown, tone: "dim" });
      return paint(typeof cell === "string" ? shown : { ...cell, text: shown });
    });
    return cells.join(GAP).trimEnd();
  });
}

/** Takes from the widest column until the row fits, and nothing from a column that people copy ids from. */
function narrow(widths: number[], width: number): void {
  const room = width - GAP.length * (widths.length - 1);
  const last = widths.length - 1;
  const over = widths.reduce((sum, one) => sum + one, 0) - room;
  if (over > 0 && last > 0) widths[last] = Math.max(12, (widths[last] ?? 0) - over);
}

function oneLine(cell: Cell): Cell {
  const flat = (text: string) => harmless(text).replace(/\s+/g, " ").trim();
  return typeof cell === "string" ? flat(cell) : { ...cell, text: flat(cell.text) };
}

function lengthOf(text: string): number {
  return [...text].length;
}

function cut(text: string, most: number): string {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, Math.max(0, most - 1)).join("")}…` : text;
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - lengthOf(text)));
}
