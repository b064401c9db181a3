import { spawnSync } from "node:child_process";

/** Each live object keeps about three SQLite files open in workerd. */
const FILES_AN_OBJECT = 3;
const COMFORTABLE = 8_192;

/**
 * Node raises its soft limit of open files to the hard one when it starts, and workerd inherits that; so only the hard
 * limit can be too low. Returns what to do about it, if so.
 */
export function fileLimitAdvice(): string | undefined {
  const limit = Number(spawnSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).stdout.trim());
  if (!(limit < COMFORTABLE)) return undefined;
  const objects = Math.floor(limit / FILES_AN_OBJECT);
  return `Only ${limit} files may be open, enough for about ${objects} executions at once. Raise it: ulimit -Hn ${COMFORTABLE}`;
}
