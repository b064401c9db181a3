/** What a command has to show, without how it looks. */
import type { Trace } from "../../domain/read-models/waterfall.ts";

export type Tone = "good" | "bad" | "warn" | "dim" | "strong";

export type Cell = string | { readonly text: string; readonly tone: Tone };

export type Block =
  | { readonly kind: "text"; readonly text: Cell }
  /** One line, cut to the terminal. */
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "heading"; readonly text: string }
  /** Name and value, one a line; what is undefined is left out. */
  | { readonly kind: "fields"; readonly rows: readonly (readonly [string, Cell | undefined])[] }
  | {
      readonly kind: "table";
      readonly head: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
      /** Said instead of a table without rows. */
      readonly empty: string;
    }
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "waterfall"; readonly trace: Trace };

export function text(said: Cell): Block {
  return { kind: "text", text: said };
}

export function heading(said: string): Block {
  return { kind: "heading", text: said };
}

export function fields(...rows: readonly (readonly [string, Cell | undefined])[]): Block {
  return { kind: "fields", rows };
}

export function toned(tone: Tone, said: string): Cell {
  return { text: said, tone };
}

export function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
