/** The one place that writes the log; Cloudflare collects it from here. */
import { env } from "cloudflare:workers";
import { logLine } from "../../contract/privacy/log-line.ts";

const LEVELS = ["info", "warn", "error"];
/** A line for each request costs a tenth of it, and Cloudflare keeps one anyway: ours are for what went wrong. */
const LOWEST = LEVELS.indexOf(String((env as { readonly ERRAND_LOG?: string }).ERRAND_LOG ?? "warn"));

export function logs(level: unknown): boolean {
  return LEVELS.indexOf(String(level)) >= LOWEST;
}

export function log(entry: Readonly<Record<string, unknown>>): void {
  // biome-ignore lint/suspicious/noConsole: see above.
  if (logs(entry.level)) console.error(logLine(entry, new Date()));
}

/** For the launcher of a laptop, which reads the lines of its runtime: which program has control. */
export function noteProgram(
  what: "begins" | "rests",
  { id, target }: { readonly id: string; readonly target: string },
): void {
  // biome-ignore lint/suspicious/noConsole: see above.
  console.log(`errand:program ${what} ${id} ${target}`);
}
