/**
 * Logs of runs as files: `agent_logs/<agent>_YYYYMMDD_HHMMSS.json` in UTC, and `<agent>_latest.json`. A file is the `details` of a
 * run and nothing else.
 *
 * - A second run in the same second gets `…_2.json`: no file is written over.
 * - `latest` is moved into its place whole: a reader never sees half of it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { RunDetails } from "./envelope.ts";

const LOGS = "agent_logs";
const NAME = /^([a-z][a-z0-9._-]*)_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})(?:_(\d+))?\.json$/;
const MOST_IN_A_SECOND = 1_000;

export interface LogFile {
  readonly path: string;
  readonly agent: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** From 1: runs of the same second in their order. */
  readonly turn: number;
  readonly bytes: number;
}

/** Writes both files. Returns the details as they were written: with the path of the log. */
export function writeLog(cwd: string, agent: string, details: RunDetails): RunDetails & { readonly log_path: string } {
  const folder = resolve(cwd, LOGS);
  mkdirSync(folder, { recursive: true });
  const named = agent.replace(/[^A-Za-z0-9._-]/g, "_");
  const stamp = stampOf(details.timestamp ?? new Date().toISOString());
  for (let turn = 1; turn <= MOST_IN_A_SECOND; turn += 1) {
    const path = join(folder, `${named}_${stamp}${turn === 1 ? "" : `_${turn}`}.json`);
    const written = { ...details, log_path: path };
    const content = `${JSON.stringify(written, null, 2)}\n`;
    if (!isWritten(path, content)) continue;
    const draft = join(folder, `.${named}_latest.${process.pid}`);
    writeFileSync(draft, content);
    renameSync(draft, join(folder, `${named}_latest.json`));
    return written;
  }
  throw new Error(`${folder} has ${MOST_IN_A_SECOND} logs of ${agent} of one second`);
}

function isWritten(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** 2025-10-23T14:30:00.123Z → 20251023_143000 */
function stampOf(iso: string): string {
  return iso.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_");
}

/** Newest first. What is named otherwise is no log. */
export function logFiles(cwd: string, agent?: string): LogFile[] {
  const folder = resolve(cwd, LOGS);
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder).flatMap((name) => logFile(folder, name));
  return found
    .filter((file) => agent === undefined || file.agent === agent)
    .sort((a, b) => b.atMs - a.atMs || b.turn - a.turn || a.agent.localeCompare(b.agent));
}

function logFile(folder: string, name: string): LogFile[] {
  const [, agent, year, month, day, hour, minute, second, turn = "1"] = NAME.exec(name) ?? [];
  if (agent === undefined) return [];
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(atMs)) return [];
  const path = join(folder, name);
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return [{ path, agent, atMs, turn: Number(turn), bytes }];
}

export function readLogFile(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Removes log files, and `latest` when nothing of its agent is left. */
export function removeLogs(cwd: string, files: readonly LogFile[]): void {
  for (const { path } of files) rmSync(path, { force: true });
  for (const agent of new Set(files.map((file) => file.agent)))
    if (logFiles(cwd, agent).length === 0) rmSync(join(resolve(cwd, LOGS), `${agent}_latest.json`), { force: true });
}
