/** The waterfall of an execution in text: one line for each thing its program asked for, on one axis of time. */
import type { Span, Trace } from "../../domain/read-models/waterfall.ts";
import type { Tone } from "./blocks.ts";
import type { Page } from "./style.ts";
import { duration } from "./words.ts";

const LABEL = 34;
const PIPE_BAR = 40;
const LEAST_BAR = 16;
const TIME = 10;

const MARKS: Readonly<Record<Span["status"], readonly [mark: string, tone: Tone]>> = {
  done: ["✓", "good"],
  failed: ["✗", "bad"],
  open: ["…", "warn"],
  backing_off: ["↻", "warn"],
  in_doubt: ["?", "warn"],
  withdrawn: ["-", "dim"],
};

export function waterfallLines(trace: Trace, { paint, width }: Page): string[] {
  if (trace.spans.length === 0) return [paint({ text: "(nothing yet)", tone: "dim" })];
  const bar = Number.isFinite(width) ? Math.max(LEAST_BAR, width - LABEL - TIME - 8) : PIPE_BAR;
  const whole = Math.max(1, trace.lastMs - trace.startMs);
  return trace.spans.flatMap((span) => {
    const [mark, tone] = MARKS[span.status];
    const label = `${"  ".repeat(span.depth)}${nameOf(span)}`;
    const end = span.endMs ?? trace.lastMs;
    const from = Math.min(bar - 1, Math.floor(((span.startMs - trace.startMs) / whole) * bar));
    const cells = Math.max(1, Math.min(bar - from, Math.round(((end - span.startMs) / whole) * bar)));
    const drawn = `${" ".repeat(from)}${paint({ text: "█".repeat(cells), tone })}${" ".repeat(bar - from - cells)}`;
    const line = `${paint({ text: mark, tone })} ${paint(shortened(label))} ${drawn} ${duration(end - span.startMs).padStart(TIME)}`;
    const error = span.error === undefined ? [] : [paint({ text: `    ${span.error.split("\n")[0]}`, tone: "bad" })];
    return [line.trimEnd(), ...error];
  });
}

function nameOf({ kind, label, tries, childId }: Span): string {
  const tried = tries.length > 1 ? ` ×${tries.length}` : "";
  return `${kind === "attempt" ? "" : `${kind} `}${label}${tried}${childId === undefined ? "" : " ↳"}`;
}

function shortened(label: string): string {
  const letters = [...label.replace(/\s/g, " ")];
  const text = letters.length > LABEL ? `${letters.slice(0, LABEL - 1).join("")}…` : letters.join("");
  return text + " ".repeat(Math.max(0, LABEL - [...text].length));
}
