/**
 * The Worker's log for a person at a terminal: a line of JSON becomes a sentence, the error below it, its frames, and the
 * line of the project's own source where it was thrown. What is no line of the log stays as it is.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The text of a line of a file; undefined where there is none. */
export type SourceLine = (file: string, line: number) => string | undefined;

type Entry = Readonly<Record<string, unknown>>;

/** Shown in the sentence or below it, or known to who looks at the terminal. */
const SHOWN = new Set(["at", "level", "message", "error", "stack", "request_id", "trace_id", "tenant", "run_id"]);
const PLACE = /\(?([^\s():]+):(\d+):\d+\)?$/;
const OF_PACKAGES = /(?:^|\/)node_modules\/|^node:|^file:/;

export function readableLog(line: string, sourceLine: SourceLine): string {
  const entry = entryOf(line);
  if (entry === undefined) return line;
  if (entry.message === "request") return requestOf(entry);
  const { level, message, error, stack, ...rest } = entry;
  const more = Object.entries(rest)
    .filter(([name, value]) => !SHOWN.has(name) && value !== null && value !== "")
    .map(
      ([name, value]) =>
        `${name === "key" ? "operation" : name} ${typeof value === "string" ? value : JSON.stringify(value)}`,
    );
  const head = `${level === "info" ? "" : `${level}: `}${message}${more.length === 0 ? "" : `: ${more.join(", ")}`}`;
  return [head, ...errorLines(error, stack, sourceLine)].join("\n");
}

function entryOf(line: string): Entry | undefined {
  if (!line.startsWith('{"at":')) return undefined;
  try {
    const entry = JSON.parse(line) as Entry;
    return typeof entry.message === "string" && typeof entry.level === "string" ? entry : undefined;
  } catch {
    return undefined;
  }
}

function requestOf({ status, method, path, duration_ms: ms, execution_id: id, target, code, field }: Entry): string {
  const more = [target, code, field, id].filter((value) => value !== undefined);
  return [status, method, path, `${ms} ms`, ...more].join(" ");
}

/** Its words, its frames, and below the first frame of the project the source that stands there. */
function errorLines(error: unknown, stack: unknown, sourceLine: SourceLine): string[] {
  const [name = "", ...frames] = typeof stack === "string" ? stack.split("\n").map((one) => one.trim()) : [];
  const words = typeof error === "string" ? error : name;
  const named = name === "" || words.startsWith(name) ? words : `${name}: ${words}`;
  const lines = named === "" ? [] : [`  ${named}`];
  const own = firstOwnLine(frames, sourceLine);
  for (const frame of frames) lines.push(`    ${frame}`, ...(frame === own?.frame ? [`    > ${own.text}`] : []));
  return lines;
}

/** The first frame in the project's own sources, and what stands there. */
export function firstOwnLine(
  frames: readonly string[],
  sourceLine: SourceLine,
): { readonly frame: string; readonly text: string } | undefined {
  for (const frame of frames) {
    const [, file = "", number = ""] = PLACE.exec(frame) ?? [];
    const text = file === "" || OF_PACKAGES.test(file) ? undefined : sourceLine(file, Number(number));
    if (text !== undefined) return { frame, text: `${number} | ${text.trim()}` };
  }
  return undefined;
}

/** Lines of the files of a project, by paths relative to its folder. */
export function sourceLinesOf(root: string): SourceLine {
  return (file, line) => {
    try {
      return readFileSync(resolve(root, file), "utf8").split("\n")[line - 1];
    } catch {
      return undefined;
    }
  };
}
