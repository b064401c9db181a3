/** `logs/larry_execution.log`: `2026-02-11 16:09:45,123 - INFO - Reporting event: task_complete for task task_1_1_a`. */
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LogLine } from "../../agent/index.ts";

/** Within his folder. */
export const LOG = "logs/larry_execution.log";

export function logFile(home: string): (line: LogLine) => void {
  const path = join(home, LOG);
  mkdirSync(dirname(path), { recursive: true });
  return ({ level, message }) => {
    const oneLine = message.replaceAll(/[\r\n]+/g, " ");
    appendFileSync(path, `${stamp(new Date())} - ${level.toUpperCase()} - ${oneLine}\n`);
  };
}

/** In UTC, with a comma before the milliseconds. */
function stamp(at: Date): string {
  return at.toISOString().replace("T", " ").replace(".", ",").replace("Z", "");
}
