/** Whether there are colours, and what is safe to print. */
import { styleText } from "node:util";
import type { Cell, Tone } from "./blocks.ts";

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** FORCE_COLOR decides before NO_COLOR; without both a terminal has colours, unless it is dumb. */
export function hasColours({ isTTY }: Terminal, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: terminal } = env;
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  if (none !== undefined && none !== "") return false;
  return isTTY === true && terminal !== "dumb";
}

/** Columns that a table may take; a pipe has no end. In CI a terminal is a log. */
export function widthOf({ isTTY, columns }: Terminal, env: NodeJS.ProcessEnv): number {
  return isTTY === true && !env.CI ? Math.max(columns ?? 80, 40) : Number.POSITIVE_INFINITY;
}

type Style = Parameters<typeof styleText>[0];
const STYLES: Readonly<Record<Tone, Style>> = {
  good: "green",
  bad: "red",
  warn: "yellow",
  dim: "dim",
  strong: "bold",
};

export type Paint = (cell: Cell) => string;

/** Where lines are printed. */
export interface Page {
  readonly paint: Paint;
  /** Columns; infinite in a pipe. */
  readonly width: number;
}

/** Each cell as it is printed. */
export function painter(colours: boolean): Paint {
  return (cell) => {
    if (typeof cell === "string") return harmless(cell);
    const text = harmless(cell.text);
    return colours ? styleText(STYLES[cell.tone], text, { validateStream: false }) : text;
  };
}

/**
 * What others wrote, without what commands a terminal: escape sequences would move its cursor, or write over what it shows. Tabs
 * and ends of lines stay.
 */
export function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "�");
}

/** JSON whose text commands no terminal either: it is the same JSON. */
export function jsonText(value: unknown, indent?: number): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, escaped);
}
